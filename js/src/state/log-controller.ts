/** What a reader does with the lines: filter, find, scroll, select, open. Its state is in the store. */

import { isCut } from "../format/message";
import { dateOf } from "../format/time";
import type { Client } from "../protocol/client";
import type {
  Annotations,
  AnswerBody,
  Ask,
  LogQuery,
  LogRow,
  LogWindow,
  Payload,
  QueryResult,
  QuestionBody,
  Say,
  Selection,
} from "../protocol/wire";
import { isPlainText, type Marker, markers, matcher } from "../query/match";
import { parseQuery, read } from "../query/parse";
import { exactly, withoutKey, withTerm } from "../query/rewrite";
import { type Clock, QuerySyntaxError } from "../query/terms";
import { isPlain } from "../sources/fallback";
import type { LinePool } from "../sources/pool";
import { initialLine } from "./initial-view";
import {
  hasSameItems,
  lineAt,
  NO_SNAPSHOT,
  placeOf,
  plainQuery,
  renewedCache,
  withOldMoved,
  withWindow,
} from "./row-cache";
import { type Range, ROW_HEIGHT, rowsToAsk } from "./scroll";
import { type Goal, isGoing, type LineMode, type Store } from "./store";

type Target = Ask<"find">["what"];

const FIRST_ROWS = 60;
const MAX_QUEUED_STEPS = 50;
const MAX_EARLIER = 20;

/** Whether a place is being looked for, and what was pressed meanwhile. */
type Finding = { state: "idle" } | { state: "asked"; queued: [Target, 1 | -1][] };

/** What stays where it is when other rows come: a line, which was at a place, or the end. */
type Anchor = { kind: "place"; place: number; seq: number | null } | { kind: "tail" } | null;

/** Filter texts that were used in this page, the newest last. */
const earlier: string[] = [];

/** Whether the lines that travel with a payload stand at the places of a query: all of them do, oldest first. */
const hasPlainItems = (query: LogQuery): boolean =>
  isPlain(query.lines === "all" ? { ...query, text: "" } : query);

export class LogController {
  #finding: Finding = { state: "idle" };
  #anchor: Anchor = null;
  /** Rows that came before the result of their query, which says where they are in sight. */
  #early: LogWindow | null = null;
  /** What rows were asked for last. */
  #wanted: Range | null = null;
  /** What a key is to do once the current row is there. */
  #later: (() => unknown) | null = null;
  #isFocusing = false;
  /** Whether the reader has scrolled away since the last question: its answer does not take the rows back. */
  #hasScrolled = false;
  /** Tells of a scroll that the browser has not told of yet: it does so a frame late. */
  reportScroll: () => void = () => {};
  #marked: { query: LogQuery; markers: readonly Marker[] } | null = null;
  /** Which of the earlier texts stands in the filter line. */
  #recalled = 0;

  constructor(
    private readonly store: Store,
    private readonly client: Client,
    readonly pool: LinePool,
  ) {}

  // What is shown

  get clock(): Clock {
    const { payload, zone } = this.store;
    const at = payload?.header.started_at ?? payload?.header.created_at ?? null;
    return { tz: zone, firstDay: at === null ? null : dateOf(at, zone) };
  }

  /** What to mark in the lines that are shown. */
  get markers(): readonly Marker[] {
    const { query } = this.store;
    if (this.#marked?.query !== query)
      this.#marked = {
        query,
        markers: query.text ? markers(parseQuery(query.text, this.clock)) : [],
      };
    return this.#marked.markers;
  }

  /** Whether the answer to what is typed is still to come. */
  get isLooking(): boolean {
    const { query, rows, result } = this.store;
    return query !== rows.query || result === null;
  }

  get hasText(): boolean {
    return this.store.query.text.trim() !== "";
  }

  receive(payload: Payload, before: Payload | null): void {
    const { logs, snapshot } = payload;
    if (!logs) return;
    const { store } = this;
    const old = before?.logs ?? null;
    const isSame =
      before?.snapshot === snapshot &&
      old?.total === logs.total &&
      old.window.total === logs.window.total;
    if (isSame) return;
    this.reportScroll();
    if (old && !old.is_complete) this.#renumber(payload);
    this.#wanted = null;
    const isFirst = old === null;
    if (isFirst) this.#begin();
    this.pool.add([...logs.highlights, ...logs.window.items]);
    const saved = store.annotations.result;
    const total = logs.window.total ?? logs.total;
    if (hasPlainItems(store.query))
      store.change({
        rows: withWindow(renewedCache(store.rows, store.query, snapshot, total), logs.window),
      });
    else if (isFirst && saved?.query.text === store.query.text) {
      this.pool.add(saved.window.items);
      store.change({
        rows: withWindow(
          renewedCache(store.rows, store.query, snapshot, saved.window.total ?? saved.shown),
          saved.window,
        ),
      });
    }
    const top = isFirst ? undefined : (this.#topLine() ?? lineAt(store.rows, store.cursor));
    const { isAtTail } = store;
    if (!old?.total || this.#isStandingNowhere(old)) this.#openAt(payload);
    else if (isAtTail) this.goTo(store.rows.total - 1, "nearest");
    else store.change({ unseen: store.unseen + Math.max(0, logs.total - old.total) });
    const waiting = old?.is_complete ? this.client.waiting("query") : undefined;
    if (waiting && !this.#anchor) {
      // What the reader has just asked for is still to come, and says where to go.
      this.#ask(store.query, waiting.near);
      return;
    }
    this.#askAgain(isAtTail, top);
  }

  /** Asks for what is shown again, of somebody else, who may have it at other places. */
  renew(): void {
    const { store } = this;
    if (!store.payload?.logs) return;
    const waiting = this.client.waiting("query");
    if (waiting && this.isLooking && !this.#anchor) {
      this.#ask(store.query, waiting.near);
      return;
    }
    const top = this.#topLine() ?? lineAt(store.rows, store.cursor);
    this.#askAgain(store.isAtTail, top);
    store.change({ rows: { ...store.rows, snapshot: NO_SNAPSHOT } });
  }

  /** Asks again, and keeps what is in sight where it is. */
  #askAgain(isAtTail: boolean, top: LogRow | undefined): void {
    const { store } = this;
    const known = this.#anchor;
    // While an answer is on its way, rows stand where they stood before it was asked for.
    if (isAtTail) this.#anchor = { kind: "tail" };
    else if (known?.kind !== "place" || known.seq === null) {
      const seq = top?.[0] ?? null;
      const place = seq === null ? 0 : (placeOf(store.rows, seq) ?? 0);
      this.#anchor = { kind: "place", place, seq };
    }
    this.#ask(store.query, this.#anchor?.kind === "place" ? this.#anchor.seq : (top?.[0] ?? null));
  }

  /** Takes the text that Python or another view has set. */
  annotate(annotations: Annotations): void {
    const isTurned = annotations.turn > this.store.annotations.turn;
    this.store.change({ annotations });
    if (isTurned && this.store.payload?.logs) this.type(annotations.text);
  }

  /** Takes an answer to a question about lines. */
  take(said: AnswerBody, asked: QuestionBody): void {
    const { store } = this;
    if (said.kind === "result" && asked.kind === "query") this.#takeResult(said, asked);
    else if (said.kind === "rows" && (asked.kind === "query" || asked.kind === "rows"))
      this.#takeRows(said, asked);
    else if (said.kind === "found" && asked.kind === "find") this.#takeFound(said, asked);
    else if (said.kind === "line") {
      const { opened } = store;
      if (opened?.row[0] === said.seq)
        store.change({ opened: { ...opened, message: said.message } });
    } else if (said.kind === "templates" && asked.kind === "templates") {
      const { query } = asked;
      store.change({
        templates: { query, snapshot: store.payload?.snapshot ?? 0, rows: said.rows },
        templatesFailed: null,
      });
    } else if (said.kind === "failed") {
      if (asked.kind === "rows") this.#wanted = null;
      if (asked.kind === "find") this.#stopFinding();
      if (asked.kind === "templates") store.change({ templatesFailed: said.notice.text });
    }
  }

  // Filtering

  /**
   * Another text in the filter line. What cannot be read is said: while that is the term at the end, the terms before it
   * count, otherwise the last good result stays.
   */
  type(text: string, lines?: LogQuery["lines"]): void {
    const { store } = this;
    const error = this.#filter(text, lines);
    store.change({ text, textError: error });
    if (!error || /\s/.test(text.slice(error.position).trimEnd())) return;
    const finished = text.slice(0, error.position).replace(/\S*$/, "").trimEnd();
    this.#filter(finished, lines);
  }

  /** Asks for the lines that match a text; returns why it cannot be read. */
  #filter(text: string, lines = this.#linesOf(text)): QuerySyntaxError | null {
    const { store } = this;
    if (text === store.query.text) return null;
    try {
      const query = parseQuery(text, this.clock);
      const near = this.#nearFor(lines, matcher(query), text.trim() === "");
      this.#askAnew({ ...store.query, text, lines, opened: [] }, near);
      return null;
    } catch (error) {
      if (error instanceof QuerySyntaxError) return error;
      throw error;
    }
  }

  /** Remembers the text, so that the arrow up brings it back. */
  remember(): void {
    const text = this.store.text.trim();
    this.#recalled = 0;
    if (text === "" || this.store.textError) return;
    const at = earlier.indexOf(text);
    if (at >= 0) earlier.splice(at, 1);
    earlier.push(text);
    earlier.splice(0, earlier.length - MAX_EARLIER);
  }

  /** The text that was used before the one in the line, or after it; null if there is none. */
  recall(step: 1 | -1): string | null {
    const at = this.#recalled + step;
    if (at < 0 || at > earlier.length) return null;
    this.#recalled = at;
    return at === 0 ? "" : (earlier.at(-at) ?? null);
  }

  endRecall(): void {
    this.#recalled = 0;
  }

  get isRecalling(): boolean {
    return this.#recalled > 0;
  }

  /** Shows the lines of one task run alone, or all others. */
  filterTask(row: LogRow, isOut = false): void {
    if (row[4] !== null) this.addTerm((isOut ? "-" : "") + exactly("task", row[4]));
  }

  addTerm(term: string): void {
    this.type(withTerm(this.store.text, term));
    this.remember();
  }

  /** Takes a proposed term over in place of those of its key. */
  replace(proposed: string): void {
    const [term] = read(proposed).terms;
    if (term) this.type(withTerm(withoutKey(this.store.text, term.key), proposed));
  }

  /** Changes how lines are shown, not which match. */
  show(patch: Partial<Omit<LogQuery, "text" | "lines">>): void {
    const { store } = this;
    const isOpening = (patch.opened?.length ?? 0) > 0;
    if (isOpening) {
      this.#anchor = { kind: "place", place: 0, seq: null };
      store.change({ goal: null });
    }
    const near = isOpening ? null : (store.near ?? this.#topLine()?.[0] ?? null);
    this.#askAnew({ ...store.query, ...patch }, near, isOpening);
  }

  /** Shows every line, only hits, or hits in context. */
  showLines(lineMode: LineMode): void {
    const { store } = this;
    store.change({ lineMode, view: "lines" });
    const lines = this.#linesOf(store.query.text);
    if (lines === store.query.lines) return;
    const near = store.near ?? this.#topLine()?.[0] ?? null;
    this.#askAnew({ ...store.query, lines, opened: [] }, near);
  }

  showZone(zone: string): void {
    const { store } = this;
    store.change({ zone });
    const query = { ...store.query, zone };
    // What was asked in the other zone is not taken any more.
    const isWaiting = this.client.waiting("query") !== undefined;
    if (isWaiting || /time:/i.test(query.text)) {
      const anchor = isWaiting && this.#anchor?.kind === "place" ? this.#anchor : null;
      const near = anchor ? anchor.seq : (store.near ?? this.#topLine()?.[0] ?? null);
      this.#askAnew(query, near, isWaiting);
      return;
    }
    this.#wanted = null;
    store.change({ query, rows: { ...store.rows, query } });
  }

  // Finding

  /** Goes to the next hit, error or pin, to a line or to a time. */
  find(what: Target, step: 1 | -1 = 1, at: number | null = this.store.near): void {
    // A key that is pressed faster than answers come counts each time, from where the answer before leads.
    if (this.#finding.state === "asked" && what !== "line" && what !== "time") {
      if (this.#finding.queued.length < MAX_QUEUED_STEPS) this.#finding.queued.push([what, step]);
      return;
    }
    this.#finding = { state: "asked", queued: [] };
    this.#isFocusing = !this.store.isTyping;
    this.client.ask({ kind: "find", query: this.store.query, what, at, step });
  }

  /** Shows a line in the logs and makes it the current one. */
  showLine(seq: number): void {
    const { store } = this;
    store.change({ tab: "logs", isAtTail: false });
    const { rows, query, payload } = store;
    const isCurrent = rows.query === query && rows.snapshot === payload?.snapshot;
    const place = isCurrent ? placeOf(rows, seq) : null;
    if (place === null) this.find("line", 1, seq);
    else {
      this.#isFocusing = true;
      this.#goToLine(place, seq, null);
    }
  }

  /** Shows the first line from a time on. */
  showTime(at: number): void {
    this.store.change({ tab: "logs", isAtTail: false });
    this.find("time", 1, at);
  }

  // Rows

  /** Asks for the items in `range` unless they are held or already asked for. */
  want(range: Range): void {
    const { rows, payload } = this.store;
    if (range.end <= range.first || rows.snapshot !== payload?.snapshot) return;
    const asked = this.#wanted;
    if (asked && asked.first <= range.first && asked.end >= range.end) return;
    const { start, count } = rowsToAsk(range, rows.total);
    this.#wanted = { first: start, end: start + count };
    this.client.ask({ kind: "rows", query: rows.query, start, count });
  }

  /** What was wanted is held. */
  hasAll(): void {
    this.#wanted = null;
  }

  goTo(place: number, where: Goal["where"] = "centre", isFocused = false): void {
    const { rows } = this.store;
    if (rows.total === 0) return;
    const at = Math.min(Math.max(0, place), rows.total - 1);
    this.store.change({ goal: { place: at, where, isFocused } });
  }

  /** Makes the item at a place the current one. */
  stand(place: number | null): void {
    const { store } = this;
    const row = lineAt(store.rows, place);
    this.#later = row ? null : this.#standHere;
    store.change({ cursor: place, near: row?.[0] ?? store.near, nth: null });
  }

  /** Does something once the current row is there. */
  whenHeld(act: () => unknown): void {
    this.#later = () => {
      this.#standHere();
      act();
    };
  }

  /** Shows the whole of the line at a place. */
  open(place: number): void {
    const { store } = this;
    const row = lineAt(store.rows, place);
    if (!row) return;
    const isWhole = !isCut(row);
    this.stand(place);
    store.change({ opened: { row, message: isWhole ? row[6] : null } });
    if (!isWhole) this.client.ask({ kind: "line", seq: row[0] });
  }

  /** The reader has moved the rows by hand. */
  scrolled(isAtTail: boolean): void {
    const { store } = this;
    this.#hasScrolled = !isAtTail;
    store.change({
      goal: null,
      isAtTail: isGoing(store) && isPlain(store.query) && isAtTail,
      unseen: isAtTail ? 0 : store.unseen,
    });
  }

  /** The rows that are chosen to be copied; null: none is. */
  get selection(): Selection | null {
    const { rangeFrom, cursor, rows } = this.store;
    if (cursor === null) return null;
    const other = rangeFrom ?? cursor;
    return { query: rows.query, from: Math.min(cursor, other), to: Math.max(cursor, other) };
  }

  /** The line on which the reader stands has come. */
  readonly #standHere = (): void => {
    const { store } = this;
    store.change({ near: lineAt(store.rows, store.cursor)?.[0] ?? store.near });
  };

  #begin(): void {
    const { store } = this;
    const { text } = store.annotations;
    const query = { ...plainQuery(store.zone), text, lines: this.#linesOf(text) };
    store.change({ text, query });
  }

  /** The lines of a first look have other arrival numbers once the whole log is there. */
  #renumber({ renumbered }: Payload): void {
    const { store } = this;
    const now = new Map(renumbered);
    const { near, opened, selected } = store;
    this.pool.clear();
    this.#anchor = null;
    const seq = opened && now.get(opened.row[0]);
    store.change({
      rows: { ...store.rows, items: new Map(), old: new Map() },
      near: near === null ? null : (now.get(near) ?? null),
      cursor: null,
      rangeFrom: null,
      selected: new Set([...selected].flatMap((one) => now.get(one) ?? [])),
      opened:
        opened && seq !== undefined && seq !== null
          ? { ...opened, row: opened.row.with(0, seq) as LogRow }
          : null,
      noting: null,
    });
  }

  /** Whether nothing of what was shown before tells where the reader is. */
  #isStandingNowhere(old: NonNullable<Payload["logs"]>): boolean {
    return !old.is_complete && this.store.near === null && !this.store.isAtTail;
  }

  #linesOf(text: string): LogQuery["lines"] {
    const { lineMode } = this.store;
    if (lineMode !== "auto") return lineMode;
    const query = read(text);
    return query.terms.length === 0 || isPlainText(query) ? "all" : "hits";
  }

  #askAnew(query: LogQuery, near: number | null, isAnchored = false): void {
    const { store } = this;
    if (!isAnchored) this.#anchor = null;
    this.#stopFinding();
    const isSameItems = hasSameItems(store.rows.query, query);
    store.change({ query, nth: null, rangeFrom: null });
    // Every line stays where it is; only the marks are others.
    if (isSameItems) store.change({ rows: { ...store.rows, query } });
    this.#ask(query, near);
  }

  #ask(query: LogQuery, near: number | null): void {
    const count = isPlain(query) || (near !== null && query.lines !== "all") ? 0 : FIRST_ROWS;
    this.#early = null;
    this.#hasScrolled = false;
    this.store.change({ result: this.#resultFor(query) });
    this.client.ask({ kind: "query", query, near, count });
  }

  /** What was found before stays until the answer comes, unless it would be said of something else. */
  #resultFor(query: LogQuery): QueryResult | null {
    const { rows, result } = this.store;
    return rows.query.text === query.text ? result : result && { ...result, advice: null };
  }

  /** The current line if it is still among those shown; where every line is, at least what is in sight. */
  #nearFor(
    lines: LogQuery["lines"],
    matches: (row: LogRow, index: number) => boolean,
    isEverything: boolean,
  ): number | null {
    const { near } = this.store;
    if (isEverything || lines === "all") return near ?? this.#topLine()?.[0] ?? null;
    const row = near === null ? undefined : this.pool.get(near);
    return row && matches(row, -1) ? near : null;
  }

  #topLine(): LogRow | undefined {
    const { rows, offset } = this.store;
    const first = Math.floor(offset / ROW_HEIGHT);
    for (let at = first; at < first + 30; at++) {
      const row = lineAt(rows, at);
      if (row) return row;
    }
    return undefined;
  }

  #takeResult(said: QueryResult, { query, near }: Ask<"query">): void {
    const { store } = this;
    if (query !== store.query) return;
    this.reportScroll();
    const { rows } = store;
    const snapshot = store.payload?.snapshot ?? 0;
    const isSame = rows.query === query && rows.snapshot === snapshot && !rows.isOfSome;
    const result = this.#isWhole(said, query) ? { ...said, searched: undefined } : said;
    const anchor = this.#anchor;
    this.#anchor = null;
    const isAnchored = anchor?.kind === "place";
    const before = near === null ? null : isAnchored ? anchor.place : placeOf(rows, near);
    const by = before === null || said.at === null ? 0 : said.at - before;
    let next = isSame ? withOldMoved(rows, by) : renewedCache(rows, query, snapshot, 0, by);
    if (this.#early) next = withWindow(next, this.#early);
    this.#early = null;
    this.#wanted = null;
    const isOfSome = result.searched !== undefined;
    store.change({ rows: { ...next, total: said.total, isOfSome }, result });
    const isFinding = query.lines === "all" && query.text.trim() !== "";
    const isPlaced = this.#hasScrolled && isSame;
    if (anchor?.kind === "tail") this.goTo(said.total - 1, "nearest");
    else if (anchor) this.#shift(by);
    else if (isFinding && !isPlaced && (said.hit || isSame)) {
      const { place, seq, nth } = said.hit ?? {};
      if (place != null && seq != null) this.#goToLine(place, seq, nth ?? null, false);
    } else if (near === null || said.at === null) {
      store.change({ cursor: null });
      if (!isSame) this.goTo(0, "top");
    } else {
      store.change({ cursor: near === store.near ? said.at : null });
      if (!isPlaced) this.goTo(said.at, "centre");
    }
  }

  /** Whether the lines that came with the card have every hit: it was saved with this text. */
  #isWhole({ hits, searched }: QueryResult, { text }: LogQuery): boolean {
    const saved = this.store.annotations.result;
    return searched !== undefined && saved?.query.text === text && saved.hits === hits;
  }

  /** What is in sight stays in sight though it stands at other places now. */
  #shift(by: number): void {
    const { store } = this;
    if (by === 0) return;
    const { cursor, offset } = store;
    store.change({
      offset: offset + by * ROW_HEIGHT,
      cursor: cursor === null ? null : cursor + by,
      goal: null,
    });
  }

  #takeRows({ window }: Say<"rows">, asked: Ask<"query"> | Ask<"rows">): void {
    const { store } = this;
    this.pool.add(window.items);
    let { rows } = store;
    if (asked.kind === "rows") {
      if (asked.query !== rows.query) return;
      this.#wanted = null;
    } else {
      if (asked.query !== store.query) return;
      const snapshot = store.payload?.snapshot ?? 0;
      const isNew = rows.query !== asked.query || rows.snapshot !== snapshot || rows.isOfSome;
      if (isNew && this.#anchor?.kind === "place" && this.#anchor.seq !== null) {
        this.#early = window;
        return;
      }
      if (isNew && asked.query.lines !== "all") {
        rows = renewedCache(rows, asked.query, snapshot, window.start + window.items.length);
        if (!this.#anchor && asked.near === null) this.goTo(0, "top");
        store.change({ cursor: null, result: null });
      } else if (isNew) {
        if (!hasSameItems(rows.query, asked.query)) store.change({ cursor: null });
        rows = renewedCache(rows, asked.query, snapshot, rows.total);
      }
    }
    store.change({ rows: withWindow(rows, window) });
    if (!lineAt(store.rows, store.cursor)) return;
    this.#later?.();
    this.#later = null;
  }

  #takeFound({ place, seq, nth, what }: Say<"found">, asked: Ask<"find">): void {
    const queued = this.#finding.state === "asked" ? this.#finding.queued : [];
    this.#finding = { state: "idle" };
    if (asked.query !== this.store.rows.query || place === null || seq === null) return;
    this.#goToLine(place, seq, what === "hit" || what === "line" ? nth : null);
    const [next, ...rest] = queued;
    if (!next) return;
    this.find(next[0], next[1], seq);
    this.#finding = { state: "asked", queued: rest };
  }

  #stopFinding(): void {
    this.#finding = { state: "idle" };
  }

  #goToLine(place: number, seq: number, nth: number | null, isFocused = this.#isFocusing): void {
    this.store.change({ cursor: place, near: seq, nth, isAtTail: false, view: "lines" });
    this.goTo(place, "centre", isFocused);
  }

  #openAt(payload: Payload): void {
    const { store } = this;
    const { rows, query } = store;
    const line = initialLine(payload);
    if (line === "tail") {
      store.change({ isAtTail: isPlain(query) });
      this.goTo(rows.total - 1, "nearest");
    } else if (line !== null && isPlain(query)) {
      const place = placeOf(rows, line);
      if (place === null) this.client.ask({ kind: "find", query, what: "line", at: line, step: 1 });
      else {
        store.change({ cursor: place, near: line });
        this.goTo(place);
      }
    }
  }
}
