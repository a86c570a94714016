import { describe, expect, it } from "vitest";
import { linesHonesty } from "../src/core/honesty";
import {
  type Held,
  heightOf,
  heldAnew,
  isHeld,
  itemAt,
  needMicroseconds,
  placeOf,
  withWindow,
} from "../src/core/items";
import { openingLine, openingTab } from "../src/core/opening";
import { keptOf, payloadOf } from "../src/core/payload";
import type { Gap, Retry } from "../src/core/wire";
import { failed, line, lines, look, payload, window, zipped } from "./sample";
import { row } from "./task-rows";

const LOOK = look();
const NONE: Held = {
  look: LOOK,
  snapshot: -1,
  total: 0,
  items: new Map(),
  old: new Map(),
  isLocal: false,
};
const some = (start: number, count: number) => window(start, lines(start, count));

describe("the items that the page holds", () => {
  it("are those of the window that came with the card and of every answer", () => {
    const held = withWindow(withWindow(heldAnew(NONE, LOOK, 1, 1e6), some(0, 50)), some(200, 50));
    expect(isHeld(held, { first: 10, end: 50 })).toBe(true);
    expect(isHeld(held, { first: 200, end: 250 })).toBe(true);
    expect(isHeld(held, { first: 40, end: 60 })).toBe(false);
    expect(itemAt(held, 220)?.[0]).toBe(220);
    expect(placeOf(held, 220)).toBe(220);
  });
  it("of the snapshot before are shown, but asked for again", () => {
    const before = withWindow(heldAnew(NONE, LOOK, 1, 60), some(0, 50));
    const held = withWindow(heldAnew(before, LOOK, 2, 110), some(100, 10));
    expect(itemAt(held, 20)?.[0]).toBe(20);
    expect(isHeld(held, { first: 20, end: 30 })).toBe(false);
  });
  it("of another look are not mixed with those of this one", () => {
    const before = withWindow(heldAnew(NONE, LOOK, 1, 60), some(0, 50));
    expect(itemAt(heldAnew(before, look({ text: "x" }), 1, 3), 1)).toBeUndefined();
  });
  it("stay bounded, nearest ones kept", () => {
    let held = withWindow(heldAnew(NONE, LOOK, 1, 1e6), some(0, 100));
    for (let start = 0; start < 20_000; start += 100) held = withWindow(held, some(start, 100));
    expect(held.items.size).toBeLessThanOrEqual(4000);
    expect(itemAt(held, 19_999)).toBeDefined();
    expect(itemAt(held, 0)).toBeUndefined();
  });
  it("are as high as they are drawn", () => {
    const gap: Gap = [null, 609, 5, 613];
    const retry: Retry = ["retry", "load", 2, 3, 60];
    expect([undefined, line(0), gap, retry].map(heightOf)).toEqual([20, 20, 24, 24]);
  });
  it("show microseconds only where neighbours would read the same", () => {
    const rows = [
      line(0, "a", { at: 1000 }),
      line(1, "b", { at: 1006 }),
      line(2, "c", { at: 2000 }),
      line(3, "d", { at: 2000 }),
    ];
    const held = withWindow(heldAnew(NONE, LOOK, 1, 4), window(0, rows));
    expect([...needMicroseconds(held, { first: 0, end: 4 })]).toEqual([0, 1]);
  });
});

describe("a card opens", () => {
  it("a failed run on its first error", () => {
    const data = payload({ total: 500, header: { state: failed } });
    if (data.logs) data.logs.first_error = 321;
    expect([openingTab(data), openingLine(data)]).toEqual(["logs", { seq: null, position: 321 }]);
  });
  it("a running one at the tail", () => {
    expect(
      openingLine(
        payload({
          total: 500,
          header: { is_finished: false, state: { ...failed, family: "running" } },
        }),
      ),
    ).toBe("tail");
  });
  it("a good one on its task runs only if they have something to say", () => {
    expect(openingTab(payload())).toBe("logs");
    expect(openingTab(payload({ tasks: [row("a", { attempts: 2 })] }))).toBe("tasks");
  });
});

describe("the honesty line", () => {
  it("says that counts are lower bounds while lines are being read", () => {
    const data = payload({ total: 41_200 });
    if (data.logs) data.logs.is_complete = false;
    expect(linesHonesty(data.header, data.logs).figures).toBe("≥ 41\u202f200 lines");
  });
  it("says how the run stands", () => {
    const data = payload({ total: 60 });
    expect(linesHonesty(data.header, data.logs)).toEqual({
      figures: "60 of 60 lines",
      rest: ", run finished",
    });
    expect(linesHonesty({ ...data.header, is_finished: false }, data.logs).rest).toBe(
      ", run still going",
    );
  });
});

describe("what came with the card", () => {
  it("is read back as it was sent, whatever characters it holds", async () => {
    const data = payload({ rows: [line(0, "</script><!--<script> \u202e \u0000 é 🦩")] });
    expect(await payloadOf(await zipped(data))).toEqual(data);
  });
  it("is nothing yet while the trait is empty", async () => {
    expect(await payloadOf(new DataView(new ArrayBuffer(0)))).toBeNull();
    expect(await payloadOf(undefined)).toBeNull();
  });
  it.each([
    ["no gzip", new DataView(new TextEncoder().encode("{}").buffer), "damaged"],
    ["no JSON", zipped("{"), "damaged"],
    ["a list", zipped([]), "damaged"],
    ["another version", zipped({ format: 1 }), "another version"],
    ["a part missing", zipped({ ...payload(), header: {} }), "damaged"],
  ])("is refused in words if it is %s", async (_name, view, words) => {
    await expect(payloadOf(await view)).rejects.toThrow(words);
  });
  it("may say what the reader made of the run", () => {
    const view = (text: string) => new DataView(new TextEncoder().encode(text).buffer);
    const kept = { text: "reset", turn: 3, pins: [] };
    expect(keptOf(view(JSON.stringify(kept)))).toEqual(kept);
    for (const bad of ["", "{", "[]", "{}", '{"text":1,"pins":[]}'])
      expect(keptOf(view(bad))).toBeNull();
  });
});
