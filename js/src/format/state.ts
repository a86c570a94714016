/** The appearance of states, and the order in which they are listed. */

import type { Family, State } from "../protocol/wire";

/** Families in the order of lists: done first, then failed, then still to come. */
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

/** Whether a state means that the run never ran, or has not run yet. */
export const isHollow = (family: Family): boolean =>
  !/^(done|cached|failed|retry|running|paused)$/.test(family);

export type StateCount = readonly [state: State, count: number];

export const inOrder = (counts: readonly StateCount[]): StateCount[] =>
  [...counts].sort(([a], [b]) => ORDER.indexOf(a.family) - ORDER.indexOf(b.family));

/** Merges the counts of states that look the same. */
export function byAppearance(counts: readonly StateCount[]): StateCount[] {
  const known = new Map<string, StateCount>();
  for (const [state, n] of counts) {
    const key = `${state.family} ${state.icon}`;
    const [first, before] = known.get(key) ?? [state, 0];
    known.set(key, [first, before + n]);
  }
  return inOrder([...known.values()]);
}
