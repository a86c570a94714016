/** Counts of lines over time. */

import { describe, expect, it } from "vitest";
import { binsOf } from "../../src/engine/bins";
import { random, seeds } from "../random";
import { line } from "../samples";
import { second } from "../task-samples";

const sum = (counts: readonly number[]) => counts.reduce((all, n) => all + n, 0);

describe("counts over time", () => {
  it("hold each line once, by its level, between the edges where it lies", () => {
    for (const seed of seeds(30)) {
      const from = random(seed);
      const rows = Array.from({ length: 200 }, (_, i) =>
        line(i, "x", { at: second(i + from.next()), level: from.oneOf([10, 20, 30, 40, 50]) }),
      );
      const chosen = Int32Array.from(rows.keys()).filter(() => from.next() < 0.5);
      const bins = binsOf(chosen, rows, [[second(40), second(90)]]);
      const of = (low: number, high: number) =>
        [...chosen].filter((i) => (rows[i]?.[2] ?? 0) >= low && (rows[i]?.[2] ?? 0) < high);
      expect(bins.at).toHaveLength(121);
      expect([sum(bins.other), sum(bins.warning), sum(bins.error)]).toEqual([
        of(0, 30).length,
        of(30, 40).length,
        of(40, 99).length,
      ]);
      bins.error.forEach((n, step) => {
        const [begin, end] = [bins.at[step] as number, bins.at[step + 1] as number];
        const within = of(40, 99).filter((i) => {
          const at = rows[i]?.[1] as number;
          return at >= begin && at < end;
        });
        expect(n).toBe(within.length);
      });
    }
  });

  it("have equal steps once the idle stretches are folded", () => {
    const rows = [line(0, "x", { at: 0 }), line(1, "x", { at: 2_399_999 })];
    const idle: [number, number][] = [[600_000, 1_200_000]];
    const { at } = binsOf(Int32Array.from([0, 1]), rows, idle);
    const steps = at.slice(1).map((edge, i) => edge - (at[i] as number));
    expect(new Set(steps)).toEqual(new Set([15_000, 615_000]));
    expect(steps.filter((step) => step === 615_000)).toHaveLength(1);
    expect([at[0], at.at(-1)]).toEqual([0, 2_400_000]);
  });

  it("of one moment, and of no line, are one step and one of no length", () => {
    const rows = [line(0, "x", { at: 5 })];
    expect(binsOf(Int32Array.from([0]), rows, [])).toEqual({
      at: [5, 6],
      other: [1],
      warning: [0],
      error: [0],
    });
    expect(binsOf(new Int32Array(), [], [])).toMatchObject({ at: [0, 0], other: [0] });
  });
});
