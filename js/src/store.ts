import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { readersZone } from "./core/format";
import { isCut } from "./core/message";
import { openingRow, openingTab, type Tab } from "./core/opening";
import { type HeldRows, NO_ROWS, positionOf, rowAt, withSnapshot, withWindow } from "./core/rows";
import { withPage } from "./core/tasks";
import { type Range, rowsToAsk } from "./core/window";
import type { Answer, LogRow, Notice, Payload, Question, TaskRun } from "./core/wire";

/** The state of one view of a card. Parts read its signals and call its actions, and know nothing else. */

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

export class Store {
  readonly payload: Signal<Payload | null> = signal(null);
  /** Why there is nothing to show, in words. */
  readonly problem: Signal<string | null> = signal(null);
  readonly tab: Signal<Tab> = signal("logs");
  readonly rows: Signal<HeldRows> = signal(NO_ROWS);
  readonly tasks: Signal<readonly TaskRun[] | null> = signal(null);
  /** How many of them are of the newest snapshot; the rest of `tasks` is still on its way. */
  readonly tasksRead = signal(0);
  /** How far the log rows are scrolled, in pixels from the first row's top. */
  readonly offset = signal(0);
  readonly cursor: Signal<number | null> = signal(null);
  readonly opened: Signal<Opened | null> = signal(null);
  /** A row that is to be brought into view; the rows take it and set it back to null. */
  readonly goal: Signal<Goal | null> = signal(null);
  readonly isFollowing = signal(false);
  readonly unseen = signal(0);
  readonly refresh: Signal<Refresh> = signal("idle");
  readonly isRowsLate = signal(false);
  readonly failure: Signal<Notice | null> = signal(null);
  readonly isChangeDismissed = signal(false);
  readonly isNoticeDismissed = signal(false);
  readonly taskState: Signal<string | null> = signal(null);
  readonly now = signal(Date.now() * 1000);
  readonly width = signal(960);
  readonly zone = readersZone();

  readonly notice: ReadonlySignal<Notice | null> = computed(() =>
    this.isNoticeDismissed.value
      ? null
      : (this.failure.value ?? this.payload.value?.notice ?? null),
  );
  readonly isWaitingForKernel: ReadonlySignal<boolean> = computed(
    () => this.refresh.value === "queued" || this.isRowsLate.value,
  );

  #askedRows: Range | null = null;
  #openingRow: number | null = null;
  #rowsTimer: ReturnType<typeof setTimeout> | undefined;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ask: Ask) {}

  receive(payload: Payload): void {
    batch(() => {
      const before = this.payload.value;
      const hadLogs = Boolean(before?.logs);
      this.problem.value = null;
      this.payload.value = payload;
      if (before?.snapshot !== payload.snapshot) this.isChangeDismissed.value = false;
      if (before?.notice?.at !== payload.notice?.at) this.isNoticeDismissed.value = false;
      this.failure.value = null;
      this.#receiveRows(payload);
      this.#receiveTasks(payload);
      if (!before) this.tab.value = openingTab(payload);
      if (payload.logs && !hadLogs) this.#openLogs(payload);
      else if (this.isFollowing.value) this.goTo((payload.logs?.total ?? 1) - 1, "nearest");
      else
        this.unseen.value += Math.max(0, (payload.logs?.total ?? 0) - (before?.logs?.total ?? 0));
    });
    this.#askForTasks();
  }

  /** Takes the answer to the newest question of that kind. */
  answer(answer: Answer, asked: Question["kind"]): void {
    if (answer.kind === "heard") {
      if (asked === "refresh" && this.refresh.value !== "idle") this.#setRefresh("working");
      if (asked === "rows") clearTimeout(this.#rowsTimer);
      return;
    }
    if (answer.kind === "failed") {
      this.isNoticeDismissed.value = false;
      this.failure.value = answer.notice;
    }
    if (asked === "refresh") this.#setRefresh("idle");
    if (asked === "rows" && answer.kind === "failed") this.content();
    if (answer.snapshot !== this.payload.value?.snapshot) return;
    if (answer.kind === "rows") this.#takeRows(answer.window.start, answer.window.rows);
    if (answer.kind === "tasks") this.#takeTasks(answer.start, answer.rows);
    if (answer.kind === "line") this.#takeLine(answer.seq, answer.message);
  }

  fail(problem: string): void {
    this.problem.value = problem;
  }

  /** Asks for the rows in `range` unless they are held or already asked for. */
  want(range: Range): void {
    const { logs } = this.payload.value ?? {};
    if (!logs || range.end <= range.first) return;
    const asked = this.#askedRows;
    if (asked && asked.first <= range.first && asked.end >= range.end) return;
    const { start, count } = rowsToAsk(range, logs.total);
    this.#askedRows = { first: start, end: start + count };
    this.#rowsTimer ??= setTimeout(() => {
      this.isRowsLate.value = true;
    }, PATIENCE_MS);
    this.ask({ kind: "rows", start, count });
  }

  /** What is wanted is held again: nothing is being waited for. */
  content(): void {
    this.#askedRows = null;
    clearTimeout(this.#rowsTimer);
    this.#rowsTimer = undefined;
    this.isRowsLate.value = false;
  }

  refreshNow(): void {
    if (this.refresh.value !== "idle") return;
    this.#setRefresh("asked");
    this.#refreshTimer = setTimeout(() => {
      if (this.refresh.value === "asked") this.refresh.value = "queued";
    }, PATIENCE_MS);
    this.ask({ kind: "refresh" });
  }

  goTo(row: number, place: Goal["place"] = "centre", isFocused = false): void {
    const total = this.payload.value?.logs?.total ?? 0;
    if (total === 0) return;
    const at = Math.min(Math.max(0, row), total - 1);
    this.#openingRow = null;
    this.goal.value = { row: at, place, isFocused };
  }

  /** Shows a row in the logs and makes it the current one. */
  showRow(row: number): void {
    batch(() => {
      this.tab.value = "logs";
      this.isFollowing.value = false;
      this.cursor.value = row;
      this.goTo(row, "centre", true);
    });
  }

  showTasks(state: string | null): void {
    batch(() => {
      this.taskState.value = state;
      this.tab.value = "tasks";
    });
  }

  open(position: number): void {
    const row = rowAt(this.rows.value, position);
    if (!row) return;
    const isWhole = !isCut(row);
    batch(() => {
      this.cursor.value = position;
      this.opened.value = { position, row, message: isWhole ? row[6] : null };
    });
    if (!isWhole) this.ask({ kind: "line", seq: row[0] });
  }

  close(): void {
    this.opened.value = null;
  }

  /** The reader has moved the rows by hand. */
  scrolled(isAtTail: boolean): void {
    this.#openingRow = null;
    const isGoing = this.payload.value?.header.is_finished === false;
    this.isFollowing.value = isGoing && isAtTail;
    if (isAtTail) this.unseen.value = 0;
  }

  dispose(): void {
    clearTimeout(this.#rowsTimer);
    clearTimeout(this.#refreshTimer);
  }

  #setRefresh(state: Refresh): void {
    clearTimeout(this.#refreshTimer);
    this.refresh.value = state;
  }

  #receiveRows(payload: Payload): void {
    this.content();
    const before = this.rows.value;
    const seqAtCursor =
      this.cursor.value === null ? undefined : rowAt(before, this.cursor.value)?.[0];
    if (!payload.logs) {
      this.rows.value = NO_ROWS;
      return;
    }
    this.rows.value = withSnapshot(before, payload.snapshot, payload.logs.window);
    const moved = seqAtCursor === undefined ? null : positionOf(this.rows.value, seqAtCursor);
    if (moved !== null) this.cursor.value = moved;
  }

  #openLogs(payload: Payload): void {
    const { window, total } = payload.logs ?? { window: { start: 0, rows: [] }, total: 0 };
    const row = openingRow(payload);
    this.isFollowing.value = !payload.header.is_finished && row === total - 1;
    if (row !== null && payload.header.state.family === "failed") this.cursor.value = row;
    if (row === null) {
      this.goTo(window.start, "top");
    } else if (this.rows.value.rows.has(row)) {
      this.goTo(row);
    } else {
      this.goTo(window.start, "top");
      this.#openingRow = row;
      this.want({ first: row, end: row + 1 });
    }
  }

  #takeRows(start: number, rows: LogRow[]): void {
    batch(() => {
      this.content();
      const total = this.payload.value?.logs?.total ?? 0;
      this.rows.value = withWindow(this.rows.value, { start, rows, total });
      const wanted = this.#openingRow;
      if (wanted !== null && this.rows.value.rows.has(wanted)) this.goTo(wanted);
    });
  }

  #takeLine(seq: number, message: string): void {
    const opened = this.opened.value;
    if (opened?.row[0] === seq) this.opened.value = { ...opened, message };
  }

  #receiveTasks(payload: Payload): void {
    const rows = payload.tasks?.rows ?? [];
    this.tasksRead.value = rows.length;
    this.tasks.value =
      payload.tasks && withPage(this.tasks.value ?? [], 0, rows).slice(0, payload.tasks.total);
  }

  #takeTasks(start: number, rows: TaskRun[]): void {
    const held = this.tasks.value;
    if (!held || start !== this.tasksRead.value || rows.length === 0) return;
    batch(() => {
      this.tasksRead.value = start + rows.length;
      this.tasks.value = withPage(held, start, rows);
    });
    this.#askForTasks();
  }

  #askForTasks(): void {
    const total = this.payload.value?.tasks?.total ?? 0;
    const start = this.tasksRead.value;
    if (start < total) this.ask({ kind: "tasks", start, count: TASKS_PAGE });
  }
}
