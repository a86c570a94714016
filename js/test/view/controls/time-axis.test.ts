import { describe, expect, it } from "vitest";
import { axisOf, foldWords, spanOf, ticksOf, timeAt, xOf } from "../src/core/axis";
import { numbers, second } from "./task-rows";

function someIdle(seed: number): [number, number][] {
  const next = numbers(seed);
  const edges = Array.from({ length: 2 * Math.floor(next.next().value * 5) }, () =>
    second(next.next().value * 2000),
  ).sort((a, b) => a - b);
  return edges.flatMap((a, i) => (i % 2 ? [] : [[a, edges[i + 1] ?? a] as [number, number]]));
}

describe("a time axis", () => {
  it("goes up with the time and back, whatever is folded", () => {
    for (let seed = 1; seed < 60; seed++) {
      const axis = axisOf(second(0), second(2000), someIdle(seed), 148, 770);
      const xs = Array.from({ length: 401 }, (_, i) => xOf(axis, second(i * 5)));
      expect(xs[0]).toBe(148);
      expect(xs.at(-1)).toBeCloseTo(918, 6);
      for (let i = 1; i < xs.length; i++) expect(xs[i]).toBeGreaterThan(xs[i - 1] ?? 0);
      for (let i = 0; i <= 400; i++) {
        const back = timeAt(axis, xs[i] ?? 0);
        expect(Math.abs(back - second(i * 5))).toBeLessThanOrEqual(1);
      }
    }
  });

  it("gives folded gaps one narrow width, and all other time the same scale", () => {
    const axis = axisOf(second(0), second(1943), [[second(640), second(1700)]], 148, 770);
    const [fold] = axis.folds;
    expect((fold?.right ?? 0) - (fold?.left ?? 0)).toBe(60);
    const before = xOf(axis, second(100)) - xOf(axis, second(0));
    const after = xOf(axis, second(1900)) - xOf(axis, second(1800));
    expect(after).toBeCloseTo(before, 6);
    expect(fold && foldWords(fold)).toBe("17\u202fmin");
  });

  it("folds nothing that is narrower than a fold, nor a gap that is all there is", () => {
    expect(axisOf(second(0), second(1000), [[second(10), second(20)]], 0, 770).folds).toEqual([]);
    expect(axisOf(second(100), second(200), [[second(0), second(900)]], 0, 770).folds).toEqual([]);
  });

  it("cuts gaps off at its own ends", () => {
    const axis = axisOf(second(100), second(1000), [[second(0), second(600)]], 0, 500);
    expect(axis.folds).toEqual([{ from: second(100), to: second(600), left: 0, right: 40 }]);
    expect(spanOf(axis)).toEqual([second(100), second(1000)]);
  });

  it("puts what lies outside at its ends", () => {
    const axis = axisOf(second(0), second(10), [], 50, 100);
    expect([xOf(axis, second(-5)), xOf(axis, second(15))]).toEqual([50, 150]);
    expect([timeAt(axis, 0), timeAt(axis, 900)]).toEqual([second(0), second(10)]);
  });

  it("marks round times with room between them, none within a fold", () => {
    for (const seconds of [0.02, 3, 70, 1943, 90_000, 4_000_000]) {
      const from = second(0) + 123_456;
      const to = from + seconds * 1e6;
      const gap: [number, number] = [from + seconds * 3e5, from + seconds * 7e5];
      const axis = axisOf(from, to, [gap], 148, 770);
      const ticks = ticksOf(axis, "UTC");
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThanOrEqual(10);
      expect(ticks.every(({ at }) => at >= from && at <= to)).toBe(true);
      expect(ticks.some(({ at }) => at > gap[0] && at < gap[1])).toBe(false);
      for (const [i, { x }] of ticks.entries())
        expect(x - (ticks[i - 1]?.x ?? 0)).toBeGreaterThan(41);
    }
  });

  it("takes round times of the reader's zone", () => {
    const axis = axisOf(second(0), second(40_000), [], 0, 500);
    expect(ticksOf(axis, "Asia/Kolkata").map(({ text }) => text)).toEqual([
      "18:00",
      "20:00",
      "22:00",
      "00:00",
      "02:00",
      "04:00",
    ]);
  });
});
