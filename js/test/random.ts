/** Numbers that look random and are the same each time. */

export interface Random {
  /** From 0 up to below 1. */
  next: () => number;
  /** A whole number from 0 up to below a bound. */
  below: (bound: number) => number;
  oneOf: <T>(list: readonly T[]) => T;
}

export function random(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  return { next, below, oneOf: (list) => list[below(list.length)] as (typeof list)[number] };
}

export const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
