import { readersZone } from "./core/format";
import { isCut } from "./core/message";
import { openingRow, openingTab, type Tab } from "./core/opening";
import { type HeldRows, NO_ROWS, positionOf, rowAt, withSnapshot, withWindow } from "./core/rows";
import { type Sorting, withPage } from "./core/tasks";
import { type Range, rowsToAsk } from "./core/window";
import type { Answer, Family, LogRow, Notice, Payload, Question, TaskRun } from "./core/wire";

/** The state of one view of a card. Parts read its fields, and write by `set` or by an action. */

type Body<Q> = Q extends Question ? Omit<Q, "view" | "n" | "snapshot"> : never;
export type Ask = (question: Body<Question>) => void;

export type Refresh = "idle" | "asked" | "working" | "queued";

export interface Opened {
  position: number;
  row: LogRow;
  /** The whole message; null while the rest is on its way. */
  message: string | null;
}

export interface Goal {
  row: number;
  place: "nearest" | "centre" | "top";
  isFocused: boolean;
}

const PATIENCE_MS = 300;
const TASKS_PAGE = 500;

/** What a view shows besides what follows from it. Each value is replaced as a whole, never changed in place. */
export class Fields {
  payload: Payload | null = null;
  /** Why there is nothing to show, in words. */
  problem: string | null = null;
  tab: Tab = "logs";
  refresh: Refresh = "idle";
  failure: Notice | null = null;
  isChangeDismissed = false;
  isNoticeDismissed = false;
  isNoticeDetailed = false;
  isDigestUnfolded = false;
  now = Date.now() * 1000;
  width = 960;
  zone = readersZone();

  rows: HeldRows = NO_ROWS;
  isRowsLate = false;
  /** How far the log rows are scrolled, in pixels from the first row's top. */
  offset = 0;
  /** What the scroller says; see `core/window`. */
  scrollTop = 0;
  /** Height of the log rows on the screen; null until it has been measured. */
  viewport: number | null = null;
  cursor: number | null = null;
  hovered: number | null = null;
  opened: Opened | null = null;
  /** A row that is to be brought into view; the rows take it and set it back to null. */
  goal: Goal | null = null;
  isFollowing = false;
  unseen = 0;

  tasks: readonly TaskRun[] | null = null;
  /** How many of them are of the newest snapshot; the rest of `tasks` is still on its way. */
  tasksRead = 0;
  taskText = "";
  /** State names that are not shown. */
  hiddenStates: ReadonlySet<string> = new Set();
  onlyRetried = false;
  isGrouped = true;
  sorting: Sorting = { key: "started", isDescending: false };
  openGroups: ReadonlySet<string> = new Set();
  /** How many rows of a group (or of the flat list, under "") are shown; others show `FIRST_ROWS`. */
  taskLimits: ReadonlyMap<string, number> = new Map();
  timelineLimit = 200;
}

export class Store extends Fields {
  #askedRows: Range | null = null;
  #openingRow: number | null = null;
  #rowsTimer: ReturnType<typeof setTimeout> | undefined;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;
  #draw: (() => void) | null = null;
  #isDue = false;

  constructor(private readonly ask: Ask) {
    super();
  }

  get notice(): Notice | null {
    return this.isNoticeDismissed ? null : (this.failure ?? this.payload?.notice ?? null);
  }

  get isWaitingForKernel(): boolean {
    return this.refresh === "queued" || this.isRowsLate;
  }

  /** Draws at once, and then once after each turn in which something has changed. */
  drawWith(draw: () => void): void {
    this.#draw = draw;
    draw();
  }

  set(patch: Partial<Fields>): void {
    const names = Object.keys(patch) as (keyof Fields)[];
    if (names.every((name) => Object.is(this[name], patch[name]))) return;
    Object.assign(this, patch);
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#draw?.();
    });
  }

  receive(payload: Payload): void {
    const before = this.payload;
    const total = payload.logs?.total ?? 0;
    this.set({ problem: null, payload, failure: null });
    if (before?.snapshot !== payload.snapshot) this.set({ isChangeDismissed: false });
    if (before?.notice?.at !== payload.notice?.at) this.set({ isNoticeDismissed: false });
    this.#receiveRows(payload);
    this.#receiveTasks(payload);
    if (!before) this.set({ tab: openingTab(payload) });
    if (payload.logs && !before?.logs) this.#openLogs(payload);
    else if (this.isFollowing) this.goTo(total - 1, "nearest");
    else this.set({ unseen: this.unseen + Math.max(0, total - (before?.logs?.total ?? 0)) });
    this.#askForTasks();
  }

  /** Takes the answer to the newest question of that kind. */
  answer(answer: Answer, asked: Question["kind"]): void {
    if (answer.kind === "heard") {
      if (asked === "refresh" && this.refresh !== "idle") this.#setRefresh("working");
      if (asked === "rows") clearTimeout(this.#rowsTimer);
      return;
    }
    if (answer.kind === "failed") this.set({ isNoticeDismissed: false, failure: answer.notice });
    if (asked === "refresh") this.#setRefresh("idle");
    if (asked === "rows" && answer.kind === "failed") this.content();
    if (answer.snapshot !== this.payload?.snapshot) return;
    if (answer.kind === "rows") this.#takeRows(answer.window.start, answer.window.rows);
    if (answer.kind === "tasks") this.#takeTasks(answer.start, answer.rows);
    if (answer.kind === "line") this.#takeLine(answer.seq, answer.message);
  }

  /** Asks for the rows in `range` unless they are held or already asked for. */
  want(range: Range): void {
    const { logs } = this.payload ?? {};
    if (!logs || range.end <= range.first) return;
    const asked = this.#askedRows;
    if (asked && asked.first <= range.first && asked.end >= range.end) return;
    const { start, count } = rowsToAsk(range, logs.total);
    this.#askedRows = { first: start, end: start + count };
    this.#rowsTimer ??= setTimeout(() => this.set({ isRowsLate: true }), PATIENCE_MS);
    this.ask({ kind: "rows", start, count });
  }

  /** What is wanted is held again: nothing is being waited for. */
  content(): void {
    this.#askedRows = null;
    clearTimeout(this.#rowsTimer);
    this.#rowsTimer = undefined;
    this.set({ isRowsLate: false });
  }

  refreshNow(): void {
    if (this.refresh !== "idle") return;
    this.#setRefresh("asked");
    this.#refreshTimer = setTimeout(() => {
      if (this.refresh === "asked") this.set({ refresh: "queued" });
    }, PATIENCE_MS);
    this.ask({ kind: "refresh" });
  }

  goTo(row: number, place: Goal["place"] = "centre", isFocused = false): void {
    const total = this.payload?.logs?.total ?? 0;
    if (total === 0) return;
    const at = Math.min(Math.max(0, row), total - 1);
    this.#openingRow = null;
    this.set({ goal: { row: at, place, isFocused } });
  }

  /** Shows a row in the logs and makes it the current one. */
  showRow(row: number): void {
    this.set({ tab: "logs", isFollowing: false, cursor: row });
    this.goTo(row, "centre", true);
  }

  /** Shows the task runs of one family of states, one by one. */
  showTasks(family: Family): void {
    const others = this.tasks?.filter(({ state }) => state.family !== family) ?? [];
    this.set({
      tab: "tasks",
      isGrouped: false,
      hiddenStates: new Set(others.map(({ state }) => state.name)),
    });
  }

  open(position: number): void {
    const row = rowAt(this.rows, position);
    if (!row) return;
    const isWhole = !isCut(row);
    this.set({ cursor: position, opened: { position, row, message: isWhole ? row[6] : null } });
    if (!isWhole) this.ask({ kind: "line", seq: row[0] });
  }

  /** The reader has moved the rows by hand. */
  scrolled(isAtTail: boolean): void {
    this.#openingRow = null;
    const isGoing = this.payload?.header.is_finished === false;
    this.set({ isFollowing: isGoing && isAtTail, unseen: isAtTail ? 0 : this.unseen });
  }

  /** Nothing is drawn any more. */
  dispose(): void {
    this.#draw = null;
    clearTimeout(this.#rowsTimer);
    clearTimeout(this.#refreshTimer);
  }

  #setRefresh(refresh: Refresh): void {
    clearTimeout(this.#refreshTimer);
    this.set({ refresh });
  }

  #receiveRows({ snapshot, logs }: Payload): void {
    this.content();
    const before = this.rows;
    const seqAtCursor = this.cursor === null ? undefined : rowAt(before, this.cursor)?.[0];
    this.set({ rows: logs ? withSnapshot(before, snapshot, logs.window) : NO_ROWS });
    if (seqAtCursor !== undefined)
      this.set({ cursor: positionOf(this.rows, seqAtCursor) ?? this.cursor });
  }

  #openLogs(payload: Payload): void {
    const { window, total } = payload.logs ?? { window: { start: 0, rows: [] }, total: 0 };
    const row = openingRow(payload);
    this.set({ isFollowing: !payload.header.is_finished && row === total - 1 });
    if (row !== null && payload.header.state.family === "failed") this.set({ cursor: row });
    if (row !== null && this.rows.rows.has(row)) {
      this.goTo(row);
      return;
    }
    this.goTo(window.start, "top");
    if (row === null) return;
    this.#openingRow = row;
    this.want({ first: row, end: row + 1 });
  }

  #takeRows(start: number, rows: LogRow[]): void {
    this.content();
    const total = this.payload?.logs?.total ?? 0;
    this.set({ rows: withWindow(this.rows, { start, rows, total }) });
    const wanted = this.#openingRow;
    if (wanted !== null && this.rows.rows.has(wanted)) this.goTo(wanted);
  }

  #takeLine(seq: number, message: string): void {
    const { opened } = this;
    if (opened?.row[0] === seq) this.set({ opened: { ...opened, message } });
  }

  #receiveTasks({ tasks }: Payload): void {
    this.set({
      tasksRead: tasks?.rows.length ?? 0,
      tasks: tasks && withPage(this.tasks ?? [], 0, tasks.rows).slice(0, tasks.total),
    });
  }

  #takeTasks(start: number, rows: TaskRun[]): void {
    if (!this.tasks || start !== this.tasksRead || rows.length === 0) return;
    this.set({ tasksRead: start + rows.length, tasks: withPage(this.tasks, start, rows) });
    this.#askForTasks();
  }

  #askForTasks(): void {
    const start = this.tasksRead;
    if (start < (this.payload?.tasks?.total ?? 0))
      this.ask({ kind: "tasks", start, count: TASKS_PAGE });
  }
}
