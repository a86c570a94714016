/** Which keys stay in a card, and which the notebook hears. */

import { describe, expect, it } from "vitest";
import { isOurs } from "../../src/host/keys";
import { el, field, keyEvent, scroller, show } from "../page";
import { payload } from "../samples";

type Held = Parameters<typeof keyEvent>[1];

/** Keys, where they are pressed, and whether they are the card's. */
const CASES: [key: string, held: Held, target: "row" | "field", isOurs: boolean][] = [
  ["x", {}, "row", true],
  ["d", {}, "row", true],
  ["a", {}, "row", true],
  ["b", {}, "row", true],
  ["ArrowDown", {}, "row", true],
  ["Enter", {}, "row", true],
  ["Enter", { shiftKey: true }, "row", false],
  ["Enter", { shiftKey: true }, "field", true],
  ["Enter", { ctrlKey: true }, "row", false],
  ["Enter", { ctrlKey: true }, "field", false],
  ["s", { ctrlKey: true }, "row", false],
  ["s", { metaKey: true }, "field", false],
  ["b", { ctrlKey: true }, "row", false],
  ["C", { ctrlKey: true, shiftKey: true }, "row", false],
  ["F", { ctrlKey: true, shiftKey: true }, "field", false],
  ["Z", { ctrlKey: true, shiftKey: true }, "field", true],
  ["V", { metaKey: true, shiftKey: true }, "field", true],
  ["c", { ctrlKey: true }, "row", true],
  ["a", { ctrlKey: true }, "row", true],
  ["f", { ctrlKey: true }, "row", true],
  ["f", { metaKey: true }, "field", true],
  ["v", { ctrlKey: true }, "field", true],
  ["z", { ctrlKey: true }, "field", true],
  ["Backspace", { ctrlKey: true }, "field", true],
  ["Backspace", { ctrlKey: true }, "row", false],
  ["ArrowLeft", { ctrlKey: true }, "field", true],
  ["ArrowUp", { ctrlKey: true }, "row", false],
  ["Home", { metaKey: true }, "field", true],
  ["l", { altKey: true }, "row", false],
  ["l", { altKey: true }, "field", true],
  ["Tab", {}, "row", false],
  ["Tab", {}, "field", false],
  ["F5", {}, "row", false],
  ["F11", {}, "field", false],
  ["Escape", {}, "field", true],
  ["Enter", { isComposing: true, ctrlKey: true }, "field", true],
  ["Process", { isComposing: true }, "field", true],
];

const TARGETS = {
  row: () => document.createElement("div"),
  field: () => document.createElement("input"),
};

describe("a key", () => {
  it.each(CASES)("%s with %o pressed in a %s is ours: %s", (key, held, where, expected) => {
    expect(isOurs(keyEvent(key, held), TARGETS[where]())).toBe(expected);
  });

  it("with the number 229 belongs to what is composed, whatever its name", () => {
    const event = new KeyboardEvent("keydown", { key: "s", ctrlKey: true, keyCode: 229 });
    expect(isOurs(event, TARGETS.field())).toBe(true);
  });
});

describe("the notebook around a card", () => {
  const heardBy = (target: EventTarget) => {
    const heard: string[] = [];
    const hear = (event: Event) => heard.push((event as KeyboardEvent).key);
    target.addEventListener("keydown", hear);
    return { heard, end: () => target.removeEventListener("keydown", hear) };
  };
  const dispatch = (target: Element, key: string, held?: Held) =>
    target.dispatchEvent(keyEvent(key, held));

  it("hears what is held with Ctrl, and nothing of what is typed", async () => {
    await show(payload());
    const { heard, end } = heardBy(document.body);
    for (const key of ["x", "d", "d", "a", "b"]) dispatch(scroller(), key);
    dispatch(field(), "q");
    expect(heard).toEqual([]);
    dispatch(scroller(), "s", { ctrlKey: true });
    dispatch(scroller(), "Enter", { shiftKey: true });
    dispatch(field(), "s", { metaKey: true });
    expect(heard).toEqual(["s", "Enter", "s"]);
    end();
  });

  it("that hears keys before the card does is told by an attribute to leave them alone", async () => {
    await show(payload());
    const place = el.querySelector(".frw-place") as HTMLElement;
    const seen: boolean[] = [];
    const look = () => seen.push(place.hasAttribute("data-lm-suppress-shortcuts"));
    document.addEventListener("keydown", look, true);
    dispatch(scroller(), "x");
    dispatch(scroller(), "s", { ctrlKey: true });
    expect(seen).toEqual([true, false]);
    document.removeEventListener("keydown", look, true);
  });
});
