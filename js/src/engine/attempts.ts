/** The attempt of each line; `query/attempts.py` and `report/log/attempt_dividers.py` are the same in Python. */

import { type LogRow, type Retry, SPAN_KINDS, type TaskRow } from "../protocol/wire";

/** A task run with several attempts: its label, when each attempt began, how long it had waited before. */
type Repeated = [label: string, begun: [at: number, waited: number | null][]];

/** The start times of a task run, oldest first, and its attempts if there are several; null: not known. */
export type Begun = [running: number[], repeated: Repeated | null] | null;

const RAN = SPAN_KINDS.indexOf("ran");
const FAILED = SPAN_KINDS.indexOf("failed");

export class Attempts {
  readonly dividers: Retry[] = [];
  /** For each row, the index of the divider above the first line of its attempt; -1: none. */
  readonly #above: Int32Array;

  /** `places` has for each row the index of its task run in `begun`. */
  constructor(
    private readonly begun: readonly Begun[],
    private readonly places: ArrayLike<number>,
    private readonly rows: readonly LogRow[],
  ) {
    const first = begun.map((one) => {
      const at = this.dividers.length;
      const [label, attempts] = one?.[1] ?? ["", []];
      attempts.forEach(([, waited], i) => {
        this.dividers.push(["retry", label, i + 1, attempts.length, waited]);
      });
      return at;
    });
    this.#above = Int32Array.from(rows, ([, at], index) => {
      const place = places[index] as number;
      const attempts = begun[place]?.[1]?.[1] ?? [];
      const nth = attempts.findLastIndex(([from]) => from <= at);
      return nth > 0 ? (first[place] as number) + nth : -1;
    });
  }

  above(index: number): number {
    return this.#above[index] ?? -1;
  }

  /** The attempt of a row; null if it has no task run, or the history of its task run is not known. */
  of = (index: number): number | null => {
    const begun = this.begun[this.places[index] as number];
    const at = this.rows[index]?.[1] as number;
    return begun ? begun[0].filter((from) => from <= at).length : null;
  };
}

/** The start times of the task runs, as far as their table rows have them, and the task run of each line. */
export function begunOf(
  tasks: readonly TaskRow[],
  rows: readonly LogRow[],
): { begun: Begun[]; places: number[] } {
  const begun = tasks.map(([, label, , , , attempts, , , , , spans]): Begun => {
    const running: number[] = [];
    const repeated: Repeated[1] = [];
    let ended: number | null = null;
    for (let i = 0; i < spans.length; i += 3) {
      const [from, to, kind] = spans.slice(i) as [number, number, number];
      if (kind !== RAN && kind !== FAILED) continue;
      running.push(from);
      repeated.push([from, ended === null ? null : Math.max(0, (from - ended) / 1e6)]);
      ended = to || null;
    }
    if (running.length !== attempts) return null;
    return [running, attempts > 1 ? [label, repeated] : null];
  });
  const places = new Map(tasks.map(([, label], place) => [label, place] as const).reverse());
  return { begun, places: rows.map(([, , , , task]) => places.get(task ?? "") ?? -1) };
}
