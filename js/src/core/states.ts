import type { Family, State } from "./wire";

/** Families as they are listed: what is done first, then what is wrong, then what is still to come. */
const ORDER = "done cached ended failed heldup retry running paused waiting unknown".split(" ");
const HUES: Record<string, string> = { heldup: "held", ended: "muted", unknown: "muted" };

/** The class that sets a family's colour. */
export const hueOf = (family: Family): string =>
  `c-${ORDER.includes(family) ? (HUES[family] ?? family) : "muted"}`;
/** Whether it did not run, or has not yet. */
export const isHollow = (family: Family): boolean =>
  !/^(done|cached|failed|retry|running|paused)$/.test(family);

export type StateCount = readonly [state: State, count: number];

export const inOrder = (counts: readonly StateCount[]): StateCount[] =>
  [...counts].sort(([a], [b]) => ORDER.indexOf(a.family) - ORDER.indexOf(b.family));

/** What is drawn alike is counted together. */
export function byLook(counts: readonly StateCount[]): StateCount[] {
  const looks = new Map<string, StateCount>();
  for (const [state, n] of counts) {
    const look = `${state.family} ${state.icon}`;
    const [first, before] = looks.get(look) ?? [state, 0];
    looks.set(look, [first, before + n]);
  }
  return inOrder([...looks.values()]);
}
