/** Items of different heights in a scroller. */

import { describe, expect, it } from "vitest";
import {
  drift,
  type HeightOf,
  moved,
  offsetOf,
  offsetToShow,
  ROW_HEIGHT,
  rowsToAsk,
  type Scale,
  scaleOf,
  scrolled,
  scrollTopOf,
  visible,
} from "../../src/state/scroll";
import { random } from "../random";

const even: HeightOf = () => ROW_HEIGHT;
/** Lines, gaps and wrapped lines, as they come. */
const mixed =
  (seed: number): HeightOf =>
  (place) =>
    [20, 20, 20, 24, 20, 60, 20, 140, 24][(Math.imul(place + seed, 2_654_435_761) >>> 8) % 9] ?? 20;

const cases = Array.from({ length: 300 }, (_, seed) => {
  const next = random(seed + 1).below;
  const total = Math.max(1, Math.floor(10_000_000 ** (next(1001) / 1000)));
  const heightOf = seed % 3 === 0 ? even : mixed(seed);
  const viewport = 120 + next(900);
  return { total, viewport, next, heightOf, scale: scaleOf(total, viewport, heightOf) };
});

/** How far below the viewport's top an item begins. */
function topOf(scale: Scale, offset: number, place: number): number {
  const { first, top } = visible(scale, offset);
  let y = top;
  for (let at = first; at < place; at++) y += scale.heightOf(at);
  for (let at = place; at < first; at++) y -= scale.heightOf(at);
  return y;
}

describe("items of different heights in a scroller, any number up to ten million", () => {
  it("are tried on both sides of what a browser allows", () => {
    expect(cases.filter(({ total }) => total > 500_000).length).toBeGreaterThan(30);
    expect(Math.max(...cases.map(({ total }) => total))).toBeGreaterThan(9_000_000);
  });

  it("never need an element taller than a browser allows", () => {
    for (const { scale } of cases) expect(scale.spacer).toBeLessThanOrEqual(10_000_000);
  });

  it("fill the viewport without a gap wherever it stands", () => {
    for (const { scale, total, viewport, next, heightOf } of cases) {
      for (let i = 0; i < 20; i++) {
        const offset = offsetOf(scale, next(scale.maxScroll + 1));
        const { first, end, top } = visible(scale, offset);
        let bottom = top;
        for (let at = first; at < end; at++) bottom += heightOf(at);
        expect(top).toBeLessThanOrEqual(0);
        expect(top).toBeGreaterThan(-heightOf(first));
        if (end < total || scale.maxScroll > 0) expect(bottom).toBeGreaterThanOrEqual(viewport - 1);
        expect(end - first).toBeLessThanOrEqual(viewport / ROW_HEIGHT + 2);
      }
    }
  });

  it("show the first at the top, and the last one in full at the end", () => {
    for (const { scale, total, viewport } of cases) {
      expect(visible(scale, offsetOf(scale, 0))).toMatchObject({ first: 0, top: 0 });
      const at = offsetOf(scale, scale.maxScroll);
      expect(visible(scale, at).end).toBe(total);
      const bottom = topOf(scale, at, total);
      expect(bottom).toBeLessThanOrEqual(viewport + 1);
      if (scale.maxScroll > 0) expect(bottom).toBeGreaterThanOrEqual(viewport - 1);
    }
  });

  it("can each be brought into view, in full, whatever was shown before", () => {
    for (const { scale, total, viewport, next, heightOf } of cases) {
      for (const where of ["nearest", "centre", "top"] as const) {
        const place = next(total);
        const offset = offsetToShow(scale, next(Math.ceil(scale.maxOffset) + 1), place, where);
        const top = topOf(scale, offset, place);
        expect(top).toBeGreaterThanOrEqual(-1);
        expect(top + heightOf(place)).toBeLessThanOrEqual(
          Math.max(viewport + 1, top <= 1 ? 999 : 0),
        );
      }
    }
  });

  it("do not move to show what is in view", () => {
    for (const { scale, next } of cases) {
      const offset = next(Math.ceil(scale.maxOffset) + 1);
      const at = Math.min(offset, scale.maxOffset);
      const { first, end } = visible(scale, at);
      if (end - first < 4) continue;
      expect(offsetToShow(scale, at, first + 1)).toBeCloseTo(at, 5);
    }
  });

  it("move by the pixels of a short scroll, whatever their heights", () => {
    for (const { scale, next } of cases) {
      if (scale.maxScroll === 0) continue;
      const offset = next(Math.ceil(scale.maxOffset));
      const { first } = visible(scale, offset);
      const by = next(scale.viewport) - Math.floor(scale.viewport / 2);
      const after = moved(scale, offset, by);
      if (after <= 0 || after >= scale.maxOffset) continue;
      const went = topOf(scale, offset, first) - topOf(scale, after, first);
      expect(Math.abs(went - by)).toBeLessThanOrEqual(1);
    }
  });

  it("come back to where they were by the same way", () => {
    for (const { scale, next } of cases) {
      const offset = next(Math.ceil(scale.maxOffset) + 1);
      const there = moved(scale, offset, 87);
      if (there >= scale.maxOffset) continue;
      expect(moved(scale, there, -87)).toBeCloseTo(offset, 4);
    }
  });

  it("keep what is at the top where heights below it turn out to be others", () => {
    for (const { total, viewport, next } of cases) {
      const before = scaleOf(total, viewport, even);
      const place = next(total);
      const offset = Math.min(place * ROW_HEIGHT, before.maxOffset);
      const after = scaleOf(total, viewport, (at) => (at >= place ? 60 : 20));
      expect(visible(after, offset).first).toBe(visible(before, offset).first);
    }
  });

  it("stay where they are when the scroller is set to where they are", () => {
    for (const { scale, next } of cases) {
      const offset = next(Math.ceil(scale.maxOffset) + 1);
      const scrollTop = scrollTopOf(scale, offset);
      expect(scrollTop).toBeLessThanOrEqual(scale.maxScroll);
      expect(drift(scale, offset, scrollTop)).toBe(0);
    }
  });

  it("move to the place of a long scroll", () => {
    const scale = scaleOf(10_000_000, 440, even);
    const half = Math.round(scale.maxScroll / 2);
    expect(scrolled(scale, 0, 0, half)).toBeCloseTo(scale.maxOffset / 2, -2);
  });

  it("can be read one screen after the other without skipping one", () => {
    const heightOf = mixed(7);
    const scale = scaleOf(2_000_000, 400, heightOf);
    let offset = 123_456;
    let scrollTop = scrollTopOf(scale, offset);
    for (let i = 0; i < 500; i++) {
      const { first } = visible(scale, offset);
      const before = topOf(scale, offset, first);
      const after = scrollTop + 100;
      const next = scrolled(scale, offset, scrollTop, after);
      expect(before - topOf(scale, next, first)).toBeGreaterThanOrEqual(99);
      expect(before - topOf(scale, next, first)).toBeLessThanOrEqual(101);
      offset = next;
      scrollTop = drift(scale, offset, after) > 1 ? scrollTopOf(scale, offset) : after;
    }
  });

  it("are asked for with a margin that stays inside the log", () => {
    for (const { scale, total, next } of cases) {
      const wanted = visible(scale, next(Math.ceil(scale.maxOffset) + 1));
      const { start, count } = rowsToAsk(wanted, total);
      expect(start).toBeGreaterThanOrEqual(0);
      expect(start).toBeLessThanOrEqual(wanted.first);
      expect(start + count).toBeGreaterThanOrEqual(wanted.end);
      expect(start + count).toBeLessThanOrEqual(total);
    }
  });
});
