/** How the tests are run. */

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { defineConfig, type Plugin } from "vitest/config";

/** Styles are imported as text, as in `build.mjs`; under a name that Vite does not take for its own styles. */
const styles: Plugin = {
  name: "styles",
  enforce: "pre",
  resolveId: (source, importer) =>
    importer && source.endsWith(".css") ? `${resolve(dirname(importer), source)}.js` : null,
  load: async (id) =>
    id.endsWith(".css.js")
      ? `export default ${JSON.stringify(await readFile(id.slice(0, -3), "utf8"))}`
      : null,
};

export default defineConfig({
  plugins: [styles],
  server: { fs: { allow: [".."] } },
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  test: {
    css: false,
    testTimeout: 20_000,
    coverage: { provider: "v8", include: ["src/**/*.{ts,tsx}"], reporter: ["text"] },
    projects: [
      {
        extends: true,
        test: {
          name: "plain",
          include: ["test/{engine,format,protocol,query,sources,state}/**/*.test.ts"],
          // These leave nothing behind, so they need no process each.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "page",
          include: ["test/{host,view}/**/*.test.ts", "test/built.test.ts"],
          environment: "happy-dom",
        },
      },
    ],
  },
});
