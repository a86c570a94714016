/** How states look, and in which order they are listed. */

import type { Family, State } from "../protocol/wire";

/** Families as they are listed: what is done first, then what is wrong, then what is still to come. */
const ORDER: readonly string[] = [
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

/** The class that sets a family's colour. */
export const familyClass = (family: Family): string =>
  `is-${ORDER.includes(family) ? family : "unknown"}`;

/** Whether it did not run, or has not yet. */
export const isHollow = (family: Family): boolean =>
  !/^(done|cached|failed|retry|running|paused)$/.test(family);

export type StateCount = readonly [state: State, count: number];

export const inOrder = (counts: readonly StateCount[]): StateCount[] =>
  [...counts].sort(([a], [b]) => ORDER.indexOf(a.family) - ORDER.indexOf(b.family));

/** Counts in which what looks alike is one. */
export function byAppearance(counts: readonly StateCount[]): StateCount[] {
  const known = new Map<string, StateCount>();
  for (const [state, n] of counts) {
    const key = `${state.family} ${state.icon}`;
    const [first, before] = known.get(key) ?? [state, 0];
    known.set(key, [first, before + n]);
  }
  return inOrder([...known.values()]);
}
