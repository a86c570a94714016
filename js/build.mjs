import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

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
      return { contents: code.trim(), loader: "text" };
    });
  },
};

export async function bundle(outfile = at("../flowrun_widgets/card/static/card.js")) {
  await build({
    absWorkingDir: at("."),
    entryPoints: ["src/card.ts"],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    minify: true,
    inject: ["src/jsx.ts"],
    tsconfigRaw: {
      compilerOptions: { jsx: "react", jsxFactory: "h", jsxFragmentFactory: "Fragment" },
    },
    legalComments: "none",
    plugins: [styles],
  });
  const code = await readFile(outfile);
  return { bytes: code.length, zipped: gzipSync(code, { level: 9 }).length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { bytes, zipped } = await bundle();
  const kB = (n) => `${(n / 1000).toFixed(1)} kB`;
  console.log(`card.js: ${kB(bytes)} of at most ${kB(LIMIT)}, ${kB(zipped)} gzipped`);
  if (bytes > LIMIT && process.argv.includes("--strict")) process.exitCode = 1;
}
