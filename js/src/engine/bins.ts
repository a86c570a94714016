/** Counts of lines over time; `flowrun_widgets/report/log/matches.py` is the same in Python. */

import type { Bins, LogRow } from "../protocol/wire";
import { below } from "./search";

const STEPS = 120;

/** The edges of the steps, which have equal widths on an axis without the idle stretches. */
function edgesOf(first: number, last: number, idle: readonly [number, number][]): number[] {
  const [begin, end] = [first, last + 1];
  const folds: [place: number, length: number][] = [];
  let [next, folded] = [begin, 0];
  for (const [from, to] of [...idle].sort(([a, b], [c, d]) => a - c || b - d)) {
    const [low, high] = [Math.max(from, next), Math.min(to, end - 1)];
    if (high <= low) continue;
    folds.push([low - begin - folded, high - low]);
    folded += high - low;
    next = high;
  }
  const span = end - begin - folded;
  const steps = Math.min(STEPS, span);
  const edges = [begin];
  for (let step = 1; step < steps; step++) {
    const at = Math.floor((step * span) / steps);
    edges.push(
      folds.reduce((sum, [place, length]) => sum + (place <= at ? length : 0), begin + at),
    );
  }
  return [...edges, end];
}

/** Counts the rows with these indices over the time of all `rows`, with the idle stretches folded. */
export function binsOf(
  chosen: Int32Array,
  rows: readonly LogRow[],
  idle: readonly [number, number][],
): Bins {
  const at = rows.length > 0 ? edgesOf(rows[0]?.[1] ?? 0, rows.at(-1)?.[1] ?? 0, idle) : [0, 0];
  const none = () => new Array<number>(at.length - 1).fill(0);
  const bins = { at, other: none(), warning: none(), error: none() };
  for (const index of chosen) {
    const [, time, level] = rows[index] as LogRow;
    const kind = (level ?? 0) >= 40 ? "error" : (level ?? 0) >= 30 ? "warning" : "other";
    const step = below(at, time + 1) - 1;
    bins[kind][step] = (bins[kind][step] ?? 0) + 1;
  }
  return bins;
}
