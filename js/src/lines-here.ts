import { isLine } from "./core/items";
import { type Local, localOf } from "./core/local";
import type { Clock } from "./core/query/terms";
import type { Item, LogRow } from "./core/wire";
import type { Store } from "./store";

const POOL = 4000;

/** The lines that have come to the page, and who answers from them while the kernel does not. */
export function linesHere(store: Store, clock: () => Clock) {
  /** The newest last. */
  const pool = new Map<number, LogRow>();
  let local: Local | null = null;

  return {
    size: () => pool.size,
    get: (seq: number) => pool.get(seq),
    source: (): Local => {
      local ??= localOf(pool.values(), store.payload?.logs?.total ?? 0, clock());
      return local;
    },
    add: (items: readonly unknown[]): void => {
      for (const item of (items as Item[]).filter(isLine)) {
        pool.delete(item[0]);
        pool.set(item[0], item);
      }
      for (const seq of pool.keys()) if (pool.size > POOL) pool.delete(seq);
      if (!store.held.isLocal) local = null;
    },
  };
}
