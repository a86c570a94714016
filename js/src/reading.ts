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
import type { AnswerBody, QuestionOf } from "./core/local";
import { isCut } from "./core/message";
import { openingLine } from "./core/opening";
import { isSlow, marks, matcher } from "./core/query/match";
import { parseQuery, read } from "./core/query/parse";
import { exactly, withoutKey, withTerm } from "./core/query/rewrite";
import { type Clock, QuerySyntaxError } from "./core/query/terms";
import { type Range, ROW_HEIGHT, rowsToAsk } from "./core/window";
import type { Kept, LogRow, Look, Payload } from "./core/wire";
import { linesHere } from "./lines-here";
import type { Goal, Store } from "./store";

type Asked<K> = Extract<QuestionOf, { kind: K }>;
type Said<K> = Extract<AnswerBody, { kind: K }>;

const FIRST_ROWS = 60;
const MOST_STEPS = 50;

/** What a reader does with the lines: filter, find, scroll, open. Its state is in the store. */
export type Reading = ReturnType<typeof readingOf>;

export function readingOf(store: Store) {
  let wanted: Range | null = null;
  /** What was at the top when the look was asked for, if it is to stay there. */
  let anchor: { place: number; isTail: boolean } | null = null;
  /** What a key is to do once the current row is held. */
  let later: (() => unknown) | null = null;
  let isFocusing = false;
  let isFinding = false;
  let steps: [Asked<"find">["what"], 1 | -1][] = [];
  let marked: { look: Look; patterns: readonly RegExp[] } | null = null;

  const clock = (): Clock => {
    const { payload, zone } = store;
    const at = payload?.header.started_at ?? payload?.header.created_at ?? null;
    return { tz: zone, firstDay: at === null ? null : dateOf(at, zone) };
  };

  const here = linesHere(store, clock);

  /** What to mark in the lines that are shown. */
  const marksNow = (): readonly RegExp[] => {
    const { look } = store.held;
    if (marked?.look !== look)
      marked = { look, patterns: look.text ? marks(parseQuery(look.text, clock())) : [] };
    return marked.patterns;
  };

  /** Whether the answer to what is typed is still to come. */
  const isLooking = (): boolean => store.look !== store.held.look || store.looked === null;

  const hasText = (): boolean => store.held.look.text.trim() !== "";

  /** The line at the top of what is shown. */
  const topLine = (): LogRow | undefined => {
    const { held, offset } = store;
    const first = Math.floor(offset / ROW_HEIGHT);
    for (let at = first; at < first + 30; at++) {
      const row = lineAt(held, at);
      if (row) return row;
    }
    return undefined;
  };

  const receive = (payload: Payload, before: Payload | null): void => {
    const { logs, snapshot } = payload;
    if (!logs) return;
    const isFirst = !before?.logs;
    const old = before?.logs;
    const isSame =
      before?.snapshot === snapshot &&
      old?.total === logs.total &&
      old.window.total === logs.window.total;
    if (isSame) return;
    const isTail = store.isAtTail;
    wanted = null;
    if (isFirst) {
      const look = { ...plainLook(store.zone), text: store.kept.text };
      store.change({ text: look.text, look });
    }
    if (isPlain(store.look)) {
      const total = logs.window.total ?? logs.total;
      const empty = heldAnew(store.held, store.look, snapshot, total);
      here.add([...(logs.telling ?? []), ...logs.window.items]);
      store.change({ held: withWindow(empty, logs.window) });
    }
    if (!old?.total) openAt(payload);
    else if (isTail) goTo(store.held.total - 1, "nearest");
    else store.change({ unseen: store.unseen + Math.max(0, logs.total - (old?.total ?? 0)) });
    const top = isFirst ? undefined : topLine();
    anchor = { place: top ? (placeOf(store.held, top[0]) ?? 0) : 0, isTail };
    askFor(store.look, top?.[0] ?? null);
  };

  /** Takes the text that Python or another view has set. */
  const keep = (kept: Kept): void => {
    const isTurned = kept.turn > store.kept.turn;
    store.change({ kept });
    if (isTurned && store.payload?.logs) type(kept.text);
  };

  /** Another text in the filter line. What is no query is said, and the last good result stays. */
  const type = (text: string): void => {
    store.change({ text, textError: null });
    if (text === store.look.text) return;
    try {
      const query = parseQuery(text, clock());
      const fits = isSlow(query) ? null : matcher(query);
      const near = nearestThatFits(fits, text.trim() === "");
      lookAnew({ ...store.look, text, opened: [] }, near);
    } catch (error) {
      if (!(error instanceof QuerySyntaxError)) throw error;
      store.change({ textError: error });
    }
  };

  /** Shows the lines of one task run alone, or all others. */
  const filterTask = (row: LogRow, isOut = false): void => {
    if (row[4] !== null) type(withTerm(store.text, (isOut ? "-" : "") + exactly("task", row[4])));
  };

  /** Takes a proposed term over in place of those of its key. */
  const replace = (proposed: string): void => {
    const [term] = read(proposed).terms;
    if (term) type(withTerm(withoutKey(store.text, term.key), proposed));
  };

  /** Changes how lines are shown, not which fit. */
  const show = (patch: Partial<Look>): void => {
    const isOpening = (patch.opened?.length ?? 0) > 0;
    if (isOpening) {
      anchor = { place: 0, isTail: false };
      store.change({ goal: null });
    }
    const near = isOpening ? null : (store.near ?? topLine()?.[0] ?? null);
    lookAnew({ ...store.look, ...patch }, near, isOpening);
  };

  /** Goes to the next hit, error or pin, to a line or to a time. */
  const find = (
    what: Asked<"find">["what"],
    step: 1 | -1 = 1,
    at: number | null = store.near,
  ): void => {
    // A key that is pressed faster than answers come counts each time, from where the answer before leads.
    if (isFinding && what !== "line" && what !== "time") {
      if (steps.length < MOST_STEPS) steps.push([what, step]);
      return;
    }
    isFinding = true;
    isFocusing = !store.isTyping;
    put({ kind: "find", look: store.held.look, what, at, step });
  };

  /** Shows a line in the logs and makes it the current one. */
  const showLine = (seq: number): void => {
    store.change({ tab: "logs", isAtTail: false });
    const place = placeOf(store.held, seq);
    if (place === null) find("line", 1, seq);
    else {
      isFocusing = true;
      goToLine(place, seq, null);
    }
  };

  /** Shows the first line from a time on. */
  const showTime = (at: number): void => {
    store.change({ tab: "logs", isAtTail: false });
    find("time", 1, at);
  };

  /** Asks for the items in `range` unless they are held or already asked for. */
  const want = (range: Range): void => {
    const { held, payload } = store;
    if (range.end <= range.first || held.snapshot !== payload?.snapshot) return;
    const asked = wanted;
    if (asked && asked.first <= range.first && asked.end >= range.end) return;
    const { start, count } = rowsToAsk(range, held.total);
    wanted = { first: start, end: start + count };
    put({ kind: "rows", look: held.look, start, count });
  };

  /** What is wanted is held again. */
  const content = (): void => {
    wanted = null;
  };

  const goTo = (place: number, where: Goal["where"] = "centre", isFocused = false): void => {
    const { held } = store;
    if (held.total === 0) return;
    const at = Math.min(Math.max(0, place), held.total - 1);
    store.change({ goal: { place: at, where, isFocused } });
  };

  /** Makes the item at a place the current one. */
  const stand = (place: number | null): void => {
    later = null;
    const row = lineAt(store.held, place);
    store.change({ cursor: place, near: row?.[0] ?? store.near, nth: null });
  };

  /** Shows the whole of the line at a place. */
  const open = (place: number): void => {
    const row = lineAt(store.held, place);
    if (!row) return;
    const isWhole = !isCut(row);
    stand(place);
    store.change({ opened: { row, message: isWhole ? row[6] : null } });
    if (!isWhole) put({ kind: "line", seq: row[0] });
  };

  /** The reader has moved the rows by hand. */
  const scrolled = (isAtTail: boolean): void => {
    const isGoing = store.isGoing && isPlain(store.look);
    store.change({
      goal: null,
      isAtTail: isGoing && isAtTail,
      unseen: isAtTail ? 0 : store.unseen,
    });
  };

  /** Takes an answer; false if it is to something that is not wanted any more. */
  const take = (said: AnswerBody, asked: QuestionOf, isLocal = false): void => {
    if (said.kind === "looked" && asked.kind === "look") takeLooked(said, asked, isLocal);
    else if (said.kind === "rows") takeRows(said, asked, isLocal);
    else if (said.kind === "found" && asked.kind === "find") takeFound(said, asked);
    else if (said.kind === "line") {
      const { opened } = store;
      if (opened?.row[0] === said.seq)
        store.change({ opened: { ...opened, message: said.message } });
    } else if (said.kind === "failed") {
      wanted = null;
      if (asked.kind === "find") stopFinding();
    }
  };

  /** The kernel has not answered in time: what can be said from here is said. */
  const late = (asked: QuestionOf): void => {
    if (asked.kind === "look" && isSlow(parseQuery(asked.look.text, clock()))) return;
    const isWanted =
      asked.kind === "look" ? !isPlain(asked.look) : ["rows", "find", "line"].includes(asked.kind);
    if (isWanted) store.change({ isLate: true });
    if (isWanted || here.source().size === store.payload?.logs?.total) answerHere(asked);
  };

  const answerHere = (asked: QuestionOf): void => {
    for (const said of here.source().answer(asked)) take(said, asked, true);
  };

  /** Asks the kernel, or the lines held here while the kernel is busy with the look itself. */
  const put = (question: QuestionOf): void => {
    if (store.held.isLocal && question.kind !== "line") answerHere(question);
    else store.ask(question);
  };

  const lookAnew = (look: Look, near: number | null, isKept = false): void => {
    if (!isKept) anchor = null;
    stopFinding();
    store.change({ look, nth: null, rangeFrom: null });
    askFor(look, near);
  };

  const askFor = (look: Look, near: number | null): void => {
    const count = isPlain(look) || near !== null ? 0 : FIRST_ROWS;
    store.ask({ kind: "look", look, near, count });
  };

  /** The current line if it is still among those shown; without any text, at least what is in sight. */
  const nearestThatFits = (
    fits: ((row: LogRow) => boolean) | null,
    isAll: boolean,
  ): number | null => {
    const { near } = store;
    if (isAll) return near ?? topLine()?.[0] ?? null;
    const row = near === null ? undefined : here.get(near);
    return row && fits?.(row) ? near : null;
  };

  const takeLooked = (said: Said<"looked">, asked: Asked<"look">, isLocal: boolean): void => {
    const { look, near } = asked;
    if (look !== store.look) return;
    const { held } = store;
    const snapshot = store.payload?.snapshot ?? 0;
    const isSame = held.look === look && held.snapshot === snapshot && held.isLocal === isLocal;
    const next: Held = isSame ? held : heldAnew(held, look, snapshot, said.total);
    wanted = null;
    store.change({
      held: { ...next, total: said.total, isLocal },
      looked: said as Looked,
      heldHere: isLocal ? here.source().size : null,
    });
    const keep = anchor;
    anchor = null;
    if (keep?.isTail) goTo(said.total - 1, "nearest");
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
      if (!isSame) goTo(0, "top");
    } else {
      store.change({ cursor: near === store.near ? said.at : null });
      goTo(said.at, "centre");
    }
  };

  const takeRows = ({ window }: Said<"rows">, asked: QuestionOf, isLocal: boolean): void => {
    if (asked.kind !== "look" && asked.kind !== "rows") return;
    const isEarly = asked.kind === "look";
    here.add(window.items);
    let { held } = store;
    if (isEarly) {
      if (asked.look !== store.look || held.look === asked.look || asked.near !== null) return;
      const total = window.start + window.items.length;
      held = heldAnew(held, asked.look, store.payload?.snapshot ?? 0, total);
      if (!anchor) goTo(0, "top");
      store.change({ cursor: null, looked: null });
    } else if (asked.look !== held.look) return;
    else if (!isLocal) wanted = null;
    store.change({ held: withWindow(held, window) });
    if (!lineAt(store.held, store.cursor)) return;
    later?.();
    later = null;
  };

  const takeFound = ({ place, seq, nth }: Said<"found">, asked: Asked<"find">): void => {
    isFinding = false;
    if (asked.look !== store.held.look || place === null || seq === null) {
      stopFinding();
      return;
    }
    goToLine(place, seq, asked.what === "hit" || asked.what === "line" ? nth : null);
    const next = steps.shift();
    if (next) find(next[0], next[1], seq);
  };

  const stopFinding = (): void => {
    isFinding = false;
    steps = [];
  };

  const goToLine = (place: number, seq: number, nth: number | null): void => {
    store.change({ cursor: place, near: seq, nth, isAtTail: false, view: "lines" });
    goTo(place, "centre", isFocusing);
  };

  /** Where a card opens: at what failed, at the tail of what goes on, else at the top. */
  const openAt = (payload: Payload): void => {
    const { held } = store;
    const line = openingLine(payload);
    if (line === "tail") {
      store.change({ isAtTail: isPlain(store.look) });
      goTo(held.total - 1, "nearest");
    } else if (line !== null && isPlain(store.look)) {
      const row = [...held.items.values()].find(
        (item) => item[0] === line.seq || (line.seq === null && item[8] === line.position),
      ) as LogRow | undefined;
      const place = row ? placeOf(held, row[0]) : null;
      if (row && place !== null) {
        store.change({ cursor: place, near: row[0] });
        goTo(place);
      } else {
        const what = line.seq === null ? "error" : "line";
        put({ kind: "find", look: store.look, what, at: line.seq, step: 1 });
      }
    }
  };

  return {
    clock,
    size: here.size,
    marks: marksNow,
    isLooking,
    hasText,
    receive,
    keep,
    type,
    filterTask,
    replace,
    show,
    find,
    showLine,
    showTime,
    want,
    content,
    goTo,
    stand,
    wait: (act: () => unknown) => {
      later = act;
    },
    open,
    scrolled,
    take,
    late,
  };
}
