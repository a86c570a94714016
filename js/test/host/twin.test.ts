/** The static twin of a card: hidden while the card is there, and of when it is. */

import { afterEach, describe, expect, it } from "vitest";
import { hideTwin } from "../../src/host/twin";
import { model, open, pass, prepare, put, show, text, until } from "../page";
import { payload } from "../samples";

const styles = () => [...document.querySelectorAll("style.frw-twin")].map((one) => one.textContent);

function twinSaying(time: string, snapshot: number): HTMLElement {
  const twin = document.createElement("div");
  twin.className = "frw-fallback frw-twin-1";
  twin.innerHTML = `<span class="frw-s${snapshot}">${time}</span>`;
  document.body.append(twin);
  return twin;
}

afterEach(() => {
  document.head.replaceChildren();
});

describe("a twin", () => {
  it("is hidden by its class, in the cell of its card or where there are no cells", () => {
    const twin = hideTwin(document.createElement("div"), "frw-twin-1");
    expect(styles()).toEqual([
      "@media screen{.jp-Cell:has(.frw-live) .frw-twin-1,.frw-twin-1:not(.jp-Cell *){display:none!important}}@media print{:root:has(.frw-twin-1) .frw-of-frw-twin-1{display:none!important}}",
    ]);
    twin.end();
    expect(styles()).toEqual([]);
  });

  it.each([null, undefined, "", "x}body{display:none", "1x"])("is not hidden as %o", (name) => {
    hideTwin(document.createElement("div"), name);
    expect(styles()).toEqual([]);
  });

  it("says when it was made if that was for another snapshot", () => {
    const element = document.createElement("div");
    twinSaying("09:41:20 UTC", 1);
    const twin = hideTwin(element, "frw-twin-1");
    expect([twin.savedAt(1), twin.savedAt(2)]).toEqual(["", "09:41:20 UTC"]);
  });

  it("of another cell is not looked at", () => {
    const [cell, element] = [document.createElement("div"), document.createElement("div")];
    cell.className = "jp-Cell";
    cell.append(element);
    document.body.append(cell);
    twinSaying("09:41:20 UTC", 1);
    expect(hideTwin(element, "frw-twin-1").savedAt(2)).toBe("");
  });
});

describe("the footer", () => {
  it("says of when the saved copy is while its twin is of another snapshot", async () => {
    prepare();
    const twin = twinSaying("09:41:20 UTC", 1);
    await model.put(payload());
    open();
    await until(() => text().includes("amber-heron"));
    await pass(1000);
    expect(text()).not.toContain("Saved copy");
    await put(payload({ snapshot: 2, header: { name: "later" } }), () => text().includes("later"));
    await pass(1000);
    expect(text()).toContain("Saved copy: 09:41:20 UTC");
    twin.innerHTML = '<span class="frw-s2">09:43:12 UTC</span>';
    await pass(1000);
    expect(text()).not.toContain("Saved copy");
  });

  it("waits a minute for the twin of a run that is followed", async () => {
    await show(payload({ snapshot: 9, more: { is_following: true } }));
    const twin = twinSaying("", 1);
    for (const time of ["09:41:20 UTC", "09:41:50 UTC", "09:42:20 UTC"]) {
      twin.innerHTML = `<span class="frw-s1">${time}</span>`;
      await pass(30_000);
      expect(text()).not.toContain("Saved copy");
    }
    await pass(61_000);
    expect(text()).toContain("Saved copy: 09:42:20 UTC");
  });
});
