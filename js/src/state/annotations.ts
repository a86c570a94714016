/** What a reader marks: selected lines, pins and their notes. */

import type { Client } from "../protocol/client";
import type { LogRow } from "../protocol/wire";
import type { LogController } from "./log-controller";
import { lineAt, linesBetween } from "./row-cache";
import type { Store } from "./store";

/** Says what `card.selection` is now. */
export function tellSelection(store: Store, client: Client, logs: LogController): void {
  const { selected, selectedTasks, rangeFrom } = store;
  client.ask({
    kind: "select",
    seqs: [...selected],
    range: rangeFrom === null ? null : logs.selection,
    tasks: [...selectedTasks],
  });
}

/** Selects the current lines, or lets them go. */
export function toggleSelected(store: Store, client: Client, logs: LogController): void {
  const chosen = logs.selection;
  if (!chosen) return;
  const rows = linesBetween(store.rows, chosen.from, chosen.to) ?? [];
  const selected = new Set(store.selected);
  const isOut = rows.every(([seq]) => selected.has(seq));
  for (const [seq] of rows) isOut ? selected.delete(seq) : selected.add(seq);
  store.change({ selected });
  tellSelection(store, client, logs);
}

/** Pins the current line and asks for a note, or takes its pin away. */
export function togglePin(store: Store, client: Client): void {
  const row = lineAt(store.rows, store.cursor);
  if (!row) return;
  const isPinned = store.annotations.pins.some(({ seq }) => seq === row[0]);
  pinLine(store, client, row, isPinned ? null : "");
  store.change({ noting: isPinned ? null : row });
}

/** Pins a line with a note; null takes its pin away. */
export function pinLine(store: Store, client: Client, row: LogRow, note: string | null): void {
  const { annotations } = store;
  const [seq, at, level, , task, , message, , position] = row;
  const others = annotations.pins.filter((pin) => pin.seq !== seq);
  const line = position === null ? null : position + 1;
  const pins = note === null ? others : [...others, { seq, at, level, task, message, note, line }];
  pins.sort((a, b) => a.at - b.at || a.seq - b.seq);
  store.change({ annotations: { ...annotations, pins } });
  client.ask({ kind: "pin", seq, note });
}
