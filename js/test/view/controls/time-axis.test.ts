/** Axes of time, with folded gaps and labels. */

import { describe, expect, it } from "vitest";
import {
  axisOf,
  foldWords,
  labelsOf,
  spanOf,
  timeAt,
  xOf,
} from "../../../src/view/controls/time-axis";
import { random, seeds } from "../../random";
import { second } from "../../task-samples";

function someIdle(seed: number): [number, number][] {
  const { next, below } = random(seed);
  const edges = Array.from({ length: 2 * below(5) }, () => second(next() * 2000)).sort(
    (a, b) => a - b,
  );
  return edges.flatMap((a, i) => (i % 2 ? [] : [[a, edges[i + 1] ?? a] as [number, number]]));
}

describe("a time axis", () => {
  it("goes up with the time and back, whatever is folded", () => {
    for (const seed of seeds(60)) {
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
});

describe("the labels of an axis", () => {
  /** From 0.02 seconds to 3 weeks. */
  const spans = Array.from({ length: 40 }, (_, i) => 0.02 * (1_814_400 / 0.02) ** (i / 39));
  const CHARACTER = 6.3;

  it("never overlap, nor leave the axis, whatever it spans", () => {
    for (const width of [160, 320, 770, 1500]) {
      for (const seconds of spans) {
        for (const zone of ["UTC", "Europe/Berlin", "Asia/Kathmandu"]) {
          const from = second(0) + 123_456;
          const to = from + Math.round(seconds * 1e6);
          const gap: [number, number] = [from + seconds * 3e5, from + seconds * 7e5];
          const axis = axisOf(from, to, [gap], 20, width);
          const { ticks, folds } = labelsOf(axis, zone);
          const labels = [...ticks, ...folds].sort((a, b) => a.x - b.x);
          const half = ({ text }: { text: string }) => (text.length * CHARACTER) / 2;
          const name = `${seconds} s over ${width} px`;
          expect([name, labels.length > 0]).toEqual([name, true]);
          for (const [i, label] of labels.entries()) {
            const left = label.x - half(label);
            expect(left).toBeGreaterThanOrEqual(20 - 1e-6);
            expect(label.x + half(label)).toBeLessThanOrEqual(20 + width + 1e-6);
            const before = labels[i - 1];
            if (before) expect(left - before.x - half(before)).toBeGreaterThan(11);
          }
        }
      }
    }
  });

  it("are at round times of the axis, none within a fold", () => {
    for (const seconds of spans) {
      const from = second(0) + 123_456;
      const to = from + seconds * 1e6;
      const gap: [number, number] = [from + seconds * 3e5, from + seconds * 7e5];
      const { ticks } = labelsOf(axisOf(from, to, [gap], 148, 770), "UTC");
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThanOrEqual(14);
      expect(ticks.every(({ at }) => at >= from && at <= to)).toBe(true);
      expect(ticks.some(({ at }) => at > gap[0] && at < gap[1])).toBe(false);
    }
  });

  it("have as many digits as tell them apart", () => {
    const words = (seconds: number) => {
      const { ticks } = labelsOf(axisOf(second(0), second(seconds), [], 0, 770), "UTC");
      return ticks.map(({ text }) => text).slice(0, 2);
    };
    expect(words(0.002)).toEqual(["12:00:00.000000", "12:00:00.000500"]);
    expect(words(1)).toEqual(["12:00:00.000", "12:00:00.200"]);
    expect(words(30)).toEqual(["12:00:00", "12:00:05"]);
    expect(words(3600)).toEqual(["12:00", "12:05"]);
  });

  it("are round in the zone in which times are shown, and name days where they change", () => {
    const axis = axisOf(second(0), second(40_000), [], 0, 500);
    expect(labelsOf(axis, "Asia/Kolkata").ticks.map(({ text }) => text)).toEqual([
      "21 Nov, 18:00",
      "20:00",
      "22:00",
      "22 Nov",
      "02:00",
      "04:00",
    ]);
  });

  it("stay at round hours behind a change of the clocks", () => {
    const night = Date.UTC(2026, 9, 25, 0) * 1000;
    const axis = axisOf(night, night + 36e3 * 1e6, [], 0, 400);
    const minutes = labelsOf(axis, "Europe/Berlin").ticks.map(({ text }) => text.slice(-2));
    expect(new Set(minutes)).toEqual(new Set(["00"]));
  });
});
