/** The page of `npm run dev`: one card, chosen by the address. */

import card from "../src/card";
import { DevModel } from "./kernel";
import { RUNS, type RunName } from "./runs";

const query = new URLSearchParams(location.search);
const name = (query.get("run") ?? "failed") as RunName;
const place = document.getElementById("card") as HTMLElement;
document.body.dataset.jpThemeLight = String(query.get("theme") !== "dark");
place.style.width = `${query.get("width") ?? 960}px`;

const run = (RUNS[name] ?? RUNS.failed)();
const model = await DevModel.of(run, query.get("kernel") ?? "15");
card.render({ model, el: place });

// esbuild sends an event when it has built again.
new EventSource("/esbuild").addEventListener("change", () => location.reload());
