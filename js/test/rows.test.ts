import { describe, expect, it } from "vitest";
import { linesHonesty } from "../src/core/honesty";
import { openingRow, openingTab } from "../src/core/opening";
import { payloadOf } from "../src/core/payload";
import {
  isHeld,
  NO_ROWS,
  needMicroseconds,
  rowAt,
  withSnapshot,
  withWindow,
} from "../src/core/rows";
import { failed, line, lines, payload, task, zipped } from "./sample";

const window = (start: number, count: number, total = 1e6) => ({
  start,
  rows: lines(start, count),
  total,
});

describe("the rows that the page holds", () => {
  it("are those of the window that came with the card and of every answer", () => {
    const held = withWindow(withSnapshot(NO_ROWS, 1, window(0, 50)), window(200, 50));
    expect(isHeld(held, { first: 10, end: 50 })).toBe(true);
    expect(isHeld(held, { first: 200, end: 250 })).toBe(true);
    expect(isHeld(held, { first: 40, end: 60 })).toBe(false);
    expect(rowAt(held, 220)?.[0]).toBe(220);
  });
  it("of the snapshot before are shown, but asked for again", () => {
    const held = withSnapshot(withSnapshot(NO_ROWS, 1, window(0, 50)), 2, window(100, 10));
    expect(rowAt(held, 20)?.[0]).toBe(20);
    expect(isHeld(held, { first: 20, end: 30 })).toBe(false);
  });
  it("stay bounded, nearest ones kept", () => {
    let held = withSnapshot(NO_ROWS, 1, window(0, 100));
    for (let start = 0; start < 20_000; start += 100) held = withWindow(held, window(start, 100));
    expect(held.rows.size).toBeLessThanOrEqual(4000);
    expect(rowAt(held, 19_999)).toBeDefined();
    expect(rowAt(held, 0)).toBeUndefined();
  });
  it("show microseconds only where neighbours would read the same", () => {
    const rows = [
      line(0, "a", { at: 1000 }),
      line(1, "b", { at: 1006 }),
      line(2, "c", { at: 2000 }),
      line(3, "d", { at: 2000 }),
    ];
    const held = withSnapshot(NO_ROWS, 1, { start: 0, rows, total: 4 });
    expect([...needMicroseconds(held, { first: 0, end: 4 })]).toEqual([0, 1]);
  });
});

describe("a card opens", () => {
  it("a failed run on its first error", () => {
    const data = payload({ total: 500, header: { state: failed } });
    if (data.logs) data.logs.first_error = 321;
    expect([openingTab(data), openingRow(data)]).toEqual(["logs", 321]);
  });
  it("a running one at the tail", () => {
    expect(
      openingRow(
        payload({
          total: 500,
          header: { is_finished: false, state: { ...failed, family: "running" } },
        }),
      ),
    ).toBe(499);
  });
  it("a good one on its task runs only if they have something to say", () => {
    expect(openingTab(payload())).toBe("logs");
    expect(openingTab(payload({ tasks: [task("a", { attempts: 2 })] }))).toBe("tasks");
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
    ["a list", zipped([]), "not a flow run"],
    ["another version", zipped({ format: 2 }), "another version"],
    ["a part missing", zipped({ ...payload(), header: {} }), "lacks a part"],
  ])("is refused in words if it is %s", async (_name, view, words) => {
    await expect(payloadOf(await view)).rejects.toThrow(words);
  });
});
