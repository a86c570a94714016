import { describe, expect, it } from "vitest";
import {
  hasDrifted,
  moved,
  offsetOf,
  offsetToShow,
  ROW_HEIGHT,
  rowsToAsk,
  rowTop,
  scaleOf,
  scrollTopOf,
  visibleRows,
} from "../src/core/window";

/** A small seeded generator, so that a failure can be repeated. */
function numbers(seed: number): (below: number) => number {
  let state = Math.imul(seed, 2_654_435_761);
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const cases = Array.from({ length: 400 }, (_, seed) => {
  const next = numbers(seed + 1);
  const total = Math.max(1, Math.floor(10_000_000 ** (next(1001) / 1000)));
  return { seed, total, viewport: 120 + next(900), next };
});

describe("rows in a scroller, for any number up to ten million", () => {
  it("are tried on both sides of what a browser allows", () => {
    const tall = cases.filter(({ total }) => total > 500_000).length;
    expect(tall).toBeGreaterThan(40);
    expect(cases.length - tall).toBeGreaterThan(200);
    expect(Math.max(...cases.map(({ total }) => total))).toBeGreaterThan(9_000_000);
  });

  it("never need an element taller than a browser allows", () => {
    for (const { total, viewport } of cases) {
      expect(scaleOf(total, viewport).spacer).toBeLessThanOrEqual(10_000_000);
    }
  });

  it("fill the viewport without a gap wherever it stands", () => {
    for (const { total, viewport, next } of cases) {
      const scale = scaleOf(total, viewport);
      for (let i = 0; i < 20; i++) {
        const scrollTop = next(scale.maxScroll + 1);
        const offset = offsetOf(scale, scrollTop);
        const { first, end } = visibleRows(scale, offset);
        const top = rowTop(first, offset, scrollTop) - scrollTop;
        const bottom = rowTop(end, offset, scrollTop) - scrollTop;
        expect(top).toBeLessThanOrEqual(0);
        expect(top).toBeGreaterThan(-ROW_HEIGHT);
        expect(bottom).toBeGreaterThanOrEqual(Math.min(viewport, total * ROW_HEIGHT));
        expect(end - first).toBeLessThanOrEqual(viewport / ROW_HEIGHT + 2);
      }
    }
  });

  it("show the first row at the top and the last one at the end", () => {
    for (const { total, viewport } of cases) {
      const scale = scaleOf(total, viewport);
      expect(visibleRows(scale, offsetOf(scale, 0)).first).toBe(0);
      expect(visibleRows(scale, offsetOf(scale, scale.maxScroll)).end).toBe(total);
    }
  });

  it("can each be brought into view, in full, whatever was shown before", () => {
    for (const { total, viewport, next } of cases) {
      const scale = scaleOf(total, viewport);
      for (const place of ["nearest", "centre", "top"] as const) {
        const row = next(total);
        const offset = offsetToShow(scale, next(scale.maxOffset + 1), row, place);
        expect(row * ROW_HEIGHT).toBeGreaterThanOrEqual(offset);
        expect((row + 1) * ROW_HEIGHT).toBeLessThanOrEqual(Math.max(offset + viewport, ROW_HEIGHT));
      }
    }
  });

  it("stay where they are when the scroller is set to where they are", () => {
    for (const { total, viewport, next } of cases) {
      const scale = scaleOf(total, viewport);
      const offset = next(scale.maxOffset + 1);
      const scrollTop = scrollTopOf(scale, offset);
      expect(scrollTop).toBeLessThanOrEqual(scale.maxScroll);
      expect(hasDrifted(scale, offset, scrollTop)).toBe(false);
    }
  });

  it("move by the pixels of a short scroll, even where one pixel stands for twenty", () => {
    const scale = scaleOf(10_000_000, 440);
    expect(moved(scale, 90_000_000, 4_500_000, 4_500_100)).toBe(90_000_100);
    expect(moved(scale, 90_000_000, 4_500_000, 4_499_970)).toBe(89_999_970);
  });

  it("move to the place of a long scroll", () => {
    const scale = scaleOf(10_000_000, 440);
    const half = Math.round(scale.maxScroll / 2);
    expect(moved(scale, 0, 0, half)).toBeCloseTo(scale.maxOffset / 2, -2);
  });

  it("can be read one screen after the other without skipping one", () => {
    const scale = scaleOf(2_000_000, 400);
    let offset = 123_456;
    let scrollTop = scrollTopOf(scale, offset);
    for (let i = 0; i < 500; i++) {
      const after = Math.min(scale.maxScroll, scrollTop + 100);
      const next = moved(scale, offset, scrollTop, after);
      expect(next - offset).toBe(100);
      offset = next;
      scrollTop = hasDrifted(scale, offset, after) ? scrollTopOf(scale, offset) : after;
    }
  });

  it("are asked for with a margin that stays inside the log", () => {
    for (const { total, viewport, next } of cases) {
      const scale = scaleOf(total, viewport);
      const wanted = visibleRows(scale, next(scale.maxOffset + 1));
      const { start, count } = rowsToAsk(wanted, total);
      expect(start).toBeGreaterThanOrEqual(0);
      expect(start).toBeLessThanOrEqual(wanted.first);
      expect(start + count).toBeGreaterThanOrEqual(wanted.end);
      expect(start + count).toBeLessThanOrEqual(total);
    }
  });
});
