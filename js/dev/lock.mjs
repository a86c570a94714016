/**
 * Adds missing platform packages to the lock file by name. Run after `npm install` with a registry that lacks the
 * packages of some platforms: npm leaves them out of the lock file, and `npm ci` then refuses it everywhere.
 */

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const PATH = fileURLToPath(new URL("../package-lock.json", import.meta.url));
/** @type {Record<string, string>} */
const RANGES = { "~2.3.2": "2.3.3", "~2.3.3": "2.3.3" };
/** @type {Record<string, string>} */
const LIBC = { musl: "musl", musleabihf: "musl", gnu: "glibc", gnueabihf: "glibc" };

/**
 * @param {string} name
 * @param {string} range
 * @param {{ dev?: boolean, license?: string }} parent
 */
function entryOf(name, range, parent) {
  const words = name.split("/").at(-1)?.split("-") ?? [];
  const at = words.findIndex((word) =>
    /^(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)$/.test(word),
  );
  const libc = LIBC[words.at(-1) ?? ""];
  return {
    version: RANGES[range] ?? range,
    ...(at >= 0 && words[at + 1] ? { cpu: [words[at + 1]] } : {}),
    ...(parent.dev ? { dev: true } : {}),
    ...(libc ? { libc: [libc] } : {}),
    license: parent.license,
    optional: true,
    os: [at >= 0 ? words[at] : "darwin"],
  };
}

const lock = JSON.parse(await readFile(PATH, "utf8"));
const { packages } = lock;
let added = 0;
for (const [place, parent] of Object.entries(packages)) {
  for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
    /** @param {string} folder */
    const isThere = (folder) => packages[`${folder}node_modules/${name}`] !== undefined;
    const siblings = Object.keys(parent.optionalDependencies);
    const isNested = siblings.some((other) => packages[`${place}/node_modules/${other}`]);
    if (isThere(`${place}/`) || (!isNested && isThere(""))) continue;
    packages[`${isNested ? `${place}/` : ""}node_modules/${name}`] = entryOf(name, range, parent);
    added += 1;
  }
}
lock.packages = Object.fromEntries(
  Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en")),
);
await writeFile(PATH, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} packages of other platforms added`);
