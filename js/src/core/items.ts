import { type Range, ROW_HEIGHT } from "./window";
import type { Answer, Gap, Item, LogRow, LogWindow, Look, Retry } from "./wire";

const CAPACITY = 4000;

export type Looked = Extract<Answer, { kind: "looked" }>;

/** What the page holds of a look, by place. Immutable: each change gives a new one. */
export interface Held {
  look: Look;
  snapshot: number;
  total: number;
  items: ReadonlyMap<number, Item>;
  /** Items of the snapshot before, drawn until the new ones arrive. */
  old: ReadonlyMap<number, Item>;
  /** Whether it was answered from the lines held here. */
  isLocal: boolean;
}

export const isLine = (item: Item | undefined): item is LogRow => typeof item?.[0] === "number";
export const isGap = (item: Item | undefined): item is Gap => item?.[0] === null;
export const isRetry = (item: Item | undefined): item is Retry => item?.[0] === "retry";

/** Lines are 20 px high unless they are wrapped, everything else 24. */
export const heightOf = (item: Item | undefined): number =>
  item === undefined || isLine(item) ? ROW_HEIGHT : 24;

export const plainLook = (zone: string): Look => ({
  text: "",
  zone,
  context: null,
  opened: [],
  is_newest_first: false,
});

/** Whether a look shows every line, oldest first: that is what travels with the card. */
export const isPlain = ({ text, is_newest_first }: Look): boolean =>
  text.trim() === "" && !is_newest_first;

const entries = (window: LogWindow) =>
  window.items.map((item, i): [number, Item] => [window.start + i, item]);

/** Other items, of another look or snapshot; those of the same look stay visible until they come. */
export function heldAnew(before: Held, look: Look, snapshot: number, total: number): Held {
  const shown = before.items.size > 0 ? before.items : before.old;
  const old = before.look === look ? shown : new Map();
  return { look, snapshot, total, items: new Map(), old, isLocal: false };
}

/** Adds a window; far items are let go once more than `CAPACITY` are held. */
export function withWindow(held: Held, window: LogWindow): Held {
  const items = new Map([...held.items, ...entries(window)]);
  if (items.size > CAPACITY) {
    const middle = window.start + window.items.length / 2;
    const places = [...items.keys()].sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
    for (const far of places.slice(CAPACITY)) items.delete(far);
  }
  return { ...held, items };
}

export function itemAt(held: Held, place: number): Item | undefined {
  return held.items.get(place) ?? (place < held.total ? held.old.get(place) : undefined);
}

export function lineAt(held: Held, place: number | null): LogRow | undefined {
  const item = place === null ? undefined : itemAt(held, place);
  return isLine(item) ? item : undefined;
}

export function isHeld(held: Held, range: Range): boolean {
  for (let at = range.first; at < range.end; at++) if (!held.items.has(at)) return false;
  return true;
}

export function placeOf(held: Held, seq: number): number | null {
  for (const [place, item] of [...held.items, ...held.old]) if (item[0] === seq) return place;
  return null;
}

/** Places of lines whose time would read like a neighbour's in milliseconds though it differs. */
export function needMicroseconds(held: Held, range: Range): Set<number> {
  const found = new Set<number>();
  for (let at = Math.max(1, range.first); at < range.end; at++) {
    const above = lineAt(held, at - 1);
    const row = lineAt(held, at);
    if (!above || !row || above[1] === row[1]) continue;
    if (Math.floor(above[1] / 1000) === Math.floor(row[1] / 1000)) found.add(at - 1).add(at);
  }
  return found;
}
