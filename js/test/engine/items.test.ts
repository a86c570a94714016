/** What each place in the list of lines shows. */

import { describe, expect, it } from "vitest";
import { Attempts, begunOf } from "../../src/engine/attempts";
import { Items } from "../../src/engine/items";
import type { Item, LogRow } from "../../src/protocol/wire";
import { line } from "../samples";
import { row, second } from "../task-samples";

type Shape = ConstructorParameters<typeof Items>[1];

const NO_ATTEMPTS = new Attempts([], [], []);
const some = (count: number) => Array.from({ length: count }, (_, i) => line(i));

function itemsOf(rows: LogRow[], shape: Partial<Shape>, attempts = NO_ATTEMPTS): Items {
  return new Items(
    rows,
    {
      shown: Int32Array.from(rows.keys()),
      repeats: null,
      isNewestFirst: false,
      hasGaps: false,
      hasMissing: false,
      lines: rows.length,
      ...shape,
    },
    attempts,
  );
}

const told = (item: Item) => {
  if (item[0] === null) return `${item[1]} hidden, ${item[2]} to ${item[3]}`;
  if (item[0] === "retry") return `attempt ${item[2]}`;
  return item[0] === "missing" ? `${item[1]} missing` : item[0];
};
const list = (items: Items) => items.window(0, items.total, () => true).map(told);

describe("hidden lines", () => {
  const shown = Int32Array.from([3, 4, 7]);

  it("are said where they are, with the first and the last of them", () => {
    const items = itemsOf(some(10), { shown, hasGaps: true });
    expect(list(items)).toEqual([
      "3 hidden, 0 to 2",
      3,
      4,
      "2 hidden, 5 to 6",
      7,
      "2 hidden, 8 to 9",
    ]);
    expect([items.placeOf(0), items.placeOf(2)]).toEqual([1, 4]);
  });

  it("are turned round with everything else", () => {
    const items = itemsOf(some(10), { shown, hasGaps: true, isNewestFirst: true });
    expect(list(items)).toEqual([
      "2 hidden, 9 to 8",
      7,
      "2 hidden, 6 to 5",
      4,
      3,
      "3 hidden, 2 to 0",
    ]);
    expect(items.placeOf(2)).toBe(1);
  });

  it("are not those that are folded into the line above", () => {
    const items = itemsOf(some(10), { shown, repeats: [1, 2, 3], hasGaps: true });
    expect(list(items)).toEqual(["3 hidden, 0 to 2", 3, 4, "1 hidden, 6 to 6", 7]);
  });

  it("are not said where nothing is shown", () => {
    expect(itemsOf(some(3), { shown: new Int32Array(), hasGaps: true }).total).toBe(0);
  });
});

describe("missing lines", () => {
  it("are counted where both neighbours have their numbers", () => {
    const rows = [line(5), line(6), line(9)];
    expect(list(itemsOf(rows, { hasMissing: true, lines: 20 }))).toEqual([
      "5 missing",
      5,
      6,
      "2 missing",
      9,
      "10 missing",
    ]);
  });

  it("are said without a number where a line has none, and nothing is said between two such", () => {
    const rows = [line(0), ...[7, 8].map((seq) => line(seq, "x", { position: null }))];
    expect(list(itemsOf(rows, { hasMissing: true, lines: 20 }))).toEqual([0, "null missing", 7, 8]);
  });
});

describe("a repeated attempt", () => {
  const rows = [1, 6, 7].map((at, i) => line(i, "x", { at: second(at) }));
  const load = row("load", {
    attempts: 2,
    spans: [second(1), second(3), 2, second(5), 0, 1],
  });
  const { begun, places } = begunOf([load], rows);
  const attempts = new Attempts(begun, places, rows);

  it("has a divider above its first line that is shown", () => {
    expect(list(itemsOf(rows, {}, attempts))).toEqual([0, "attempt 2", 1, 2]);
    const shown = Int32Array.from([0, 2]);
    expect(list(itemsOf(rows, { shown }, attempts))).toEqual([0, "attempt 2", 2]);
  });
});

it("a window says which lines match, and how many each stands for", () => {
  const items = itemsOf(some(4), { shown: Int32Array.from([0, 2]), repeats: [2, 1] });
  const window = items.window(0, 9, (index) => index === 2) as LogRow[];
  expect(window.map((item) => [item[0], item[9], item[10]])).toEqual([
    [0, false, 2],
    [2, true, 1],
  ]);
});
