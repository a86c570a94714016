import type { Range } from "./window";
import type { LogRow, LogWindow } from "./wire";

const CAPACITY = 4000;

/** The log rows that the page holds, by position. Immutable: each change gives a new one. */
export interface HeldRows {
  snapshot: number;
  rows: ReadonlyMap<number, LogRow>;
  /** Rows of the snapshot before, shown until the new ones arrive. */
  old: ReadonlyMap<number, LogRow>;
}

export const NO_ROWS: HeldRows = { snapshot: -1, rows: new Map(), old: new Map() };

const entries = (window: LogWindow) =>
  window.rows.map((row, i): [number, LogRow] => [window.start + i, row]);

export function withSnapshot(held: HeldRows, snapshot: number, window: LogWindow): HeldRows {
  return { snapshot, rows: new Map(entries(window)), old: held.rows };
}

/** Adds a window; far rows are let go once more than `CAPACITY` are held. */
export function withWindow(held: HeldRows, window: LogWindow): HeldRows {
  const rows = new Map([...held.rows, ...entries(window)]);
  if (rows.size > CAPACITY) {
    const middle = window.start + window.rows.length / 2;
    const byDistance = [...rows.keys()].sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
    for (const far of byDistance.slice(CAPACITY)) rows.delete(far);
  }
  return { ...held, rows };
}

export function rowAt(held: HeldRows, position: number): LogRow | undefined {
  return held.rows.get(position) ?? held.old.get(position);
}

export function isHeld(held: HeldRows, range: Range): boolean {
  for (let at = range.first; at < range.end; at++) if (!held.rows.has(at)) return false;
  return true;
}

export function positionOf(held: HeldRows, seq: number): number | null {
  for (const [position, row] of held.rows) if (row[0] === seq) return position;
  return null;
}

/** Positions of rows whose time would read like a neighbour's in milliseconds though it differs. */
export function needMicroseconds(held: HeldRows, range: Range): Set<number> {
  const found = new Set<number>();
  for (let at = Math.max(1, range.first); at < range.end; at++) {
    const above = rowAt(held, at - 1);
    const row = rowAt(held, at);
    if (!above || !row || above[1] === row[1]) continue;
    if (Math.floor(above[1] / 1000) === Math.floor(row[1] / 1000)) found.add(at - 1).add(at);
  }
  return found;
}
