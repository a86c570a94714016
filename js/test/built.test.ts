/** The built script draws a card: `npm run check` builds before it tests, so that this is today's. */

import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type own from "../src/card";
import type ownList from "../src/runs";
import { root, rowsShown, settled, show, text, until } from "./page";
import { rows, runsPayload } from "./run-samples";
import { payload, zipped } from "./samples";
import { WidgetModel } from "./widget-model";

const BUILT = resolve(import.meta.dirname, "../../flowrun_widgets/report/static");
const { default: built }: { default: typeof own } = await import(
  /* @vite-ignore */ `${BUILT}/card.js`
);
const { default: builtList }: { default: typeof ownList } = await import(
  /* @vite-ignore */ `${BUILT}/runs.js`
);

/** A card of the built script in the page. */
async function draw(name: string) {
  const model = new WidgetModel();
  const place = document.createElement("div");
  document.body.append(place);
  await model.put(payload({ header: { name } }));
  const leave = built.render({ model, el: place });
  await until(() => root(place).textContent?.includes(name));
  return { model, place, leave };
}

describe("the built script", () => {
  it("draws the rows of a run", async () => {
    const { model, place, leave } = await draw("built-card");
    const rows = [...root(place).querySelectorAll(".log-rows .line")];
    expect(rows.length).toBeGreaterThan(20);
    expect(rows[0]?.textContent).toBe("112:00:00.000INFOloadmessage 0");
    expect(model.asked.map(({ kind }) => kind)).toContain("hello");
    leave();
    await settled();
    expect([place.innerHTML, model.listeners]).toEqual(["", 0]);
  });

  it("does not meet another version of itself in the same page", async () => {
    const { place, leave } = await draw("built-card");
    await show(payload({ header: { name: "other-version" } }));
    expect([text().includes("other-version"), text().includes("built-card")]).toEqual([
      true,
      false,
    ]);
    expect(rowsShown().length).toBeGreaterThan(20);
    const sheets = [root(place), root()].map((each) => each.adoptedStyleSheets);
    expect(sheets.map((each) => each.length)).toEqual([1, 1]);
    expect(sheets[0]?.[0]).not.toBe(sheets[1]?.[0]);
    expect(document.querySelectorAll("head style:not(.frw-twin)")).toHaveLength(0);
    leave();
    await settled();
    expect(text()).toContain("other-version");
  });
});

describe("the built script of lists", () => {
  it("draws the rows of a list", async () => {
    const model = new WidgetModel();
    const place = document.createElement("div");
    document.body.append(place);
    await model.put(await zipped(runsPayload(rows(0, 3))));
    const leave = builtList.render({ model, el: place });
    await until(() => root(place).textContent?.includes("run-2"));
    expect(root(place).querySelectorAll("[role=rowheader]")).toHaveLength(3);
    leave();
    await settled();
    expect([place.innerHTML, model.listeners]).toEqual(["", 0]);
  });
});
