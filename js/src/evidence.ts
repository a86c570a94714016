import { lineAt } from "./core/items";
import type { LogRow } from "./core/wire";
import type { Store } from "./store";

/** The lines from where a range began to where one stands; only those that are held. */
export function rangeOf({ held, cursor, rangeFrom }: Store): LogRow[] {
  if (cursor === null) return [];
  const rows: LogRow[] = [];
  const other = rangeFrom ?? cursor;
  for (let at = Math.min(cursor, other); at <= Math.max(cursor, other); at++) {
    const row = lineAt(held, at);
    if (row) rows.push(row);
  }
  return rows;
}

/** Selects the current lines, or lets them go. */
export function selectLines(store: Store): void {
  const seqs = rangeOf(store).map(([seq]) => seq);
  const selected = new Set(store.selected);
  const isOut = seqs.every((seq) => selected.has(seq));
  for (const seq of seqs) isOut ? selected.delete(seq) : selected.add(seq);
  store.change({ selected });
  store.tellSelection();
}

/** Pins the current line and asks for a note, or takes its pin away. */
export function togglePin(store: Store): void {
  const row = lineAt(store.held, store.cursor);
  if (!row) return;
  const isPinned = store.kept.pins.some(({ seq }) => seq === row[0]);
  pinLine(store, row, isPinned ? null : "");
  store.change({ noting: isPinned ? null : row });
}

/** Pins a line with a note; null takes its pin away. */
export function pinLine(store: Store, row: LogRow, note: string | null): void {
  const { kept } = store;
  const [seq, at, level, , task, , message] = row;
  const others = kept.pins.filter((pin) => pin.seq !== seq);
  const pins = note === null ? others : [...others, { seq, at, level, task, message, note }];
  store.change({ kept: { ...kept, pins: pins.sort((a, b) => a.at - b.at || a.seq - b.seq) } });
  store.ask({ kind: "pin", seq, note });
}
