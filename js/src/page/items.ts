import type { Gap, Item, LogRow } from "../core/wire";
import type { Attempts } from "./attempts";

/** The items of a look by place: lines, and between them gaps and dividers. */
export class Items {
  /** For each place, oldest first, the position of its line, or below 0 the complement of its place among the extras. */
  readonly #items: number[] = [];
  readonly #extras: Item[] = [];
  /** For each line that is shown, its place, oldest first. */
  readonly #places: Int32Array;

  /** The items of the lines at the ascending positions `shown`. */
  constructor(
    private readonly rows: readonly LogRow[],
    readonly shown: Int32Array,
    attempts: Attempts,
    private readonly isNewestFirst: boolean,
    hasGaps: boolean,
  ) {
    const told = new Set<number>();
    this.#places = new Int32Array(shown.length);
    let next = 0;
    shown.forEach((position, i) => {
      if (hasGaps && position > next) this.#add(this.#gap(next, position - 1));
      next = position + 1;
      const divider = attempts.above(position);
      if (divider >= 0 && !told.has(divider)) {
        told.add(divider);
        this.#add(attempts.dividers[divider] as Item);
      }
      this.#places[i] = this.#items.push(position) - 1;
    });
    if (hasGaps && shown.length > 0 && next < rows.length)
      this.#add(this.#gap(next, rows.length - 1));
  }

  get total(): number {
    return this.#items.length;
  }

  /** The items from a place on; of the lines, `isHit` says by position whether they fit. */
  window(start: number, count: number, isHit: (position: number) => boolean): Item[] {
    const items: Item[] = [];
    for (let place = start; place < Math.min(start + count, this.total); place++) {
      const at = this.#items[this.#turned(place)] as number;
      if (at < 0) items.push(this.#extras[~at] as Item);
      else items.push((this.rows[at] as LogRow).with(9, isHit(at)) as LogRow);
    }
    return items;
  }

  /** The place of the shown line with this number, oldest first. */
  placeOf(index: number): number {
    return this.#turned(this.#places[index] as number);
  }

  #turned(place: number): number {
    return this.isNewestFirst ? this.total - 1 - place : place;
  }

  #add(extra: Item): void {
    this.#items.push(~(this.#extras.push(extra) - 1));
  }

  #gap(first: number, last: number): Gap {
    const ends = [first, last].map((at) => this.rows[at]?.[0] as number) as [number, number];
    if (this.isNewestFirst) ends.reverse();
    return [null, last - first + 1, ...ends];
  }
}
