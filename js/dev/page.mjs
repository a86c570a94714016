import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundle } from "../build.mjs";

/**
 * Writes `build/page.html`: the card with made-up runs, without any kernel or server.
 * Choose by address: page.html?run=failed|running|done|pending|unreachable|huge&width=960&theme=dark&kernel=none&tab=tasks
 */

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

const SHELL = (card, host) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Flow run card</title><style>
body{margin:0;padding:16px;background:var(--jp-layout-color0)}
[data-jp-theme-light]{--jp-ui-font-family:-apple-system,BlinkMacSystemFont,"Segoe UI",Helvetica,Arial,sans-serif;--jp-code-font-family:menlo,consolas,"DejaVu Sans Mono",monospace}
[data-jp-theme-light=true]{--jp-layout-color0:#fff;--jp-ui-font-color0:#000;--jp-border-color2:#e0e0e0;--jp-brand-color1:#1976d2;--jp-content-link-color:#0d47a1}
[data-jp-theme-light=false]{--jp-layout-color0:#111;--jp-ui-font-color0:#fff;--jp-border-color2:#424242;--jp-brand-color1:#2196f3;--jp-content-link-color:#64b5f6}
</style></head><body><div id="out"></div>
<script type="module">
const load = async (text) => import(URL.createObjectURL(new Blob([text], {type: "text/javascript"})));
const query = new URLSearchParams(location.search);
const get = (name, otherwise) => query.get(name) ?? otherwise;
document.body.dataset.jpThemeLight = String(get("theme", "light") === "light");
const {default: card} = await load(${card});
const {makeModel} = await load(${host});
const out = document.getElementById("out");
out.style.width = get("width", "960") + "px";
const model = await makeModel(get("run", "failed"), get("kernel", "15"));
window.stop = card.render({model, el: out});
const tab = query.get("tab");
const choose = () => {
  const button = out.querySelector('[role=tab][id$="-' + tab + '"]');
  if (button) button.click(); else setTimeout(choose, 20);
};
if (tab) choose();
</script></body></html>`;

const inScript = (code) => JSON.stringify(code).replaceAll("<", "\\u003c");

await mkdir(at("../build"), { recursive: true });
await bundle(at("../build/card.js"));
const host = await build({
  entryPoints: [at("host.js")],
  bundle: true,
  format: "esm",
  write: false,
  charset: "utf8",
});
const card = await readFile(at("../build/card.js"), "utf8");
await writeFile(
  at("../build/page.html"),
  SHELL(inScript(card), inScript(host.outputFiles[0].text)),
);
console.log(at("../build/page.html"));
