/** The lines that the page has received, for answers without a kernel. */

import { begunOf } from "../engine/attempts";
import { Log } from "../engine/log";
import type { Item, LogRow, Payload } from "../protocol/wire";

const CAPACITY = 4000;

const isLine = (item: Item): item is LogRow => typeof item[0] === "number";

/** The fields of a row that depend on the query, not on the line. */
const FIRST_OF_QUERY = 9;

const isSameLine = (a: LogRow, b: LogRow | undefined): boolean =>
  b !== undefined && a.every((value, i) => i >= FIRST_OF_QUERY || value === b[i]);

export class LinePool {
  /** By arrival number, the newest last. */
  readonly #rows = new Map<number, LogRow>();
  #log: Log | null = null;
  #payload: Payload | null = null;

  get size(): number {
    return this.#rows.size;
  }

  add(items: readonly Item[]): void {
    for (const item of items) {
      if (!isLine(item)) continue;
      if (!isSameLine(item, this.#rows.get(item[0]))) this.#log = null;
      this.#rows.delete(item[0]);
      this.#rows.set(item[0], item);
    }
    for (const seq of this.#rows.keys()) {
      if (this.#rows.size <= CAPACITY) break;
      this.#rows.delete(seq);
    }
  }

  get(seq: number): LogRow | undefined {
    return this.#rows.get(seq);
  }

  clear(): void {
    this.#rows.clear();
    this.#log = null;
  }

  /** The log of these lines; the same object until lines are added. */
  log(payload: Payload): Log | null {
    const { logs, header, idle, tasks } = payload;
    if (!logs) return null;
    if (this.#log && this.#payload === payload) return this.#log;
    this.#payload = payload;
    const rows = [...this.#rows.values()].sort(byPosition);
    this.#log = new Log(rows, {
      ...begunOf(tasks?.rows ?? [], rows),
      total: logs.total,
      idle: logs.is_complete ? idle : [],
      startedAt: header.started_at ?? header.created_at,
    });
    return this.#log;
  }
}

function byPosition(a: LogRow, b: LogRow): number {
  if (a[8] !== null && b[8] !== null) return a[8] - b[8];
  return a[1] - b[1] || a[0] - b[0];
}
