/** The lines that a reader marks: the selection, and pins with their notes. */

import type { Client } from "../protocol/client";
import type { Ask, LogRow, Pin } from "../protocol/wire";
import type { LogController } from "./log-controller";
import { lineAt, linesBetween } from "./row-cache";
import type { Store } from "./store";

/** Sends the selection, which becomes `card.selection` in Python. */
export function tellSelection(store: Store, client: Client, logs: LogController): void {
  const { selected, selectedTasks, rangeFrom } = store;
  client.ask({
    kind: "select",
    seqs: [...selected],
    range: rangeFrom === null ? null : logs.selection,
    tasks: [...selectedTasks],
  });
}

/** Selects the current lines, or deselects them if all are selected. */
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

/** A change of a pin by the reader that Python has not confirmed yet. */
interface OwnPin {
  asked: Ask<"pin">;
  /** null: the pin was removed. */
  pin: Pin | null;
  /** Whether Python has answered: the next annotations then contain the change. */
  isTaken: boolean;
}

/** The pins of lines: those from Python, with the reader's latest changes applied. */
export class Pins {
  /** The pins from Python. */
  #known: readonly Pin[] = [];
  /** By the arrival number of the line. */
  readonly #own = new Map<number, OwnPin>();

  constructor(
    private readonly store: Store,
    private readonly client: Client,
  ) {}

  /** Pins the current line and asks for a note, or removes its pin. */
  toggle(): void {
    const row = lineAt(this.store.rows, this.store.cursor);
    if (!row) return;
    const isPinned = this.store.annotations.pins.some(({ seq }) => seq === row[0]);
    this.set(row, isPinned ? null : "");
    this.store.change({ noting: isPinned ? null : row });
  }

  /** Pins a line with a note; null removes its pin. */
  set([seq, at, level, , task, , message, , position]: LogRow, note: string | null): void {
    const line = position === null ? null : position + 1;
    const pin = note === null ? null : { seq, at, level, task, message, note, line };
    const asked: Ask<"pin"> = { kind: "pin", seq, note };
    this.#own.set(seq, { asked, pin, isTaken: false });
    this.#show();
    this.client.ask(asked);
  }

  /** Receives Python's pins, which may be older than the reader's latest changes. */
  receive(pins: readonly Pin[]): Pin[] {
    this.#known = pins;
    for (const [seq, { isTaken }] of this.#own) if (isTaken) this.#own.delete(seq);
    return this.#all();
  }

  /** Handles Python's answer to a change of a pin. */
  answered(asked: Ask<"pin">, isDone: boolean): void {
    const own = this.#own.get(asked.seq);
    if (own?.asked !== asked) return;
    own.isTaken = true;
    if (isDone) return;
    this.#own.delete(asked.seq);
    this.#show();
  }

  #all(): Pin[] {
    const pins = this.#known.filter(({ seq }) => !this.#own.has(seq));
    for (const { pin } of this.#own.values()) if (pin) pins.push(pin);
    return pins.sort((a, b) => a.at - b.at || a.seq - b.seq);
  }

  #show(): void {
    const { store } = this;
    store.change({ annotations: { ...store.annotations, pins: this.#all() } });
  }
}
