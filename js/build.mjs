import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { ownNames } from "./names.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const LIMIT = 100_000;

/** Styles travel inside the bundle, as text. */
const styles = {
  name: "styles",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), {
        loader: "css",
        minify: true,
      });
      const contents = code.trim().replace(/(?<=[,(:]) | (?=\))| (?=\/)|(?<=\/) /g, "");
      return { contents, loader: "text" };
    });
  },
};

/** What the renderer does by itself. */
const implied = {
  name: "implied",
  setup({ onLoad }) {
    onLoad({ filter: /\.tsx$/ }, async ({ path }) => {
      const code = await readFile(path, "utf8");
      return { contents: code.replace(/(?<=<button[^>]*)\s+type="button"/g, ""), loader: "tsx" };
    });
  },
};

export async function bundle(outfile = at("../flowrun_widgets/card/static/card.js")) {
  const { metafile } = await build({
    absWorkingDir: at("."),
    entryPoints: ["src/card.ts"],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    minify: true,
    mangleProps: await ownNames(),
    mangleQuoted: true,
    inject: ["src/jsx.ts"],
    alias: { preact: at("src/render.ts"), "preact/hooks": at("src/render.ts") },
    tsconfigRaw: {
      compilerOptions: { jsx: "react", jsxFactory: "h", jsxFragmentFactory: "Fragment" },
    },
    legalComments: "none",
    plugins: [styles, implied],
    metafile: true,
  });
  const code = await readFile(outfile);
  const [{ inputs }] = Object.values(metafile.outputs);
  return { bytes: code.length, zipped: gzipSync(code, { level: 9 }).length, inputs };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { bytes, zipped, inputs } = await bundle();
  const kB = (n) => `${(n / 1000).toFixed(1)} kB`;
  console.log(`card.js: ${kB(bytes)} of at most ${kB(LIMIT)}, ${kB(zipped)} gzipped`);
  if (process.argv.includes("--files")) {
    const sizes = Object.entries(inputs).map(([path, { bytesInOutput }]) => [bytesInOutput, path]);
    for (const [size, path] of sizes.sort(([a], [b]) => b - a)) console.log(size, path);
  }
  if (bytes > LIMIT && process.argv.includes("--strict")) process.exitCode = 1;
}
