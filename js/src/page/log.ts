import { dateOf } from "../core/format";
import type { AnswerBody, QuestionOf } from "../core/local";
import { isSlow, matcher } from "../core/query/match";
import { parseQuery } from "../core/query/parse";
import type { Query } from "../core/query/terms";
import type { Bins, Item, LogRow, Look } from "../core/wire";
import { Attempts, type Begun } from "./attempts";
import { finder } from "./automaton";
import { binsOf } from "./bins";
import { type Counts, complete } from "./complete";
import { Items } from "./items";
import { lengthOf } from "./lines";
import { below, nearest } from "./search";
import { adviceOn } from "./suggest";

type Ask<K> = Extract<QuestionOf, { kind: K }>;
type Said<K> = Extract<AnswerBody, { kind: K }>;
type Spot = Pick<Said<"found">, "place" | "seq" | "nth">;

const CELLS = 200;
const MOST_ITEMS = 2000;
const MESSAGE = 1000;
const WHOLE_MESSAGE = 1e6;
const RECENT = 4;
const NOWHERE: Spot = { place: null, seq: null, nth: null };

interface Seen {
  look: Look;
  query: Query;
  /** Positions of the lines that fit, ascending, and of those that are shown. */
  hits: Int32Array;
  shown: Int32Array;
  isHit: (position: number) => boolean;
  items: Items;
  bins: Bins;
}

/** What a log says besides its lines. */
export interface LogFacts {
  /** For each line, the place of its task run among `begun`. */
  places?: ArrayLike<number>;
  begun?: readonly Begun[];
  /** Stretches of time that the axis folds. */
  idle?: readonly [from: number, to: number][];
  /** What day a clock time without a date means. */
  startedAt?: number | null;
}

/** As rows travel from Python: long messages are cut. */
function cut(item: Item): Item {
  if (item.length < 10 || (item as LogRow)[7] <= MESSAGE) return item;
  const message = [...(item as LogRow)[6].slice(0, 2 * MESSAGE)].slice(0, MESSAGE).join("");
  return (item as LogRow).with(6, message) as LogRow;
}

/** A log that the page holds whole answers as Python does: `flowrun_widgets/card/looks.py` and `answers.py`. */
export class WholeLog {
  readonly #all: Int32Array;
  readonly #attempts: Attempts;
  readonly #idle: readonly [number, number][];
  readonly #startedAt: number;
  #seen: Seen[] = [];
  #positions: Map<number, number> | null = null;
  #counted: Record<"task" | "logger", Counts> | null = null;

  /** `rows` by time, the positions in them counted from 0. */
  constructor(
    readonly rows: readonly LogRow[],
    { places = [], begun = [], idle = [], startedAt = null }: LogFacts = {},
  ) {
    this.#all = Int32Array.from(rows.keys());
    this.#attempts = new Attempts(begun, places, rows);
    this.#idle = idle;
    this.#startedAt = startedAt ?? rows[0]?.[1] ?? 0;
  }

  /** The lines that a look shows, in the order shown. */
  shown(look: Look): LogRow[] {
    const rows = Array.from(this.#see(look).shown, (at) => this.rows[at] as LogRow);
    return look.is_newest_first ? rows.reverse() : rows;
  }

  /** The lines that fit a look's text, by time. */
  hits(look: Look): LogRow[] {
    return Array.from(this.#see(look).hits, (at) => this.rows[at] as LogRow);
  }

  query(look: Look): Query {
    return parseQuery(look.text, { tz: look.zone, firstDay: dateOf(this.#startedAt, look.zone) });
  }

  /** One whole message; nothing where the page has not all of it. */
  line(seq: number): AnswerBody[] {
    const [, , , , , , message = "", length = 0] = this.rows[this.#positionOf(seq) ?? -1] ?? [];
    if (lengthOf(message) < length) return [];
    return [{ kind: "line", seq, message: message.slice(0, WHOLE_MESSAGE) }];
  }

  look({ look, near, count }: Ask<"look">): AnswerBody[] {
    const seen = this.#see(look);
    const { hits, shown, items, bins, query } = seen;
    const position = near === null ? null : this.#positionOf(near);
    const at =
      position === null || shown.length === 0 ? null : items.placeOf(nearest(shown, position));
    const looked: AnswerBody = {
      kind: "looked",
      hits: hits.length,
      shown: shown.length,
      total: items.total,
      at,
      bins,
      marks: this.#marks(seen),
      advice: hits.length > 0 ? null : adviceOn(query, this.#names),
    };
    if (count <= 0) return [looked];
    const start = at === null ? 0 : Math.max(0, at - Math.floor(count / 2));
    return [this.#window(seen, start, count), looked];
  }

  window({ look, start, count }: Ask<"rows">): AnswerBody[] {
    return [this.#window(this.#see(look), start, count)];
  }

  /** `pins` are the arrival numbers of pinned lines. */
  find({ look, what, at, step }: Ask<"find">, pins: readonly number[]): AnswerBody[] {
    const seen = this.#see(look);
    const isNearest = what === "line" || what === "time";
    const spot = isNearest
      ? this.#nearest(seen, what, at)
      : this.#next(seen, this.#candidates(seen, what, pins), at, step);
    return [{ kind: "found", what, ...spot }];
  }

  suggest({ text, caret }: Ask<"suggest">): AnswerBody[] {
    return [{ kind: "suggestions", ...complete(text, caret, this.#levels, this.#names) }];
  }

  get #names(): Record<"task" | "logger", Counts> {
    this.#counted ??= { task: this.#counts(4), logger: this.#counts(5) };
    return this.#counted;
  }

  get #levels() {
    const counts = this.#counts<number | null>(2);
    counts.delete(null);
    return counts as Map<number, number>;
  }

  /** How many lines have each value of a column, most lines first. */
  #counts<T>(column: 2 | 4 | 5): Map<T, number> {
    const counts = new Map<T, number>();
    for (const row of this.rows)
      counts.set(row[column] as T, (counts.get(row[column] as T) ?? 0) + 1);
    return new Map([...counts].sort(([, a], [, b]) => b - a));
  }

  #positionOf(seq: number): number | null {
    if (this.rows[seq]?.[0] === seq) return seq;
    this.#positions ??= new Map(this.rows.map((row, position) => [row[0], position]));
    return this.#positions.get(seq) ?? null;
  }

  #window({ items, isHit }: Seen, from: number, most: number): AnswerBody {
    const { total } = items;
    const start = Math.max(0, Math.min(from, total - 1));
    const count = Math.max(0, Math.min(most, MOST_ITEMS));
    return {
      kind: "rows",
      window: { start, items: items.window(start, count, isHit).map(cut), total },
    };
  }

  #candidates({ hits, shown }: Seen, what: string, pins: readonly number[]): Int32Array {
    if (what === "hit") return hits;
    const pinned = new Set(pins.map((seq) => this.#positionOf(seq)));
    const isMeant = (at: number) =>
      what === "error" ? (this.rows[at]?.[2] ?? 0) >= 40 : pinned.has(at);
    return shown.filter(isMeant);
  }

  #next(seen: Seen, candidates: Int32Array, at: number | null, step: 1 | -1): Spot {
    const count = candidates.length;
    if (count === 0) return NOWHERE;
    const isTurned = seen.look.is_newest_first;
    const isLater = step > 0 !== isTurned;
    const origin = at === null ? null : this.#positionOf(at);
    let number = isLater ? 0 : count - 1;
    if (origin !== null && isLater) number = below(candidates, origin + 1) % count;
    else if (origin !== null) number = (below(candidates, origin) - 1 + count) % count;
    const nth = isTurned ? count - number : number + 1;
    return this.#spot(seen, candidates[number] as number, nth);
  }

  #nearest(seen: Seen, what: "line" | "time", at: number | null): Spot {
    const { hits, shown } = seen;
    if (at === null || shown.length === 0) return NOWHERE;
    const wanted = what === "line" ? this.#positionOf(at) : this.#firstFrom(at);
    if (wanted === null) return NOWHERE;
    const position = shown[nearest(shown, wanted)] as number;
    const number = below(hits, position);
    if (hits[number] !== position) return this.#spot(seen, position, null);
    return this.#spot(
      seen,
      position,
      seen.look.is_newest_first ? hits.length - number : number + 1,
    );
  }

  /** The position of the first line at a time or later, or else of the last line. */
  #firstFrom(time: number): number {
    const found = this.rows.findIndex(([, at]) => at >= time);
    return found < 0 ? this.rows.length - 1 : found;
  }

  #spot({ items, shown }: Seen, position: number, nth: number | null): Spot {
    return {
      place: items.placeOf(below(shown, position)),
      seq: this.rows[position]?.[0] ?? null,
      nth,
    };
  }

  #marks({ hits, shown, items }: Seen): Said<"looked">["marks"] {
    const cells = (is: (position: number, level: number) => boolean) => {
      const found = new Set<number>();
      shown.forEach((position, i) => {
        if (is(position, this.rows[position]?.[2] ?? 0))
          found.add(Math.floor((items.placeOf(i) * CELLS) / items.total));
      });
      return [...found].sort((a, b) => a - b);
    };
    const fits = new Set(hits.length < shown.length ? hits : []);
    return {
      error: cells((_, level) => level >= 40),
      warning: cells((_, level) => level >= 30 && level < 40),
      hit: fits.size > 0 ? cells((position) => fits.has(position)) : [],
    };
  }

  #see(look: Look): Seen {
    const known = this.#seen.find((seen) => JSON.stringify(seen.look) === JSON.stringify(look));
    if (known) return known;
    const query = this.query(look);
    const hits = this.#fitting(query);
    const untimed = query.terms.filter(({ key }) => key !== "time");
    const isTimed = untimed.length < query.terms.length;
    const shown = hits === this.#all ? hits : this.#shown(hits, look);
    const flags = new Uint8Array(this.rows.length);
    for (const at of hits) flags[at] = 1;
    const { context, is_newest_first } = look;
    const counted = isTimed ? this.#fitting({ terms: untimed }) : hits;
    const seen: Seen = {
      look,
      query,
      hits,
      shown,
      isHit: (position) => flags[position] === 1,
      items: new Items(
        this.rows,
        shown,
        this.#attempts,
        is_newest_first,
        context !== null && hits !== this.#all,
      ),
      bins: binsOf(
        Array.from(counted, (at) => this.rows[at] as LogRow),
        this.rows,
        this.#idle,
      ),
    };
    this.#seen = [seen, ...this.#seen.slice(0, RECENT - 1)];
    return seen;
  }

  #fitting(query: Query): Int32Array {
    if (query.terms.length === 0) return this.#all;
    const slow = query.terms.filter((term) => isSlow({ terms: [term] }));
    const quick = query.terms.filter((term) => !slow.includes(term));
    const fits = matcher({ terms: quick }, { attempt: this.#attempts.of });
    const finders = slow.map(({ value, not }) => ({ finds: finder(value as string), not }));
    return this.#all.filter((at) => {
      const row = this.rows[at] as LogRow;
      return fits(row) && finders.every(({ finds, not }) => finds(row[6]) !== not);
    });
  }

  /** The positions of what fits, of the lines round it, and of those opened in place. */
  #shown(hits: Int32Array, { context, opened, is_newest_first }: Look): Int32Array {
    const around = Math.max(0, Math.min(context ?? 0, 1000));
    if (around === 0 && opened.length === 0) return hits;
    const flags = new Uint8Array(this.rows.length);
    for (const at of hits) flags.fill(1, Math.max(0, at - around), at + around + 1);
    for (const [seq, count] of opened) {
      const at = this.#positionOf(seq);
      if (at === null || count === 0) continue;
      const size = Math.abs(count);
      if (count > 0 !== is_newest_first) flags.fill(1, at, at + size);
      else flags.fill(1, Math.max(0, at - size + 1), at + 1);
    }
    return this.#all.filter((at) => flags[at] === 1);
  }
}
