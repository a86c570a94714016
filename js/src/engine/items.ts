/** The items of a query by index: lines, gaps, dividers and marks of missing lines. */

import type { Gap, Item, LogRow, Missing } from "../protocol/wire";
import type { Attempts } from "./attempts";

interface Shape {
  /** Indices of the rows that are shown, ascending, and how many lines each stands for. */
  shown: Int32Array;
  repeats: ArrayLike<number> | null;
  isNewestFirst: boolean;
  /** Whether there are gap items where rows were left out. */
  hasGaps: boolean;
  /** Whether there are items for lines that the page does not hold; `lines` is the length of the log. */
  hasMissing: boolean;
  lines: number;
}

export class Items {
  /** For each place, oldest first, an index into `shown`, or the bitwise complement of an index into `#extras`. */
  readonly #items: number[] = [];
  readonly #extras: Item[] = [];
  /** The place of each shown line, oldest first. */
  readonly #places: Int32Array;

  constructor(
    private readonly rows: readonly LogRow[],
    private readonly shape: Shape,
    attempts: Attempts,
  ) {
    const { shown, repeats, hasGaps, hasMissing, lines } = shape;
    const told = new Set<number>();
    this.#places = new Int32Array(shown.length);
    let next = 0;
    shown.forEach((index, number) => {
      if (hasGaps && index > next) this.#add(this.#gap(next, index - 1));
      if (hasMissing) this.#addMissing(this.rows[index - 1], this.rows[index]);
      next = index + (hasGaps ? (repeats?.[number] ?? 1) : 1);
      const divider = attempts.above(index);
      if (divider >= 0 && !told.has(divider)) {
        told.add(divider);
        this.#add(attempts.dividers[divider] as Item);
      }
      this.#places[number] = this.#items.push(number) - 1;
    });
    if (hasGaps && shown.length > 0 && next < rows.length)
      this.#add(this.#gap(next, rows.length - 1));
    const last = rows.at(-1)?.[8];
    if (hasMissing && last != null && last < lines - 1) this.#add(["missing", lines - 1 - last]);
  }

  get total(): number {
    return this.#items.length;
  }

  /** The items from a place on; `isHit` tells for a row's index whether the row matches. */
  window(start: number, count: number, isHit: (index: number) => boolean): Item[] {
    const { shown, repeats } = this.shape;
    const items: Item[] = [];
    for (let place = start; place < Math.min(start + count, this.total); place++) {
      const number = this.#items[this.#turned(place)] as number;
      if (number < 0) {
        items.push(this.#extras[~number] as Item);
        continue;
      }
      const index = shown[number] as number;
      const row = [...(this.rows[index] as LogRow)] as LogRow;
      row[9] = isHit(index);
      row[10] = repeats?.[number] ?? 1;
      items.push(row);
    }
    return items;
  }

  /** The place of the shown line with this index in `shown`. */
  placeOf(number: number): number {
    return this.#turned(this.#places[number] as number);
  }

  #turned(place: number): number {
    return this.shape.isNewestFirst ? this.total - 1 - place : place;
  }

  #add(extra: Item): void {
    this.#items.push(~(this.#extras.push(extra) - 1));
  }

  #gap(first: number, last: number): Gap {
    const ends = [first, last].map((at) => this.rows[at]?.[0] as number) as [number, number];
    if (this.shape.isNewestFirst) ends.reverse();
    return [null, last - first + 1, ...ends];
  }

  #addMissing(before: LogRow | undefined, row: LogRow | undefined): void {
    const at = row?.[8] ?? null;
    const previous = before ? before[8] : -1;
    if (at === null && previous === null) return;
    const missing = at === null || previous === null ? null : at - previous - 1;
    if (missing !== 0) this.#add(["missing", missing] satisfies Missing);
  }
}
