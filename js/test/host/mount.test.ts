/** A card in an element of the page that comes and goes. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import card from "../../src/card";
import {
  answerQuery,
  el,
  messageAt,
  model,
  observers,
  one,
  pass,
  press,
  put,
  resize,
  root,
  scroller,
  settled,
  show,
  stop,
  text,
  until,
  write,
} from "../page";
import { lines, payload } from "../samples";

/** The listeners that were added to the page itself and not yet removed. */
const listeners = new Set<string>();
const name = (target: object, kind: string) =>
  `${target === window ? "window" : target === document ? "document" : "element"} ${kind}`;

beforeEach(() => {
  listeners.clear();
  for (const target of [window, document]) {
    const { addEventListener: add, removeEventListener: remove } = target;
    vi.spyOn(target, "addEventListener").mockImplementation((kind: string, ...rest: unknown[]) => {
      listeners.add(name(target, kind));
      add.call(target, kind, ...(rest as [() => void]));
    });
    vi.spyOn(target, "removeEventListener").mockImplementation(
      (kind: string, ...rest: unknown[]) => {
        listeners.delete(name(target, kind));
        remove.call(target, kind, ...(rest as [() => void]));
      },
    );
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("a card that is taken away", () => {
  it("leaves no node, listener, observer or timer", async () => {
    await show(payload());
    expect(listeners).toEqual(new Set(["window keydown", "document visibilitychange"]));
    stop();
    await settled();
    expect([...listeners, el.innerHTML, observers(), vi.getTimerCount()]).toEqual(["", 0, 0]);
  });
});

describe("a card whose element is taken out of the page", () => {
  const remove = async () => {
    el.remove();
    await resize();
    await pass(500);
  };

  it("leaves no row, listener or timer in the page, and only asks to be told when it comes back", async () => {
    await show(payload());
    const place = root();
    await remove();
    expect(place.innerHTML).toBe("");
    expect(listeners).toEqual(new Set(["document visibilitychange"]));
    expect(observers()).toBe(2);
    // Whether there is a kernel is known after a while.
    await pass(5000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("comes back with what it was told meanwhile when the element is put back", async () => {
    await show(payload());
    await write("level:info");
    await remove();
    await model.put(
      payload({ snapshot: 2, total: 61, rows: lines(0, 61), header: { name: "later" } }),
    );
    document.body.append(el);
    await resize();
    await until(() => text().includes("later"));
    expect((one("[data-part=filter]") as HTMLInputElement).value).toBe("level:info");
    await press(scroller(), "?");
    expect(one(".key-list")).not.toBeNull();
    expect(listeners).toContain("window keydown");
  });

  it("is asked for no more when it is taken away at last", async () => {
    await show(payload());
    await remove();
    stop();
    expect([model.listeners, observers(), listeners.size, el.innerHTML]).toEqual([0, 0, 0, ""]);
  });
});

describe("the width of a card", () => {
  it("is that of its element, and nothing while that is hidden", async () => {
    await show(payload());
    const width = vi.spyOn(el, "clientWidth", "get");
    const axis = () => one(".hist svg")?.getAttribute("viewBox");
    width.mockReturnValue(640);
    await resize();
    const bins = { at: [0, 1e6, 2e6], other: [1, 1], warning: [0, 0], error: [0, 0] };
    await answerQuery(2, { bins });
    expect(axis()).toBe("0 0 608 56");
    width.mockReturnValue(0);
    await resize();
    expect(axis()).toBe("0 0 608 56");
  });
});

describe("how long ago something was", () => {
  it("is brought up to date once a minute", async () => {
    await show(payload());
    expect(text()).toContain("just now");
    await pass(50_000);
    expect(text()).toContain("just now");
    await pass(12_000);
    expect(text()).toContain("1\u202fmin ago");
  });
});

describe("two cards in one page", () => {
  it("have a shadow root each, with one sheet for both, and no style in the page but for its own element", async () => {
    await show(payload());
    const other = document.createElement("div");
    document.body.append(other);
    const end = card.render({ model, el: other });
    const sheets = [el, other].map((place) => root(place).adoptedStyleSheets);
    expect(sheets[0]).toHaveLength(1);
    expect(sheets[0]?.[0]).toBe(sheets[1]?.[0]);
    expect(document.querySelectorAll("style:not(.frw-twin, .frw-share)")).toHaveLength(0);
    for (const style of document.querySelectorAll(".frw-share"))
      expect(style.textContent).toMatch(/^\.frw-live\{[^{}]*\}\.cell-output-[^{}]+\{[^{}]*\}$/);
    end();
  });

  it("go on alone when the other is gone", async () => {
    await show(payload());
    const other = document.createElement("div");
    document.body.append(other);
    card.render({ model, el: other })();
    await put(payload({ snapshot: 2, header: { name: "later" } }), () => text().includes("later"));
    expect(messageAt(1)).toContain("message 0");
  });
});
