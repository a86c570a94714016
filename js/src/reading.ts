import { dateOf } from "./core/format";
import {
  type Held,
  heldAnew,
  isPlain,
  type Looked,
  lineAt,
  placeOf,
  plainLook,
  withWindow,
} from "./core/items";
import { type AnswerBody, Local, type QuestionOf } from "./core/local";
import { isCut } from "./core/message";
import { openingLine } from "./core/opening";
import { isSlow, marks, matcher } from "./core/query/match";
import { parseQuery, read } from "./core/query/parse";
import { exactly, withoutKey, withTerm } from "./core/query/rewrite";
import { type Clock, QuerySyntaxError } from "./core/query/terms";
import { type Range, ROW_HEIGHT, rowsToAsk } from "./core/window";
import type { Kept, LogRow, Look, Payload } from "./core/wire";
import type { Goal, Store } from "./store";

type Asked<K> = Extract<QuestionOf, { kind: K }>;
type Said<K> = Extract<AnswerBody, { kind: K }>;

const POOL = 4000;
const FIRST_ROWS = 60;
const MOST_STEPS = 50;

/** What a reader does with the lines: filter, find, scroll, open, select, pin. Its state is in the store. */
export class Reading {
  #asked: Range | null = null;
  /** Every line that has come, the newest last. */
  readonly #pool = new Map<number, LogRow>();
  #local: Local | null = null;
  /** What was at the top when the look was asked for, if it is to stay there. */
  #keep: { place: number; isTail: boolean } | null = null;
  /** What a key is to do once the current row is held. */
  later: (() => void) | null = null;
  #isFocusing = false;
  #isFinding = false;
  #steps: [Asked<"find">["what"], 1 | -1][] = [];
  #marks: { look: Look; patterns: readonly RegExp[] } | null = null;

  constructor(private readonly store: Store) {}

  get clock(): Clock {
    const { payload, zone } = this.store;
    const at = payload?.header.started_at ?? payload?.header.created_at ?? null;
    return { tz: zone, firstDay: at === null ? null : dateOf(at, zone) };
  }

  /** How many lines the page holds. */
  get size(): number {
    return this.#pool.size;
  }

  /** What to mark in the lines that are shown. */
  get marks(): readonly RegExp[] {
    const { look } = this.store.held;
    if (this.#marks?.look !== look)
      this.#marks = { look, patterns: look.text ? marks(parseQuery(look.text, this.clock)) : [] };
    return this.#marks.patterns;
  }

  /** Whether the answer to what is typed is still to come. */
  get isLooking(): boolean {
    const { look, held, looked } = this.store;
    return look !== held.look || looked === null;
  }

  get hasText(): boolean {
    return this.store.held.look.text.trim() !== "";
  }

  /** The line at the top of what is shown. */
  get #top(): LogRow | undefined {
    const { held, offset } = this.store;
    const first = Math.floor(offset / ROW_HEIGHT);
    for (let at = first; at < first + 30; at++) {
      const row = lineAt(held, at);
      if (row) return row;
    }
    return undefined;
  }

  receive(payload: Payload, before: Payload | null): void {
    const { store } = this;
    const { logs, snapshot } = payload;
    if (!logs) return;
    const isFirst = !before?.logs;
    const old = before?.logs;
    const isSame =
      before?.snapshot === snapshot &&
      old?.total === logs.total &&
      old.window.total === logs.window.total;
    if (isSame) return;
    const isTail = store.isFollowing;
    this.#asked = null;
    if (isFirst) {
      const look = { ...plainLook(store.zone), text: store.kept.text };
      store.change({ text: look.text, look });
    }
    if (isPlain(store.look)) {
      const total = logs.window.total ?? logs.total;
      const empty = heldAnew(store.held, store.look, snapshot, total);
      this.#add(logs.window.items);
      store.change({ held: withWindow(empty, logs.window) });
    }
    if (isFirst) this.#open(payload);
    else if (isTail) this.goTo(store.held.total - 1, "nearest");
    else store.change({ unseen: store.unseen + Math.max(0, logs.total - (old?.total ?? 0)) });
    const top = isFirst ? undefined : this.#top;
    this.#keep = { place: top ? (placeOf(store.held, top[0]) ?? 0) : 0, isTail };
    this.#ask(store.look, top?.[0] ?? null);
  }

  /** Takes the text that Python or another view has set. */
  keep(kept: Kept): void {
    const { store } = this;
    const isTurned = kept.turn > store.kept.turn;
    store.change({ kept });
    if (isTurned && store.payload?.logs) this.type(kept.text);
  }

  /** Another text in the filter line. What is no query is said, and the last good result stays. */
  type(text: string): void {
    const { store } = this;
    store.change({ text, textError: null });
    if (text === store.look.text) return;
    try {
      const query = parseQuery(text, this.clock);
      const fits = isSlow(query) ? null : matcher(query);
      const near = this.#nearestThatFits(fits, text.trim() === "");
      this.#look({ ...store.look, text, opened: [] }, near);
    } catch (error) {
      if (!(error instanceof QuerySyntaxError)) throw error;
      store.change({ textError: error });
    }
  }

  /** Shows the lines of one task run alone, or all others. */
  filterTask(row: LogRow, isOut = false): void {
    if (row[4] !== null)
      this.type(withTerm(this.store.text, (isOut ? "-" : "") + exactly("task", row[4])));
  }

  /** Takes a proposed term over in place of those of its key. */
  replace(proposed: string): void {
    const [term] = read(proposed).terms;
    if (term) this.type(withTerm(withoutKey(this.store.text, term.key), proposed));
  }

  /** Changes how lines are shown, not which fit. */
  show(patch: Partial<Look>): void {
    const { store } = this;
    const isOpening = (patch.opened?.length ?? 0) > 0;
    if (isOpening) {
      this.#keep = { place: 0, isTail: false };
      store.change({ goal: null });
    }
    const near = isOpening ? null : (store.near ?? this.#top?.[0] ?? null);
    this.#look({ ...store.look, ...patch }, near, isOpening);
  }

  /** Goes to the next hit, error or pin, to a line or to a time. */
  find(what: Asked<"find">["what"], step: 1 | -1 = 1, at: number | null = this.store.near): void {
    // A key that is pressed faster than answers come counts each time, from where the answer before leads.
    if (this.#isFinding && what !== "line" && what !== "time") {
      if (this.#steps.length < MOST_STEPS) this.#steps.push([what, step]);
      return;
    }
    this.#isFinding = true;
    this.#isFocusing = !this.store.isTyping;
    this.#put({ kind: "find", look: this.store.held.look, what, at, step });
  }

  /** Shows a line in the logs and makes it the current one. */
  showLine(seq: number): void {
    this.store.change({ tab: "logs", isFollowing: false });
    const place = placeOf(this.store.held, seq);
    if (place === null) this.find("line", 1, seq);
    else {
      this.#isFocusing = true;
      this.#goToLine(place, seq, null);
    }
  }

  /** Shows the first line from a time on. */
  showTime(at: number): void {
    this.store.change({ tab: "logs", isFollowing: false });
    this.find("time", 1, at);
  }

  /** Asks for the items in `range` unless they are held or already asked for. */
  want(range: Range): void {
    const { held, payload } = this.store;
    if (range.end <= range.first || held.snapshot !== payload?.snapshot) return;
    const asked = this.#asked;
    if (asked && asked.first <= range.first && asked.end >= range.end) return;
    const { start, count } = rowsToAsk(range, held.total);
    this.#asked = { first: start, end: start + count };
    this.#put({ kind: "rows", look: held.look, start, count });
  }

  /** What is wanted is held again. */
  content(): void {
    this.#asked = null;
  }

  goTo(place: number, where: Goal["where"] = "centre", isFocused = false): void {
    const { held } = this.store;
    if (held.total === 0) return;
    const at = Math.min(Math.max(0, place), held.total - 1);
    this.store.change({ goal: { place: at, where, isFocused } });
  }

  /** Makes the item at a place the current one. */
  stand(place: number | null): void {
    this.later = null;
    const row = lineAt(this.store.held, place);
    this.store.change({ cursor: place, near: row?.[0] ?? this.store.near, nth: null });
  }

  /** Shows the whole of the line at a place. */
  open(place: number): void {
    const { store } = this;
    const row = lineAt(store.held, place);
    if (!row) return;
    const isWhole = !isCut(row);
    this.stand(place);
    store.change({ opened: { row, message: isWhole ? row[6] : null } });
    if (!isWhole) this.#put({ kind: "line", seq: row[0] });
  }

  /** The reader has moved the rows by hand. */
  scrolled(isAtTail: boolean): void {
    const { store } = this;
    const isGoing = store.payload?.header.is_finished === false && isPlain(store.look);
    store.change({
      goal: null,
      isFollowing: isGoing && isAtTail,
      unseen: isAtTail ? 0 : store.unseen,
    });
  }

  /** The lines from where a range began to where one stands; only those that are held. */
  range(): LogRow[] {
    const { held, cursor, rangeFrom } = this.store;
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
  select(): void {
    const seqs = this.range().map(([seq]) => seq);
    const selected = new Set(this.store.selected);
    const isOut = seqs.every((seq) => selected.has(seq));
    for (const seq of seqs) isOut ? selected.delete(seq) : selected.add(seq);
    this.store.change({ selected });
    this.store.tellSelection();
  }

  /** Pins the current line and asks for a note, or takes its pin away. */
  togglePin(): void {
    const { store } = this;
    const row = lineAt(store.held, store.cursor);
    if (!row) return;
    const isPinned = store.kept.pins.some(({ seq }) => seq === row[0]);
    this.pin(row, isPinned ? null : "");
    store.change({ noting: isPinned ? null : row });
  }

  pin(row: LogRow, note: string | null): void {
    const { store } = this;
    const { kept } = store;
    const [seq, at, level, , task, , message] = row;
    const others = kept.pins.filter((pin) => pin.seq !== seq);
    const pins = note === null ? others : [...others, { seq, at, level, task, message, note }];
    store.change({ kept: { ...kept, pins: pins.sort((a, b) => a.at - b.at || a.seq - b.seq) } });
    store.ask({ kind: "pin", seq, note });
  }

  /** Takes an answer; false if it is to something that is not wanted any more. */
  take(said: AnswerBody, asked: QuestionOf, isLocal = false): void {
    if (said.kind === "looked" && asked.kind === "look") this.#takeLooked(said, asked, isLocal);
    else if (said.kind === "rows") this.#takeRows(said, asked, isLocal);
    else if (said.kind === "found" && asked.kind === "find") this.#takeFound(said, asked);
    else if (said.kind === "line") {
      const { opened } = this.store;
      if (opened?.row[0] === said.seq)
        this.store.change({ opened: { ...opened, message: said.message } });
    } else if (said.kind === "failed") {
      this.#asked = null;
      if (asked.kind === "find") this.#stopFinding();
    }
  }

  /** The kernel has not answered in time: what can be said from here is said. */
  late(asked: QuestionOf): void {
    if (asked.kind === "look" && isSlow(parseQuery(asked.look.text, this.clock))) return;
    const isWanted =
      asked.kind === "look" ? !isPlain(asked.look) : ["rows", "find", "line"].includes(asked.kind);
    if (isWanted) this.store.change({ isLate: true });
    if (isWanted || this.#source.size === this.store.payload?.logs?.total) this.#answerHere(asked);
  }

  #answerHere(asked: QuestionOf): void {
    for (const said of this.#source.answer(asked)) this.take(said, asked, true);
  }

  get #source(): Local {
    this.#local ??= new Local(
      this.#pool.values(),
      this.store.payload?.logs?.total ?? 0,
      this.clock,
    );
    return this.#local;
  }

  #add(items: readonly unknown[]): void {
    for (const item of items as LogRow[]) {
      if (typeof item[0] !== "number") continue;
      this.#pool.delete(item[0]);
      this.#pool.set(item[0], item);
    }
    for (const seq of this.#pool.keys()) {
      if (this.#pool.size <= POOL) break;
      this.#pool.delete(seq);
    }
    if (!this.store.held.isLocal) this.#local = null;
  }

  /** Asks the kernel, or the lines held here while the kernel is busy with the look itself. */
  #put(question: QuestionOf): void {
    if (this.store.held.isLocal && question.kind !== "line") this.#answerHere(question);
    else this.store.ask(question);
  }

  #look(look: Look, near: number | null, isKept = false): void {
    if (!isKept) this.#keep = null;
    this.#stopFinding();
    this.store.change({ look, nth: null, rangeFrom: null });
    this.#ask(look, near);
  }

  #ask(look: Look, near: number | null): void {
    const count = isPlain(look) || near !== null ? 0 : FIRST_ROWS;
    this.store.ask({ kind: "look", look, near, count });
  }

  /** The current line if it is still among those shown; without any text, at least what is in sight. */
  #nearestThatFits(fits: ((row: LogRow) => boolean) | null, isAll: boolean): number | null {
    const { near } = this.store;
    if (isAll) return near ?? this.#top?.[0] ?? null;
    const row = near === null ? undefined : this.#pool.get(near);
    return row && fits?.(row) ? near : null;
  }

  #takeLooked(said: Said<"looked">, asked: Asked<"look">, isLocal: boolean): void {
    const { store } = this;
    const { look, near } = asked;
    if (look !== store.look) return;
    const { held } = store;
    const snapshot = store.payload?.snapshot ?? 0;
    const isSame = held.look === look && held.snapshot === snapshot && held.isLocal === isLocal;
    const next: Held = isSame ? held : heldAnew(held, look, snapshot, said.total);
    this.#asked = null;
    store.change({
      held: { ...next, total: said.total, isLocal },
      looked: said as Looked,
      heldHere: isLocal ? this.#source.size : null,
    });
    const keep = this.#keep;
    this.#keep = null;
    if (keep?.isTail) this.goTo(said.total - 1, "nearest");
    else if (keep) {
      const shift = near !== null && said.at !== null ? said.at - keep.place : 0;
      const { cursor } = store;
      if (shift !== 0)
        store.change({
          offset: store.offset + shift * ROW_HEIGHT,
          cursor: cursor === null ? null : cursor + shift,
          goal: null,
        });
    } else if (near === null || said.at === null) {
      store.change({ cursor: null });
      if (!isSame) this.goTo(0, "top");
    } else {
      store.change({ cursor: near === store.near ? said.at : null });
      this.goTo(said.at, "centre");
    }
  }

  #takeRows({ window }: Said<"rows">, asked: QuestionOf, isLocal: boolean): void {
    const { store } = this;
    if (asked.kind !== "look" && asked.kind !== "rows") return;
    const isEarly = asked.kind === "look";
    this.#add(window.items);
    let { held } = store;
    if (isEarly) {
      if (asked.look !== store.look || held.look === asked.look || asked.near !== null) return;
      const total = window.start + window.items.length;
      held = heldAnew(held, asked.look, store.payload?.snapshot ?? 0, total);
      if (!this.#keep) this.goTo(0, "top");
      store.change({ cursor: null, looked: null });
    } else if (asked.look !== held.look) return;
    else if (!isLocal) this.#asked = null;
    store.change({ held: withWindow(held, window) });
    if (!lineAt(store.held, store.cursor)) return;
    this.later?.();
    this.later = null;
  }

  #takeFound({ place, seq, nth }: Said<"found">, asked: Asked<"find">): void {
    this.#isFinding = false;
    if (asked.look !== this.store.held.look || place === null || seq === null) {
      this.#stopFinding();
      return;
    }
    this.#goToLine(place, seq, asked.what === "hit" || asked.what === "line" ? nth : null);
    const next = this.#steps.shift();
    if (next) this.find(next[0], next[1], seq);
  }

  #stopFinding(): void {
    this.#isFinding = false;
    this.#steps = [];
  }

  #goToLine(place: number, seq: number, nth: number | null): void {
    const { store } = this;
    store.change({ cursor: place, near: seq, nth, isFollowing: false, view: "lines" });
    this.goTo(place, "centre", this.#isFocusing);
  }

  /** Where a card opens: at what failed, at the tail of what goes on, else at the top. */
  #open(payload: Payload): void {
    const { store } = this;
    const { held } = store;
    const line = openingLine(payload);
    if (line === "tail") {
      store.change({ isFollowing: isPlain(store.look) });
      this.goTo(held.total - 1, "nearest");
    } else if (line !== null && isPlain(store.look)) {
      const row = [...held.items.values()].find(
        (item) => item[0] === line.seq || (line.seq === null && item[8] === line.position),
      ) as LogRow | undefined;
      const place = row ? placeOf(held, row[0]) : null;
      if (row && place !== null) {
        store.change({ cursor: place, near: row[0] });
        this.goTo(place);
      } else {
        const what = line.seq === null ? "error" : "line";
        this.#put({ kind: "find", look: store.look, what, at: line.seq, step: 1 });
      }
    }
  }
}
