/** Lines over time: drawing, pointing and brushing. */

import { beforeEach, describe, expect, it } from "vitest";
import {
  all,
  answerQuery,
  field,
  model,
  one,
  point,
  press,
  settled,
  show,
  words,
  write,
} from "../../page";
import { payload } from "../../samples";
import { second } from "../../task-samples";

const at = Array.from({ length: 11 }, (_, i) => second(i * 60));
const bins = {
  at,
  other: [4, 0, 2, 2, 2, 2, 2, 2, 2, 2],
  warning: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  error: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
};
/** As wide as it is drawn: 960 without the margins. */
const WIDTH = 928;
const xOf = (minute: number) => (minute / 10) * WIDTH;
const svg = () => one(".hist svg") as unknown as SVGSVGElement;
const grip = (name: string) => one(`[role=slider][aria-label=${name}]`) as HTMLElement;

beforeEach(async () => {
  await show(payload({ total: 5000 }));
  await answerQuery(5000, { bins });
});

async function drag(target: EventTarget, from: number, to: number): Promise<void> {
  await point(target, "pointerdown", { clientX: xOf(from), button: 0 });
  await point(target, "pointermove", { clientX: xOf(to) });
  target.dispatchEvent(new Event("lostpointercapture"));
  await settled();
}

describe("the histogram", () => {
  it("draws each kind of lines, and names its time", () => {
    const bars = (kind: string) =>
      all(`.hist path[class^=bars-${kind}]`)[1]?.getAttribute("d") ?? "";
    expect(bars("other").match(/M/g)).toHaveLength(9);
    // Five lines are as high as can be: four others, and the warning above them.
    expect(bars("other")).toMatch(/^M0\.0 12\.8h91\.8v27\.2h-91\.8zM185\.6 26\.4h91\.8v13\.6/);
    expect(bars("warning")).toBe("M0.0 6.0h91.8v6.8h-91.8z");
    expect(one(".hist .edge")).toBeNull();
    expect(bars("warning").match(/M/g)).toHaveLength(1);
    expect(bars("error").match(/M/g)).toHaveLength(1);
    expect(svg().getAttribute("aria-label")).toBe("Lines over time, 12:00:00 to 12:10:00 UTC");
  });

  it("is left out where nothing was counted", async () => {
    await answerQuery(5000);
    await write("level:error");
    await answerQuery(0, { bins: { at: [0], other: [], warning: [], error: [] } });
    expect(one(".hist svg")).toBeNull();
  });

  it("says of the step under the pointer how many lines it has", async () => {
    await point(svg(), "pointermove", { clientX: xOf(0.5) });
    expect(words(".hist-hint")).toBe("12:00:00 UTC: 5 lines, 1 warning");
    await point(svg(), "pointermove", { clientX: xOf(9.5) });
    expect(words(".hist-hint")).toBe("12:09:00 UTC: 3 lines, 1 error");
    await point(svg(), "pointerleave");
    expect(one(".hist-hint")).toBeNull();
  });
});

describe("a brush", () => {
  it("writes its time into the filter, no finer than a pixel", async () => {
    await drag(svg(), 2.003, 5);
    expect(field().value).toBe("time:2026-11-21T12:02:00.2Z..12:05Z");
    expect([grip("From"), grip("To")].map((each) => each.getAttribute("aria-valuetext"))).toEqual([
      "12:02:00",
      "12:05:00",
    ]);
  });

  it("is drawn before it is let go, and written only then", async () => {
    await point(svg(), "pointerdown", { clientX: xOf(2), button: 0 });
    await point(svg(), "pointermove", { clientX: xOf(4) });
    expect([field().value, one(".brush")?.getAttribute("width")]).toEqual(["", `${xOf(2)}`]);
  });

  it("is moved at one of its ends", async () => {
    await drag(svg(), 2, 5);
    await drag(svg(), 5, 7);
    expect(field().value).toBe("time:2026-11-21T12:02Z..12:07Z");
    await drag(grip("From"), 2, 3);
    expect(field().value).toBe("time:2026-11-21T12:03Z..12:07Z");
  });

  it("is taken away by a click", async () => {
    await write("level:error");
    await drag(svg(), 2, 5);
    await drag(svg(), 8, 8);
    expect(field().value).toBe("level:error");
  });

  it("is a few pixels wide at least, and a click below that", async () => {
    const pixels = (n: number) => (10 * n) / WIDTH;
    await drag(svg(), 2, 2 + pixels(4));
    expect(field().value).not.toBe("");
    await drag(svg(), 8, 8 + pixels(2));
    expect(field().value).toBe("");
  });

  it("does not begin with another button", async () => {
    await point(svg(), "pointerdown", { clientX: xOf(2), button: 2 });
    await point(svg(), "pointermove", { clientX: xOf(4) });
    expect(one(".brush")).toBeNull();
  });

  it("is moved by keys, step by step, and never past its other end", async () => {
    await press(grip("From"), "ArrowRight");
    expect(field().value).toBe("time:2026-11-21T12:01Z..");
    await press(grip("To"), "Home");
    expect(field().value).toBe("time:2026-11-21T12:01Z..12:02Z");
    await press(grip("To"), "ArrowRight", { shiftKey: true });
    expect(field().value).toBe("time:2026-11-21T12:01Z..12:10Z");
    await press(grip("From"), "End");
    expect(field().value).toBe("time:2026-11-21T12:09Z..12:10Z");
  });

  it("leads to its first line by Enter, and to a time by a double click", async () => {
    await drag(svg(), 2, 5);
    await press(grip("From"), "Enter");
    expect(model.newest("find")).toMatchObject({ what: "time", at: second(120) });
    await point(svg(), "pointermove", { clientX: xOf(7) });
    svg().dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    expect(model.newest("find")).toMatchObject({ what: "time", at: second(420) });
  });
});

describe("idle stretches", () => {
  it("are folded, hatched, and named by their length", async () => {
    await show(payload({ total: 5000, more: { idle: [[second(60), second(540)]] } }));
    await answerQuery(5000, { bins });
    expect(all(".hist svg > rect")).toHaveLength(1);
    expect(all(".hist text").map((label) => label.textContent)).toContain("8\u202fmin");
  });
});
