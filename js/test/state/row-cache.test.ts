/** The items of a query that the page holds. */

import { describe, expect, it } from "vitest";
import {
  emptyCache,
  hasSameItems,
  isHeld,
  itemAt,
  lineAt,
  linesBetween,
  needsMicroseconds,
  placeOf,
  renewedCache,
  withWindow,
} from "../../src/state/row-cache";
import { line, lines, query, window } from "../samples";

const QUERY = query();
const NONE = emptyCache(QUERY);
const some = (start: number, count: number) => window(start, lines(start, count));

describe("the items that the page holds", () => {
  it("are those of the window that came with the card and of every answer", () => {
    const cache = withWindow(
      withWindow(renewedCache(NONE, QUERY, 1, 1e6), some(0, 50)),
      some(200, 50),
    );
    expect(isHeld(cache, { first: 10, end: 50 })).toBe(true);
    expect(isHeld(cache, { first: 200, end: 250 })).toBe(true);
    expect(isHeld(cache, { first: 40, end: 60 })).toBe(false);
    expect(itemAt(cache, 220)?.[0]).toBe(220);
    expect([placeOf(cache, 220), placeOf(cache, 99)]).toEqual([220, null]);
  });

  it("of the snapshot before are shown, but asked for again", () => {
    const before = withWindow(renewedCache(NONE, QUERY, 1, 60), some(0, 50));
    const cache = withWindow(renewedCache(before, QUERY, 2, 110), some(100, 10));
    expect(itemAt(cache, 20)?.[0]).toBe(20);
    expect(isHeld(cache, { first: 20, end: 30 })).toBe(false);
    const again = renewedCache(renewedCache(before, QUERY, 2, 110), QUERY, 3, 15);
    expect([itemAt(again, 14)?.[0], itemAt(again, 20)]).toEqual([14, undefined]);
  });

  it("of the snapshot before move along where lines came above them", () => {
    const newest = query({ is_newest_first: true });
    const before = withWindow(renewedCache(NONE, newest, 1, 60), some(0, 50));
    const cache = renewedCache(before, newest, 2, 67, 7);
    expect([itemAt(cache, 6), itemAt(cache, 7)?.[0], itemAt(cache, 56)?.[0]]).toEqual([
      undefined,
      0,
      49,
    ]);
  });

  it("of other items are not mixed with those of these", () => {
    const before = withWindow(renewedCache(NONE, QUERY, 1, 60), some(0, 50));
    const hits = query({ text: "x", lines: "hits" });
    expect(itemAt(renewedCache(before, hits, 1, 3), 1)).toBeUndefined();
    const marked = query({ text: "x" });
    expect(itemAt(renewedCache(before, marked, 1, 60), 1)?.[0]).toBe(1);
  });

  it("stay bounded, the nearest ones kept", () => {
    let cache = withWindow(renewedCache(NONE, QUERY, 1, 1e6), some(0, 100));
    for (let start = 0; start < 20_000; start += 100) cache = withWindow(cache, some(start, 100));
    expect(cache.items.size).toBeLessThanOrEqual(4000);
    expect(itemAt(cache, 19_999)).toBeDefined();
    expect(itemAt(cache, 0)).toBeUndefined();
  });

  it("are lines, gaps and dividers, of which only lines are copied", () => {
    const cache = withWindow(
      renewedCache(NONE, QUERY, 1, 3),
      window(0, [line(0), [null, 3, 1, 3], line(4)]),
    );
    expect(linesBetween(cache, 0, 2)?.map(([seq]) => seq)).toEqual([0, 4]);
    expect(linesBetween(cache, 0, 3)).toBeNull();
    expect([lineAt(cache, 1), lineAt(cache, null), lineAt(cache, 2)?.[0]]).toEqual([
      undefined,
      undefined,
      4,
    ]);
  });
});

describe("two queries", () => {
  it.each([
    [{ text: "a" }, { text: "b" }, true],
    [{ text: "a", lines: "hits" }, { text: "b", lines: "hits" }, false],
    [{ text: "a" }, { text: "a", is_newest_first: true }, false],
    [{ text: "a" }, { text: "a", folds_repeats: true }, false],
  ] as const)("%o and %o have the same items: %s", (a, b, expected) => {
    expect(hasSameItems(query(a), query(b))).toBe(expected);
  });
});

it("microseconds are needed only where neighbours would read the same", () => {
  const of = (...times: number[]) =>
    withWindow(
      renewedCache(NONE, QUERY, 1, times.length),
      window(
        0,
        times.map((at, i) => line(i, "a", { at })),
      ),
    );
  const needs = (...times: number[]) =>
    needsMicroseconds(of(...times), { first: 0, end: times.length });
  expect([needs(1000, 1006), needs(1000, 2000), needs(2000, 2000)]).toEqual([true, false, false]);
  expect(needsMicroseconds(of(1000, 1006, 9000), { first: 2, end: 3 })).toBe(false);
});
