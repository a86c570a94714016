/** How the tests are run. */

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { defineConfig, type Plugin } from "vitest/config";

/** Styles are imported as text, as in `build.mjs`; under a name that Vite does not take for its own styles. */
const styles: Plugin = {
  name: "styles",
  enforce: "pre",
  resolveId(source, importer) {
    if (importer && source.endsWith(".css")) return `${resolve(dirname(importer), source)}.js`;
  },
  async load(id) {
    if (id.endsWith(".css.js"))
      return `export default ${JSON.stringify(await readFile(id.slice(0, -3), "utf8"))}`;
  },
};

export default defineConfig({
  plugins: [styles],
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    css: false,
    coverage: { provider: "v8", include: ["src/**/*.{ts,tsx}"], reporter: ["text"] },
  },
});
