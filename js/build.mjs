/** Builds the scripts of the card, of lists of runs and of the exported page, and prints their sizes. */

import { readFile, rename } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

/** @param {string} path */
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
/** The largest allowed sizes of the scripts that notebooks store, compressed; see `docs/decisions/front-end.md`. */
const LIMITS = { "card.js": 76_000, "runs.js": 40_000 };
const STATIC = "../flowrun_widgets/report/static/";

/**
 * Imports style sheets as text, for the card's shadow root.
 * @type {import("esbuild").Plugin}
 */
const styles = {
  name: "styles",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const { code } = await transform(text, { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** @type {import("esbuild").BuildOptions} */
export const options = {
  absWorkingDir: at("."),
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  plugins: [styles],
};

/**
 * Builds one script; returns its size, as it is and compressed, and the sizes of its inputs.
 * The file is replaced at once: a reader sees either the old script or the new one, complete.
 * @param {string} entry
 * @param {string} outfile
 */
async function script(entry, outfile) {
  const unfinished = `${outfile}.new`;
  const result = await build({
    ...options,
    entryPoints: [entry],
    outfile: unfinished,
    minify: true,
    metafile: true,
  });
  await rename(unfinished, outfile);
  const code = await readFile(outfile);
  const [output] = Object.values(result.metafile?.outputs ?? {});
  const parts = Object.entries(output?.inputs ?? {}).map(
    ([path, { bytesInOutput }]) => /** @type {const} */ ([bytesInOutput, path]),
  );
  return { bytes: code.length, zipped: gzipSync(code, { level: 9 }).length, parts };
}

/** @param {number} n */
const kB = (n) => `${(n / 1000).toFixed(1)} kB`;

async function main() {
  const isStrict = process.argv.includes("--strict");
  for (const [name, limit] of Object.entries({ ...LIMITS, "page.js": Infinity })) {
    const built = await script(`src/${name.replace(".js", ".ts")}`, at(STATIC + name));
    const most = limit < Infinity ? ` of at most ${kB(limit)}` : "";
    console.log(`${name}: ${kB(built.bytes)}, ${kB(built.zipped)} gzipped${most}`);
    if (process.argv.includes("--files"))
      for (const [size, path] of built.parts.sort(([a], [b]) => b - a)) console.log(size, path);
    if (built.zipped > limit && isStrict) process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
