/** The static twin of a card: hidden while the card is there, and of when it is. */

import { afterEach, describe, expect, it } from "vitest";
import { hideTwin } from "../../src/host/twin";
import { model, open, pass, prepare, put, show, text, until } from "../page";
import { payload } from "../samples";

const styles = () => [...document.querySelectorAll("style.frw-twin")].map((one) => one.textContent);

const output = () => inside(document.body);

function inside(place: ParentNode): HTMLElement {
  const made = document.createElement("div");
  place.append(made);
  return made;
}

/** Whether a style of its page or shadow root hides an element. */
function hidden(element: Element): boolean {
  const root = element.getRootNode() as Document | ShadowRoot;
  const rules = [...root.querySelectorAll("style.frw-twin")].map((one) => one.textContent ?? "");
  return rules.some((rule) => element.matches(rule.split("{")[1] ?? ""));
}

function twinSaying(
  time: string,
  snapshot: number,
  place: ParentNode = document.body,
): HTMLElement {
  const twin = document.createElement("div");
  twin.className = "frw-fallback frw-twin-1";
  twin.innerHTML = `<span class="frw-s${snapshot}">${time}</span>`;
  place.append(twin);
  return twin;
}

afterEach(() => {
  document.head.replaceChildren();
  for (const one of document.querySelectorAll(".frw-twin-1")) one.remove();
});

describe("a twin", () => {
  it("is hidden where it stands beside its card, and no other of its class is", () => {
    const own = output();
    const [beside, other] = [twinSaying("", 1, own), twinSaying("", 1, output())];
    const view = hideTwin(inside(own), "frw-twin-1");
    expect([hidden(beside), hidden(other)]).toEqual([true, false]);
    view.end();
    expect([hidden(beside), styles()]).toEqual([false, []]);
  });

  it("stays hidden as long as one of two views beside it is there", () => {
    const own = output();
    const beside = twinSaying("", 1, own);
    const [one, two] = [hideTwin(inside(own), "frw-twin-1"), hideTwin(inside(own), "frw-twin-1")];
    one.end();
    expect(hidden(beside)).toBe(true);
    two.end();
    expect(hidden(beside)).toBe(false);
  });

  it("is hidden in all of the card's own cell, and in no other", () => {
    const [own, another] = [output(), output()];
    for (const cell of [own, another]) cell.className = "jp-Cell";
    const outer = twinSaying("", 1, own);
    const within = inside(own);
    const inner = twinSaying("", 1, within);
    const other = twinSaying("", 1, another);
    const view = hideTwin(inside(within), "frw-twin-1");
    expect([outer, inner, other].map(hidden)).toEqual([true, true, false]);
    view.end();
    expect([outer, inner].map(hidden)).toEqual([false, false]);
  });

  it("is found from within a shadow root, and in one", () => {
    const own = output();
    const beside = twinSaying("", 1, own);
    const view = hideTwin(inside(inside(own).attachShadow({ mode: "open" })), "frw-twin-1");
    expect(hidden(beside)).toBe(true);
    view.end();
    const root = inside(own).attachShadow({ mode: "open" });
    const inner = document.createElement("div");
    root.append(inner);
    const within = twinSaying("", 1, inner);
    hideTwin(inside(inner), "frw-twin-1");
    expect([hidden(within), hidden(beside)]).toEqual([true, false]);
  });

  it.each([null, undefined, "", "x}body{display:none", "1x"])("is not hidden as %o", (name) => {
    const own = output();
    twinSaying("", 1, own);
    hideTwin(inside(own), name);
    expect(styles()).toEqual([]);
  });

  it("says when it was made if that was for another snapshot", () => {
    const own = output();
    twinSaying("09:41:20 UTC", 1, own);
    const twin = hideTwin(inside(own), "frw-twin-1");
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
