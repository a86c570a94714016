/** The state of one view of a card. Components read its fields and are notified of changes. */

import type {
  Annotations,
  LogQuery,
  LogRow,
  Notice,
  Payload,
  QueryResult,
  Related,
  Template,
} from "../protocol/wire";
import type { QuerySyntaxError } from "../query/terms";
import type { KernelStatus } from "../sources/fallback";
import type { Tab } from "./initial-view";
import { emptyCache, plainQuery, type RowCache } from "./row-cache";
import type { Row, Sorting, TaskRun } from "./task-rows";

export type Refresh = "idle" | "asked" | "working" | "queued";

/** How lines are shown; "auto": every line for words to look for, and only hits for other terms. */
export type LineMode = "auto" | "all" | "hits" | "context";

export interface OpenedLine {
  row: LogRow;
  /** The whole message; null while it is on its way. */
  message: string | null;
}

/** An item to bring into view, and to keep there while what is around it arrives, until the reader scrolls. */
export interface Goal {
  place: number;
  where: "nearest" | "centre" | "top";
  isFocused: boolean;
}

export interface Suggestions {
  start: number;
  end: number;
  items: [text: string, hint: string][];
}

/** Which columns the rows have besides line, time, level, task and message; a width in pixels, if it was dragged. */
export interface Columns {
  logger: boolean;
  since: boolean;
  taskWidth: number | null;
}

/** Which menu of the logs is open. */
export type Menu = "download" | "keys" | "columns" | null;

const DEFAULT_ZONE = "UTC";

/** Each value is replaced as a whole, never changed in place. */
export class Fields {
  payload: Payload | null = null;
  /** Why there is nothing to show, in words. */
  problem: string | null = null;
  tab: Tab = "logs";
  refresh: Refresh = "idle";
  kernel: KernelStatus = "unheard";
  /** When Python tries again what has failed; 0: it does not. */
  retryAt = 0;
  /** When the copy in the notebook was made, if that is not what is shown. */
  savedAt = "";
  failure: Notice | null = null;
  isChangeDismissed = false;
  isNoticeDismissed = false;
  now = Date.now() * 1000;
  width = 960;
  /** The time zone in which times are shown and typed clock times are meant. */
  zone = DEFAULT_ZONE;

  /** What stands in the filter line, and what is wrong with it. */
  text = "";
  textError: QuerySyntaxError | null = null;
  isTyping = false;
  suggestions: Suggestions | null = null;
  /** Which suggestion is chosen; -1: none. */
  suggestion = -1;
  lineMode: LineMode = "auto";
  /** What was asked for last; what is held of what is shown; and what was found. */
  query: LogQuery = plainQuery(DEFAULT_ZONE);
  rows: RowCache = emptyCache(plainQuery(DEFAULT_ZONE));
  result: QueryResult | null = null;
  /** The kernel does not answer what the reader wants to see. */
  isLate = false;
  view: "lines" | "patterns" = "lines";
  templates: { query: LogQuery; snapshot: number; rows: Template[] } | null = null;
  templatesFailed: string | null = null;
  /** Where the log rows are scrolled to; see `state/scroll.ts`. */
  offset = 0;
  scrollTop = 0;
  /** Height of the log rows on the screen; null until it has been measured. */
  viewport: number | null = null;
  /** The height that the reader gave them. */
  areaHeight: number | null = null;
  isWrapped = false;
  columns: Columns = { logger: false, since: false, taskWidth: null };
  /** Measured heights of wrapped lines by arrival number. */
  heights: ReadonlyMap<number, number> = new Map();
  /** The place where the reader stands, and the arrival number of the last line on which that was. */
  cursor: number | null = null;
  near: number | null = null;
  /** Which hit it is, counted from 1. */
  nth: number | null = null;
  /** Where a range of rows begins; it ends where the reader stands. */
  rangeFrom: number | null = null;
  /** How far a copy is that has to wait for its lines. */
  copying: string | null = null;
  opened: OpenedLine | null = null;
  goal: Goal | null = null;
  /** Stays at the end of the lines while new ones come. */
  isAtTail = false;
  unseen = 0;
  /** A time that histogram and timeline both point at. */
  hoverTime: number | null = null;
  selected: ReadonlySet<number> = new Set();
  annotations: Annotations = { text: "", turn: 0, pins: [], result: null };
  /** The line whose note is being written. */
  noting: LogRow | null = null;
  menu: Menu = null;

  tasks: readonly TaskRun[] | null = null;
  /** How many of them are of the newest snapshot; the rest of `tasks` is still on its way. */
  tasksLoaded = 0;
  taskText = "";
  /** State names that are not shown. */
  hiddenStates: ReadonlySet<string> = new Set();
  onlyRetried = false;
  isGrouped = true;
  sorting: Sorting = { key: "started_at", isDescending: false };
  /** Ids of groups. */
  openGroups: ReadonlySet<string> = new Set();
  /** The task run, or the group, that is selected. */
  picked: Row | null = null;
  /** Ids of the task runs that are part of `card.selection`. */
  selectedTasks: ReadonlySet<string> = new Set();
  isByTask = false;
  isPathShown = true;
  isIdleFolded = true;
  /** What the timeline shows; null: all of it. */
  zoom: readonly [from: number, to: number] | null = null;

  related: Related | null = null;
  relatedFailed: string | null = null;
  /** The widget models of cards that were opened from this one, by their runs. */
  openedRuns: readonly { id: string; model: string }[] = [];
}

export type Field = keyof Fields;
export type Listener = (changed: ReadonlySet<Field>) => void;

export class Store extends Fields {
  readonly #listeners = new Set<Listener>();
  #changed = new Set<Field>();

  /** Calls `listener` once after each turn in which something has changed, until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(patch: Partial<Fields>): void {
    const wasQuiet = this.#changed.size === 0;
    for (const name of Object.keys(patch) as Field[])
      if (!Object.is(this[name], patch[name])) this.#changed.add(name);
    Object.assign(this, patch);
    if (wasQuiet && this.#changed.size > 0) queueMicrotask(() => this.#tell());
  }

  #tell(): void {
    const changed = this.#changed;
    this.#changed = new Set();
    for (const listener of [...this.#listeners]) listener(changed);
  }
}

export const isGoing = ({ payload }: Pick<Fields, "payload">): boolean =>
  !!payload && (payload.is_following || !payload.header.is_finished);

/** Whether there is more to come, and a kernel that fetches it. */
export const canFollow = (fields: Pick<Fields, "payload" | "kernel">): boolean =>
  fields.kernel === "here" && isGoing(fields);

export const noticeOf = (
  fields: Pick<Fields, "payload" | "failure" | "isNoticeDismissed">,
): Notice | null =>
  fields.isNoticeDismissed ? null : (fields.failure ?? fields.payload?.notice ?? null);

export const isWaitingForKernel = ({ refresh, isLate }: Pick<Fields, "refresh" | "isLate">) =>
  refresh === "queued" || isLate;
