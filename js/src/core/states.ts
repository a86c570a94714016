import type { Family, State, TaskRun } from "./wire";

const CLASSES: Record<Family, string> = {
  waiting: "c-waiting",
  running: "c-running",
  retry: "c-retry",
  paused: "c-paused",
  done: "c-done",
  cached: "c-cached",
  ended: "c-muted",
  failed: "c-failed",
  heldup: "c-held",
  unknown: "c-muted",
};

const HOLLOW: ReadonlySet<Family> = new Set<Family>(["waiting", "ended", "heldup", "unknown"]);

/** Families as they are listed: what is done first, then what is wrong, then what is still to come. */
const ORDER: readonly Family[] = [
  "done",
  "cached",
  "ended",
  "failed",
  "heldup",
  "retry",
  "running",
  "paused",
  "waiting",
  "unknown",
];

export const hueOf = (family: Family): string => CLASSES[family] ?? CLASSES.unknown;
export const isHollow = (family: Family): boolean => HOLLOW.has(family) || !(family in CLASSES);

/** For sorting by state: trouble first. */
export function urgency(family: Family): number {
  const order: readonly Family[] = ["failed", "heldup", "retry", "running", "paused", "waiting"];
  const at = order.indexOf(family);
  return at < 0 ? order.length + ORDER.indexOf(family) : at;
}

export interface StateCount {
  state: State;
  count: number;
}

/** How many task runs there are of each state name, or look, in the order in which they are listed. */
export function stateCounts(runs: readonly TaskRun[], by: "name" | "icon" = "name"): StateCount[] {
  const counts = new Map<string, StateCount>();
  for (const { state } of runs) {
    const key = `${state.family} ${state[by]}`;
    const known = counts.get(key);
    if (known) known.count++;
    else counts.set(key, { state, count: 1 });
  }
  const rank = ({ state }: StateCount) => ORDER.indexOf(state.family);
  return [...counts.values()].sort(
    (a, b) => rank(a) - rank(b) || a.state.name.localeCompare(b.state.name),
  );
}

/** Whole pixels for each part of a bar: no part vanishes, and together they fill the width. */
export function proportions(counts: readonly number[], width: number): number[] {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const gaps = Math.max(0, counts.length - 1);
  const room = width - gaps;
  if (total === 0) return counts.map(() => 0);
  const least = Math.min(6, Math.floor(room / Math.max(1, counts.length)));
  const widths = counts.map((n) => Math.max(least, Math.round((n / total) * room)));
  const excess = widths.reduce((sum, w) => sum + w, 0) - room;
  const widest = widths.indexOf(Math.max(...widths));
  widths[widest] = Math.max(0, (widths[widest] ?? 0) - excess);
  return widths;
}
