/** The reader's actions on log lines: filter, find, scroll, select, open. Its state is in the store. */

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
import { FilterHistory } from "./filter-history";
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

/** Whether a `find` question is open, and the steps that were requested in the meantime. */
type Finding = { state: "idle" } | { state: "asked"; queued: [Target, 1 | -1][] };

/** What keeps its position on the screen when rows change: a line with its old place, or the end. */
type Anchor = { kind: "place"; place: number; seq: number | null } | { kind: "tail" } | null;

/** Whether the first lines of a payload are the items of a query: all lines, oldest first. */
const hasPlainItems = (query: LogQuery): boolean =>
  isPlain(query.lines === "all" ? { ...query, text: "" } : query);

export class LogController {
  readonly history = new FilterHistory();
  #finding: Finding = { state: "idle" };
  #anchor: Anchor = null;
  /** Rows that arrived before the result of their query, which tells their position on the screen. */
  #early: LogWindow | null = null;
  /** The range of rows that was requested last. */
  #wanted: Range | null = null;
  /** The action of a key that waits for the current row to arrive. */
  #later: (() => unknown) | null = null;
  #isFocusing = false;
  /** Whether the reader has scrolled since the last question; its answer then does not scroll back. */
  #hasScrolled = false;
  /** Reports a scroll at once; the browser's event comes one frame later. */
  reportScroll: () => void = () => {};
  #marked: { query: LogQuery; markers: readonly Marker[] } | null = null;

  constructor(
    private readonly store: Store,
    private readonly client: Client,
    readonly pool: LinePool,
  ) {}

  // State

  get clock(): Clock {
    const { payload, zone } = this.store;
    const at = payload?.header.started_at ?? payload?.header.created_at ?? null;
    return { tz: zone, firstDay: at === null ? null : dateOf(at, zone) };
  }

  /** Finds the parts to mark in the shown lines. */
  get markers(): readonly Marker[] {
    const { query } = this.store;
    if (this.#marked?.query !== query)
      this.#marked = {
        query,
        markers: query.text ? markers(parseQuery(query.text, this.clock)) : [],
      };
    return this.#marked.markers;
  }

  /** Whether the answer to the current filter text has not arrived yet. */
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
      // The answer to the reader's latest query has not arrived yet, and decides where to go.
      this.#ask(store.query, waiting.near);
      return;
    }
    this.#askAgain(isAtTail, top);
  }

  /** Repeats the query for another source, which may have the lines at other places. */
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

  /** Repeats the query, and keeps the visible rows where they are on the screen. */
  #askAgain(isAtTail: boolean, top: LogRow | undefined): void {
    const { store } = this;
    const known = this.#anchor;
    // Until an answer arrives, the rows keep the places that they had before the question.
    if (isAtTail) this.#anchor = { kind: "tail" };
    else if (known?.kind !== "place" || known.seq === null) {
      const seq = top?.[0] ?? null;
      const place = seq === null ? 0 : (placeOf(store.rows, seq) ?? 0);
      this.#anchor = { kind: "place", place, seq };
    }
    this.#ask(store.query, this.#anchor?.kind === "place" ? this.#anchor.seq : (top?.[0] ?? null));
  }

  /** Receives annotations, and takes over a text that Python or another view has set. */
  annotate(annotations: Annotations): void {
    const isTurned = annotations.turn > this.store.annotations.turn;
    this.store.change({ annotations });
    if (isTurned && this.store.payload?.logs) this.type(annotations.text);
  }

  /** Handles an answer to a question about lines. */
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
   * Handles another text in the filter line, and shows its syntax error, if any. If the error is in the last term, the
   * terms before it apply; otherwise the last good result stays.
   */
  type(text: string, lines?: LogQuery["lines"]): void {
    const { store } = this;
    const error = this.#filter(text, lines);
    store.change({ text, textError: error });
    if (!error || /\s/.test(text.slice(error.position).trimEnd())) return;
    const finished = text.slice(0, error.position).replace(/\S*$/, "").trimEnd();
    this.#filter(finished, lines);
  }

  /** Asks for the lines that match a text; returns its syntax error, if any. */
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

  /** Adds the text to the history, unless it cannot be read. */
  remember(): void {
    const { text, textError } = this.store;
    this.history.add(textError ? "" : text);
  }

  /** Shows only the lines of one task run, or hides them. */
  filterTask(row: LogRow, isOut = false): void {
    if (row[4] !== null) this.addTerm((isOut ? "-" : "") + exactly("task", row[4]));
  }

  addTerm(term: string): void {
    this.type(withTerm(this.store.text, term));
    this.remember();
  }

  /** Replaces the terms of a key by a suggested term. */
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
    // Answers to a question in the other zone are no longer accepted.
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
    // Keys that are pressed before an answer arrives are queued; each continues from the previous answer.
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

  /** Called when the requested rows are held. */
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

  /** Calls `act` when the current row has arrived. */
  whenHeld(act: () => unknown): void {
    this.#later = () => {
      this.#standHere();
      act();
    };
  }

  /** Opens the line at a place with its whole message. */
  open(place: number): void {
    const { store } = this;
    const row = lineAt(store.rows, place);
    if (!row) return;
    const isWhole = !isCut(row);
    this.stand(place);
    store.change({ opened: { row, message: isWhole ? row[6] : null } });
    if (!isWhole) this.client.ask({ kind: "line", seq: row[0] });
  }

  /** Called when the reader has scrolled the rows. */
  scrolled(isAtTail: boolean): void {
    const { store } = this;
    this.#hasScrolled = !isAtTail;
    store.change({
      goal: null,
      isAtTail: isGoing(store) && isPlain(store.query) && isAtTail,
      unseen: isAtTail ? 0 : store.unseen,
    });
  }

  /** The rows chosen for copying; null if there are none. */
  get selection(): Selection | null {
    const { rangeFrom, cursor, rows } = this.store;
    if (cursor === null) return null;
    const other = rangeFrom ?? cursor;
    return { query: rows.query, from: Math.min(cursor, other), to: Math.max(cursor, other) };
  }

  /** Called when the current row has arrived. */
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

  /** Applies new arrival numbers: those of a partial first read change when the whole log is there. */
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

  /** Whether the previous payload gives no position of the reader. */
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
    // The items are the same; only the marks differ.
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

  /** The result to show until the answer arrives: the previous one, without advice about another text. */
  #resultFor(query: LogQuery): QueryResult | null {
    const { rows, result } = this.store;
    return rows.query.text === query.text ? result : result && { ...result, advice: null };
  }

  /** The line to stay at: the current line if it is still shown; if all lines are, at least the top one. */
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

  /** Whether the lines in a saved card include every hit, since it was saved with this text. */
  #isWhole({ hits, searched }: QueryResult, { text }: LogQuery): boolean {
    const saved = this.store.annotations.result;
    return searched !== undefined && saved?.query.text === text && saved.hits === hits;
  }

  /** Keeps the visible rows where they are on the screen, although their places have changed. */
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
