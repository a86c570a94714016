/** The items of a query that the page holds, by index. */

import type { Gap, Item, LogQuery, LogRow, LogWindow, Missing, Retry } from "../protocol/wire";
import type { Range } from "./scroll";

const CAPACITY = 4000;

/** Immutable: each change gives a new one. */
export interface RowCache {
  query: LogQuery;
  snapshot: number;
  total: number;
  items: ReadonlyMap<number, Item>;
  /** Items of the previous snapshot, drawn until the new ones arrive. */
  old: ReadonlyMap<number, Item>;
  /** Whether the places count only some of the lines, so that they change when all lines are known. */
  isOfSome: boolean;
}

export const isLine = (item: Item | undefined): item is LogRow => typeof item?.[0] === "number";
export const isGap = (item: Item | undefined): item is Gap => item?.[0] === null;
export const isRetry = (item: Item | undefined): item is Retry => item?.[0] === "retry";
export const isMissing = (item: Item | undefined): item is Missing => item?.[0] === "missing";

export const plainQuery = (zone: string): LogQuery => ({
  text: "",
  zone,
  lines: "all",
  context: 2,
  opened: [],
  folds_repeats: false,
  is_newest_first: false,
});

const entries = (window: LogWindow) =>
  window.items.map((item, i): [number, Item] => [window.start + i, item]);

export const NO_SNAPSHOT = -1;

export const emptyCache = (query: LogQuery): RowCache => ({
  query,
  snapshot: NO_SNAPSHOT,
  total: 0,
  items: new Map(),
  old: new Map(),
  isOfSome: false,
});

const moved = (items: Iterable<[number, Item]>, by: number) =>
  new Map([...items].map(([place, item]) => [place + by, item]));

/** Moves the items that remain from the previous snapshot. */
export const withOldMoved = (cache: RowCache, by: number): RowCache =>
  by === 0 ? cache : { ...cache, old: moved(cache.old, by) };

/**
 * An empty cache for another query or snapshot. If the items are the same, the old ones stay until the new ones arrive,
 * each `by` places further down.
 */
export function renewedCache(
  before: RowCache,
  query: LogQuery,
  snapshot: number,
  total: number,
  by = 0,
): RowCache {
  const shown = before.items.size > 0 ? before.items : before.old;
  const old = moved(hasSameItems(before.query, query) ? shown : [], by);
  return { query, snapshot, total, items: new Map(), old, isOfSome: false };
}

/** Whether two queries show the same items, apart from their marks. */
export const hasSameItems = (a: LogQuery, b: LogQuery): boolean =>
  a === b ||
  (a.lines === "all" &&
    b.lines === "all" &&
    a.folds_repeats === b.folds_repeats &&
    a.is_newest_first === b.is_newest_first);

/** Adds a window; if more than `CAPACITY` items are held, the farthest are dropped. */
export function withWindow(cache: RowCache, window: LogWindow): RowCache {
  const items = new Map([...cache.items, ...entries(window)]);
  if (items.size > CAPACITY) {
    const middle = window.start + window.items.length / 2;
    const places = [...items.keys()].sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
    for (const far of places.slice(CAPACITY)) items.delete(far);
  }
  return { ...cache, items };
}

export function itemAt(cache: RowCache, place: number): Item | undefined {
  return cache.items.get(place) ?? (place < cache.total ? cache.old.get(place) : undefined);
}

export function lineAt(cache: RowCache, place: number | null): LogRow | undefined {
  const item = place === null ? undefined : itemAt(cache, place);
  return isLine(item) ? item : undefined;
}

export function isHeld(cache: RowCache, range: Range): boolean {
  for (let at = range.first; at < range.end; at++) if (!cache.items.has(at)) return false;
  return true;
}

export function placeOf(cache: RowCache, seq: number): number | null {
  for (const [place, item] of [...cache.items, ...cache.old]) if (item[0] === seq) return place;
  return null;
}

/** The lines from one place to another, both included; null if one of the items there is not held. */
export function linesBetween(cache: RowCache, from: number, to: number): LogRow[] | null {
  const rows: LogRow[] = [];
  for (let place = from; place <= to; place++) {
    const item = cache.items.get(place);
    if (item === undefined) return null;
    if (isLine(item)) rows.push(item);
  }
  return rows;
}

/** Whether consecutive lines would show the same milliseconds although their times differ. */
export function needsMicroseconds(cache: RowCache, range: Range): boolean {
  for (let at = Math.max(1, range.first); at < range.end; at++) {
    const [above, row] = [lineAt(cache, at - 1), lineAt(cache, at)];
    if (!above || !row || above[1] === row[1]) continue;
    if (Math.floor(above[1] / 1000) === Math.floor(row[1] / 1000)) return true;
  }
  return false;
}
