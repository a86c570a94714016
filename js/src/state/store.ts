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
import { Changes } from "./changes";
import type { Tab } from "./initial-view";
import { emptyCache, plainQuery, type RowCache } from "./row-cache";
import type { Row, Sorting, TaskRun } from "./task-rows";

export type Refresh = "idle" | "asked" | "working" | "queued";

/** Which lines are shown; "auto": every line if the text has only words, only hits if it has other terms. */
export type LineMode = "auto" | "all" | "hits" | "context";

export interface OpenedLine {
  row: LogRow;
  /** The whole message; null until it has arrived. */
  message: string | null;
}

/** An item to scroll to, and to keep in view while the rows around it arrive, until the reader scrolls. */
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

/** Optional columns in addition to line, time, level, task and message; the task's width in pixels, if dragged. */
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
  /** A message that says why there is nothing to show. */
  problem: string | null = null;
  tab: Tab = "logs";
  refresh: Refresh = "idle";
  kernel: KernelStatus = "unheard";
  /** When Python retries after a failure; 0: it does not. */
  retryAt = 0;
  /** When the copy in the notebook was made, if it differs from what is shown. */
  savedAt = "";
  failure: Notice | null = null;
  isChangeDismissed = false;
  isNoticeDismissed = false;
  now = Date.now() * 1000;
  width = 960;
  /** The time zone in which times are shown and typed clock times are meant. */
  zone = DEFAULT_ZONE;

  /** The text in the filter line, and its syntax error. */
  text = "";
  textError: QuerySyntaxError | null = null;
  isTyping = false;
  suggestions: Suggestions | null = null;
  /** The index of the chosen suggestion; -1: none. */
  suggestion = -1;
  lineMode: LineMode = "auto";
  /** The latest query, the held rows of the shown query, and its result. */
  query: LogQuery = plainQuery(DEFAULT_ZONE);
  rows: RowCache = emptyCache(plainQuery(DEFAULT_ZONE));
  result: QueryResult | null = null;
  /** Whether the kernel has not acknowledged the reader's question in time. */
  isLate = false;
  view: "lines" | "patterns" = "lines";
  templates: { query: LogQuery; snapshot: number; rows: Template[] } | null = null;
  templatesFailed: string | null = null;
  /** The scroll position of the log rows; see `state/scroll.ts`. */
  offset = 0;
  scrollTop = 0;
  /** Height of the log rows on the screen; null until it has been measured. */
  viewport: number | null = null;
  /** The height that the reader has set. */
  areaHeight: number | null = null;
  isWrapped = false;
  columns: Columns = { logger: false, since: false, taskWidth: null };
  /** Measured heights of wrapped lines by arrival number. */
  heights: ReadonlyMap<number, number> = new Map();
  /** The place of the current row, and the arrival number of the last current line. */
  cursor: number | null = null;
  near: number | null = null;
  /** The number of the current hit, from 1. */
  nth: number | null = null;
  /** The start of a selected range of rows, which ends at the current row. */
  rangeFrom: number | null = null;
  /** The status of copying, as text. */
  copying: string | null = null;
  opened: OpenedLine | null = null;
  goal: Goal | null = null;
  /** Whether the rows stay at the end while new lines arrive. */
  isAtTail = false;
  unseen = 0;
  /** The time under the pointer, marked in both histogram and timeline. */
  hoverTime: number | null = null;
  selected: ReadonlySet<number> = new Set();
  annotations: Annotations = { text: "", turn: 0, pins: [], result: null };
  /** The line whose note is being written. */
  noting: LogRow | null = null;
  menu: Menu = null;

  tasks: readonly TaskRun[] | null = null;
  /** The number of `tasks` from the newest snapshot; the rest has not arrived yet. */
  tasksLoaded = 0;
  taskText = "";
  /** The names of hidden states. */
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
  /** The visible part of the timeline; null: all of it. */
  zoom: readonly [from: number, to: number] | null = null;

  related: Related | null = null;
  relatedFailed: string | null = null;
  /** The widget models of cards that were opened from this one, by their runs. */
  openedRuns: readonly { id: string; model: string }[] = [];
}

export type Field = keyof Fields;
export type Listener = (changed: ReadonlySet<Field>) => void;

export class Store extends Fields {
  readonly #changes = new Changes<Fields>(this);
  subscribe = this.#changes.subscribe;
  change = this.#changes.change;
}

export const isGoing = ({ payload }: Pick<Fields, "payload">): boolean =>
  !!payload && (payload.is_following || !payload.header.is_finished);

/** Whether the run is not over and a kernel can fetch more. */
export const canFollow = (fields: Pick<Fields, "payload" | "kernel">): boolean =>
  fields.kernel === "here" && isGoing(fields);

export const noticeOf = (
  fields: Pick<Fields, "payload" | "failure" | "isNoticeDismissed">,
): Notice | null =>
  fields.isNoticeDismissed ? null : (fields.failure ?? fields.payload?.notice ?? null);

export const isWaitingForKernel = ({ refresh, isLate }: Pick<Fields, "refresh" | "isLate">) =>
  refresh === "queued" || isLate;
