/** `npm run dev`: serves a page with cards of made-up runs, and rebuilds it whenever a source file changes. */

import { context } from "esbuild";
import { options } from "../build.mjs";

const dev = await context({
  ...options,
  entryPoints: ["dev/main.ts"],
  outfile: "dev/main.js",
  write: false,
  sourcemap: true,
});
await dev.watch();
const { hosts, port } = await dev.serve({ servedir: "dev", port: 5180, host: "127.0.0.1" });
console.log(`http://${hosts[0]}:${port}/?run=failed&theme=light&width=960`);
console.log("run: failed, running, done, pending, huge · theme: light, dark · kernel: ms, or none");
