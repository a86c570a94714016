/**
 * Answers questions about a log that the page holds, whole or in part. `flowrun_widgets/widget/answers.py` and
 * `report/log/view.py` are the same in Python. Every answer is computed in steps, between which the page can draw.
 */

import { dateOf } from "../format/time";
import type {
  AnswerBody,
  Ask,
  LogQuery,
  LogRow,
  QueryResult,
  Say,
  Spot,
  Template,
} from "../protocol/wire";
import { matcher } from "../query/match";
import { parseQuery } from "../query/parse";
import type { Query } from "../query/terms";
import { Attempts, type Begun } from "./attempts";
import { binsOf } from "./bins";
import { type Counts, complete } from "./complete";
import { Items } from "./items";
import { below, nearest } from "./search";
import { adviceOn } from "./suggest";
import { textOf } from "./text";

/** Yields between steps of the work. */
export type Work<T> = Generator<void, T>;

const CELLS = 200;
const MAX_ITEMS = 2000;
const MAX_CONTEXT = 1000;
const MAX_MESSAGE_CHARS = 1000;
const MAX_WHOLE_MESSAGE_CHARS = 1e6;
const RECENT = 4;
/** The number of lines that are processed between two pauses. */
const STEP = 2000;
const NOWHERE: Spot = { place: null, seq: null, nth: null };

/** The lines that one query finds. */
interface View {
  query: Query;
  /** Indices of the rows that match, ascending, and of those that are shown. */
  hits: Int32Array;
  shown: Int32Array;
  /** The rows that are shown, including those that are folded into another row. */
  unfolded: Int32Array;
  /** The shown rows that match, or into which a matching row is folded. */
  heads: Int32Array;
  isHit: (index: number) => boolean;
  items: Items;
  /** Indices of the rows that match, time terms ignored. */
  untimed: Int32Array;
  isNewestFirst: boolean;
}

/** Facts about a log in addition to its lines. */
export interface LogFacts {
  /** The length of the whole log, if the lines are not all. */
  total?: number;
  /** For each row, the index of its task run in `begun`. */
  places?: ArrayLike<number>;
  begun?: readonly Begun[];
  /** Stretches of time that the axis folds. */
  idle?: readonly [from: number, to: number][];
  /** The start of the run: a clock time without a date is on that day. */
  startedAt?: number | null;
  /** For each row, the index of its pattern in `templates`. */
  patterns?: ArrayLike<number>;
  templates?: readonly [pattern: string, term: string][];
}

/** The length of a text in characters, not in UTF-16 code units. */
export function lengthOf(text: string): number {
  let length = text.length;
  if (/[\udc00-\udfff]/.test(text))
    for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) length--;
  return length;
}

const isWhole = (row: LogRow): boolean => row[6].length >= row[7] && lengthOf(row[6]) >= row[7];

const isSame = (a: LogRow, b: LogRow): boolean =>
  a[6] === b[6] &&
  a[7] === b[7] &&
  a[2] === b[2] &&
  a[3] === b[3] &&
  a[4] === b[4] &&
  a[5] === b[5];

/** Cuts a long message, as Python does in the rows that it sends. */
function cut(row: LogRow): LogRow {
  if (row[7] <= MAX_MESSAGE_CHARS) return row;
  const message = [...row[6].slice(0, 2 * MAX_MESSAGE_CHARS)].slice(0, MAX_MESSAGE_CHARS);
  return row.with(6, message.join("")) as LogRow;
}

/** The shown row into which a row is folded. */
const headOf = (shown: Int32Array, index: number): number | undefined =>
  shown[below(shown, index + 1) - 1];

const headsOf = (shown: Int32Array, indices: Int32Array): Int32Array =>
  Int32Array.from(new Set(Array.from(indices, (index) => headOf(shown, index) as number)));

export class Log {
  readonly #all: Int32Array;
  readonly #attempts: Attempts;
  readonly #startedAt: number;
  #views = new Map<string, View>();
  #indices: Map<number, number> | null = null;
  #counted: Record<"task" | "logger", Counts> | null = null;

  /** `rows` are sorted by their position in the log. */
  constructor(
    readonly rows: readonly LogRow[],
    private readonly facts: LogFacts = {},
  ) {
    this.#all = Int32Array.from(rows.keys());
    this.#attempts = new Attempts(facts.begun ?? [], facts.places ?? [], rows);
    this.#startedAt = facts.startedAt ?? rows[0]?.[1] ?? 0;
  }

  /** Whether it has every line. */
  get isComplete(): boolean {
    return this.rows.length === (this.facts.total ?? this.rows.length);
  }

  /** Whether it has every character of its lines too. */
  get isWhole(): boolean {
    return this.isComplete && this.rows.every(isWhole);
  }

  get hasTemplates(): boolean {
    return this.facts.templates !== undefined;
  }

  *query({ query, near, count }: Ask<"query">): Work<AnswerBody[]> {
    const view = yield* this.#view(query);
    const { hits, shown, items, untimed } = view;
    const index = near === null ? null : this.#indexOf(near);
    const at = index === null || shown.length === 0 ? null : items.placeOf(nearest(shown, index));
    const result: QueryResult = {
      kind: "result",
      hits: hits.length,
      shown: shown.length,
      total: items.total,
      at,
      hit: hits.length === 0 ? null : this.#nextHit(view, near, 1, true),
      bins: binsOf(untimed, this.rows, this.facts.idle ?? []),
      marks: this.#marks(view),
      advice: hits.length > 0 ? null : adviceOn(view.query, this.#names),
      ...(this.isComplete ? {} : { searched: this.rows.length }),
    };
    if (count <= 0) return [result];
    const goal = query.lines === "all" && result.hit ? result.hit.place : at;
    const start = goal === null ? 0 : Math.max(0, goal - Math.floor(count / 2));
    return [this.#window(view, start, count), result];
  }

  *window({ query, start, count }: Ask<"rows">): Work<AnswerBody[]> {
    return [this.#window(yield* this.#view(query), start, count)];
  }

  /** `pins` are the arrival numbers of pinned lines. */
  *find({ query, what, at, step }: Ask<"find">, pins: readonly number[]): Work<AnswerBody[]> {
    const view = yield* this.#view(query);
    const isNearest = what === "line" || what === "time";
    const spot = isNearest
      ? this.#nearest(view, what, at)
      : what === "hit"
        ? this.#nextHit(view, at, step)
        : this.#next(view, this.#candidates(view, what, pins), at, step);
    return [{ kind: "found", what, ...spot }];
  }

  /** One whole message; no answer if the page has only a part of it. */
  line({ seq }: Ask<"line">): AnswerBody[] {
    const row = this.rows[this.#indexOf(seq) ?? -1];
    if (!row || !isWhole(row)) return [];
    return [{ kind: "line", seq, message: row[6].slice(0, MAX_WHOLE_MESSAGE_CHARS) }];
  }

  /** The rows at some places of a query, in the order shown. */
  *rowsAt(query: LogQuery, from: number, to: number): Work<LogRow[]> {
    const { items, isHit } = yield* this.#view(query);
    const found = items.window(Math.max(0, from), to - from + 1, isHit);
    return found.filter((item): item is LogRow => item.length > 5);
  }

  /** The selected lines as text. */
  *text({ selection }: Ask<"text">): Work<[Say<"text">, DataView]> {
    const rows = yield* this.rowsAt(selection.query, selection.from, selection.to);
    const bytes = new TextEncoder().encode(textOf(rows));
    return [
      { kind: "text", part: 0, parts: 1, lines: rows.length },
      new DataView(bytes.buffer as ArrayBuffer),
    ];
  }

  /** The lines that a query shows, in the order shown. */
  *shown(query: LogQuery): Work<LogRow[]> {
    const view = yield* this.#view({ ...query, folds_repeats: false });
    const rows = Array.from(view.shown, (at) => this.rows[at] as LogRow);
    return query.is_newest_first ? rows.reverse() : rows;
  }

  /** The patterns of the lines that match, the most frequent first. */
  *templates({ query }: Ask<"templates">, most: number): Work<AnswerBody[]> {
    const { hits } = yield* this.#view(query);
    const { patterns = [], templates = [] } = this.facts;
    const found = new Map<number, Template>();
    for (const index of hits) {
      const place = patterns[index] ?? -1;
      if (place < 0) continue;
      const [, at, level] = this.rows[index] as LogRow;
      const one = found.get(place);
      const [pattern, term] = templates[place] ?? ["", ""];
      if (!one) found.set(place, [pattern, 1, at, at, level, term]);
      else {
        one[1]++;
        one[2] = Math.min(one[2], at);
        one[3] = Math.max(one[3], at);
        if (level !== null) one[4] = Math.max(one[4] ?? level, level);
      }
    }
    const rows = [...found.values()].sort((a, b) => b[1] - a[1]).slice(0, most);
    return [{ kind: "templates", rows, lines: hits.length }];
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

  /** The number of lines for each value of a column, highest first. */
  #counts<T>(column: 2 | 4 | 5): Map<T, number> {
    const counts = new Map<T, number>();
    for (const row of this.rows)
      counts.set(row[column] as T, (counts.get(row[column] as T) ?? 0) + 1);
    return new Map([...counts].sort(([, a], [, b]) => b - a));
  }

  #indexOf(seq: number): number | null {
    if (this.rows[seq]?.[0] === seq) return seq;
    this.#indices ??= new Map(this.rows.map((row, index) => [row[0], index]));
    return this.#indices.get(seq) ?? null;
  }

  #window({ items, isHit }: View, from: number, most: number): AnswerBody {
    const { total } = items;
    const start = Math.max(0, Math.min(from, total - 1));
    const count = Math.max(0, Math.min(most, MAX_ITEMS));
    const found = items
      .window(start, count, isHit)
      .map((item) => (item.length > 5 ? cut(item as LogRow) : item));
    return { kind: "rows", window: { start, items: found, total } };
  }

  #candidates({ shown, unfolded }: View, what: string, pins: readonly number[]): Int32Array {
    if (what === "error") return shown.filter((at) => (this.rows[at]?.[2] ?? 0) >= 40);
    const pinned = new Set(pins.map((seq) => this.#indexOf(seq)));
    return headsOf(
      shown,
      unfolded.filter((at) => pinned.has(at)),
    );
  }

  #nextHit(view: View, at: number | null, step: 1 | -1, isFromItself = false): Spot {
    const { hits, heads, shown, isNewestFirst } = view;
    const spot = this.#next(view, heads, at, step, isFromItself);
    if (heads === hits || spot.seq === null) return spot;
    const head = this.#indexOf(spot.seq);
    const isOf = (hit: number) => headOf(shown, hit) === head;
    const nth = isNewestFirst ? hits.length - hits.findLastIndex(isOf) : hits.findIndex(isOf) + 1;
    return { ...spot, nth };
  }

  #next(
    view: View,
    candidates: Int32Array,
    at: number | null,
    step: 1 | -1,
    isFromItself = false,
  ): Spot {
    const count = candidates.length;
    if (count === 0) return NOWHERE;
    const isTurned = view.isNewestFirst;
    const isLater = step > 0 !== isTurned;
    const origin = at === null ? null : this.#indexOf(at);
    let number = isLater ? 0 : count - 1;
    const itself = isFromItself ? 1 : 0;
    if (origin !== null && isLater) number = below(candidates, origin + 1 - itself) % count;
    else if (origin !== null) number = (below(candidates, origin + itself) - 1 + count) % count;
    const nth = isTurned ? count - number : number + 1;
    return this.#spot(view, candidates[number] as number, nth);
  }

  #nearest(view: View, what: "line" | "time", at: number | null): Spot {
    const { hits, shown } = view;
    if (at === null || shown.length === 0) return NOWHERE;
    const wanted = what === "line" ? this.#indexOf(at) : this.#firstFrom(at);
    if (wanted === null) return NOWHERE;
    const index = shown[nearest(shown, wanted)] as number;
    const number = below(hits, index);
    const isHit = hits[number] === index;
    const nth = view.isNewestFirst ? hits.length - number : number + 1;
    return this.#spot(view, index, isHit ? nth : null);
  }

  /** The first row at a time or later, otherwise the last row. */
  #firstFrom(at: number): number {
    const found = this.rows.findIndex((row) => row[1] >= at);
    return found < 0 ? this.rows.length - 1 : found;
  }

  #spot({ items, shown }: View, index: number, nth: number | null): Spot {
    const number = below(shown, index);
    return { place: items.placeOf(number), seq: this.rows[index]?.[0] ?? null, nth };
  }

  /** The cells of the minimap that contain shown lines of each kind. */
  #marks({ heads, shown, items, isHit }: View): QueryResult["marks"] {
    const { total } = items;
    const cells = (isMeant: (index: number, level: number) => boolean) => {
      const found = new Set<number>();
      shown.forEach((index, number) => {
        if (isMeant(index, this.rows[index]?.[2] ?? 0))
          found.add(Math.floor((items.placeOf(number) * CELLS) / total));
      });
      return [...found].sort((a, b) => a - b);
    };
    return {
      error: cells((_, level) => level >= 40),
      warning: cells((_, level) => level >= 30 && level < 40),
      hit: heads.length < shown.length ? cells((index) => isHit(index)) : [],
    };
  }

  /** The view for a query; the last few are cached. */
  *#view(asked: LogQuery): Work<View> {
    const key = JSON.stringify(asked);
    const known = this.#views.get(key);
    if (known) return known;
    const { zone, lines, folds_repeats, is_newest_first } = asked;
    const query = parseQuery(asked.text, { tz: zone, firstDay: dateOf(this.#startedAt, zone) });
    const hits = yield* this.#matching(query);
    const terms = query.terms.filter((term) => term.key !== "time");
    const untimed = terms.length < query.terms.length ? yield* this.#matching({ terms }) : hits;
    const everything = lines === "all" || hits === this.#all;
    const wanted = everything ? this.#all : this.#around(hits, asked);
    const hasGaps = lines === "context" && !everything;
    const [shown, repeats] = folds_repeats ? this.#folded(wanted, hasGaps) : [wanted, null];
    const heads = repeats ? headsOf(shown, hits) : hits;
    const flags = new Uint8Array(this.rows.length);
    for (const at of heads) flags[at] = 1;
    const items = new Items(
      this.rows,
      {
        shown,
        repeats,
        isNewestFirst: is_newest_first,
        hasGaps,
        hasMissing: everything && !this.isComplete,
        lines: this.facts.total ?? this.rows.length,
      },
      this.#attempts,
    );
    const view: View = {
      query,
      hits,
      shown,
      unfolded: wanted,
      heads,
      untimed,
      items,
      isHit: (index) => flags[index] === 1,
      isNewestFirst: is_newest_first,
    };
    this.#views.set(key, view);
    for (const old of this.#views.keys()) if (this.#views.size > RECENT) this.#views.delete(old);
    return view;
  }

  *#matching(query: Query): Work<Int32Array> {
    if (query.terms.length === 0) return this.#all;
    const fits = matcher(query, { attempt: this.#attempts.of });
    const found: number[] = [];
    for (let index = 0; index < this.rows.length; index++) {
      if (index % STEP === STEP - 1) yield;
      if (fits(this.rows[index] as LogRow, index)) found.push(index);
    }
    return Int32Array.from(found);
  }

  /** The indices of the matching rows, the rows around them, and the rows that were opened in place. */
  #around(hits: Int32Array, query: LogQuery): Int32Array {
    const { opened, is_newest_first } = query;
    const context = query.lines === "context" ? query.context : 0;
    const around = Math.max(0, Math.min(context, MAX_CONTEXT));
    if (around === 0 && opened.length === 0) return hits;
    const flags = new Uint8Array(this.rows.length);
    for (const at of hits) flags.fill(1, Math.max(0, at - around), at + around + 1);
    for (const [seq, count] of opened) {
      const at = this.#indexOf(seq);
      if (at === null || count === 0) continue;
      const size = Math.abs(count);
      if (count > 0 !== is_newest_first) flags.fill(1, at, at + size);
      else flags.fill(1, Math.max(0, at - size + 1), at + 1);
    }
    return this.#all.filter((at) => flags[at] === 1);
  }

  /** The first line of each sequence of equal lines, and the sequence's length; a hidden line may end a sequence. */
  #folded(shown: Int32Array, keepsGaps: boolean): [Int32Array, number[]] {
    const heads: number[] = [];
    const repeats: number[] = [];
    for (const [i, index] of shown.entries()) {
      const at = shown[i - 1] ?? -1;
      const before = keepsGaps && at < index - 1 ? undefined : this.rows[at];
      if (before && isSame(before, this.rows[index] as LogRow))
        repeats[repeats.length - 1] = (repeats.at(-1) ?? 0) + 1;
      else {
        heads.push(index);
        repeats.push(1);
      }
    }
    return [Int32Array.from(heads), repeats];
  }
}

/** Runs work to its end at once. */
export function done<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
