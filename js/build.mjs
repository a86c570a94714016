import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { minify } from "terser";
import { ownNames, ownProperties } from "./names.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const LIMIT = 100_000;

/** Styles travel inside the bundle, as text, in which `src/styles.ts` writes out what stands there most often. */
const styles = {
  name: "styles",
  async setup({ onLoad }) {
    const properties = await ownProperties();
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), {
        loader: "css",
        minify: true,
      });
      const contents = code
        .trim()
        .replace(/(?<=[,(:]) | (?=\))| (?=\/)|(?<=\/) /g, "")
        .replace(/--[\w-]+/g, (name) => properties.get(name) ?? name)
        .replace(/var\(--(\w)\)/g, "$$$1")
        .replaceAll("color-mix(in srgb,", "@(");
      return { contents, loader: "text" };
    });
  },
};

/** Functions as constants, which are shorter: each begins and ends at the edge of its file. */
const asConstants = (code) =>
  code.replace(
    /^((?:export )?)((?:async )?)function (\w+)(?:<([\w ]+)>)?(\((?!this)[\s\S]*?(?:^|\))(?:: [^\n]+)?) \{$([\s\S]*?^\})$/gm,
    (_, exported, async, name, of, head, body) =>
      `${exported}const ${name} = ${async}${of ? `<${of},>` : ""}${head} => {${body};`,
  );

const JSX = { jsx: "transform", jsxFactory: "h", jsxFragment: "Fragment", target: "esnext" };
/** What is drawn without attributes. */
const BARE = /\bh\(([\w".]+), null/g;

/** What our sources say at more length than a browser needs. */
const implied = {
  name: "implied",
  setup({ onLoad }) {
    onLoad({ filter: /\.tsx?$/ }, async ({ path }) => {
      const code = await readFile(path, "utf8");
      // The renderer makes every button one that submits nothing, and what has no key is known by its place.
      const bare = code.replace(/(?<=<button[^>]*)\s+type="button"|\s+key=\{i\}/g, "");
      // What is compared with a literal is of its type: TypeScript sees to it.
      const short = bare.replace(/(?<= [=!]=)=(?= (?:"|-?\d))/g, "");
      if (!path.endsWith("x")) return { contents: asConstants(short), loader: "ts" };
      const { code: plain } = await transform(asConstants(short), { ...JSX, loader: "tsx" });
      return {
        contents: plain.replace(/\bh\(Fragment, null, /g, "list(").replace(BARE, "h($1, 0"),
      };
    });
  },
};

const built = (name) => at(`../flowrun_widgets/card/static/${name}.js`);

export async function bundle(outfile = built("card"), entry = "src/card.ts") {
  const { metafile } = await build({
    absWorkingDir: at("."),
    entryPoints: [entry],
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
    legalComments: "none",
    plugins: [styles, implied],
    metafile: true,
  });
  // What esbuild leaves: calls that can stand in line, and constants that are used once.
  const { code: text } = await minify(await readFile(outfile, "utf8"), {
    ecma: 2020,
    module: true,
    compress: { keep_fargs: false, passes: 3, pure_getters: true, unsafe: true },
  });
  await writeFile(outfile, text);
  const code = Buffer.from(text);
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
  const page = await bundle(built("page"), "src/page.ts");
  console.log(`page.js: ${kB(page.bytes)}, ${kB(page.zipped)} gzipped`);
  if (bytes > LIMIT && process.argv.includes("--strict")) process.exitCode = 1;
}
