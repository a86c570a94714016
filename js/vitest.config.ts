import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const render = fileURLToPath(new URL("src/render.ts", import.meta.url));

export default defineConfig({
  esbuild: {
    jsx: "transform",
    jsxFactory: "h",
    jsxFragment: "Fragment",
    jsxInject: 'import { Fragment, h } from "preact";',
  },
  resolve: {
    alias: [{ find: /^preact(\/hooks)?$/, replacement: render }],
  },
  test: { include: ["test/**/*.test.{js,ts,tsx}"], environment: "node", css: false },
});
