/**
 * The messages and data that are sent between Python and the page. The Python side of each shape is in
 * `flowrun_widgets/report/wire.py` (what a card shows) and `widget/protocol.py` (question and answer).
 * Times are integers: microseconds since 1970, UTC. Spans are seconds.
 */

export type Family =
  | "waiting"
  | "running"
  | "retry"
  | "paused"
  | "done"
  | "cached"
  | "ended"
  | "failed"
  | "heldup"
  | "unknown";

/** The shape drawn for a state; the colour comes from the family. */
export type Icon =
  | "clock"
  | "half"
  | "loop"
  | "bars"
  | "check"
  | "double-check"
  | "square"
  | "arc"
  | "cross"
  | "cross-ring"
  | "bolt"
  | "slash-ring"
  | "question";

export interface State {
  type: string;
  name: string;
  family: Family;
  icon: Icon;
  message: string | null;
  at: number | null;
}

export interface Header {
  id: string;
  name: string | null;
  flow: string | null;
  project: string | null;
  state: State;
  is_finished: boolean;
  created_at: number | null;
  scheduled_at: number | null;
  started_at: number | null;
  ended_at: number | null;
  /** Seconds from start to end, or to `as_of` while the run is running; null while unknown and while the run waits. */
  took: number | null;
  /** Name and JSON text of the value, in the run's order. */
  parameters: [string, string][];
  context: [string, string][];
  labels: string[];
  /** Name and value of other facts about the run: deployment, work pool, work queue, … */
  facts: [string, string][];
  /** Name and JSON text of the settings for this run's infrastructure. */
  job_variables: [string, string][];
  /** Whether another run called this one as a sub-flow. */
  is_subflow: boolean;
  as_of: number;
  /** Where the server's own UI shows this run; http or https only. */
  ui_url: string | null;
  /** "Prefect 3", "Prefect 1", "local store", … */
  source: string;
  /** The address of the server or the path of the file, without secrets. */
  source_url: string;
  /** Seconds of running in all attempts; less than `took` if the run waited between them or was paused. */
  ran: number | null;
  /** The number of attempts. */
  attempts: number;
  wait: Wait | null;
  /** The id of the run's OpenTelemetry trace, and where it is shown; missing in cards of earlier versions. */
  trace?: [id: string, address: string | null] | null;
}

/** What a run waits for that is not running and has not ended. */
export interface Wait {
  what: "start" | "retry" | "resume";
  since: number | null;
  /** When it is due; for a pause, when it times out. */
  until: number | null;
}

/** One log line. */
export type LogRow = [
  /** Arrival number: a permanent name of the line. */
  seq: number,
  at: number,
  level: number | null,
  level_name: string | null,
  task: string | null,
  logger: string | null,
  /** The first characters of the message; `length` is the length of the whole message. */
  message: string,
  length: number,
  /** Its place among all lines by time, from 0; null while it is not known. */
  position: number | null,
  /** Whether it matches the filter text; false for other lines that are shown as well. */
  is_hit: boolean,
  /** The number of consecutive equal lines that it represents. */
  repeats: number,
];

/** Hidden lines: their number, and the arrival numbers of the first and the last of them. */
export type Gap = [kind: null, hidden: number, first: number, last: number];

/** A divider above the first line of a later attempt: task run, attempt, number of attempts, seconds waited before. */
export type Retry = [
  kind: "retry",
  task: string,
  attempt: number,
  attempts: number,
  waited: number | null,
];

/** Lines that the page does not hold: their number; null if that is not known. */
export type Missing = [kind: "missing", count: number | null];

/** One entry of the list of lines. */
export type Item = LogRow | Gap | Retry | Missing;

/** Which lines a view shows, and how. */
export interface LogQuery {
  text: string;
  /** The time zone of the card, in which typed clock times are meant. */
  zone: string;
  /** Every line with its hits marked, only hits, or hits with `context` lines around each. */
  lines: "all" | "hits" | "context";
  context: number;
  /** Gaps that were opened: an arrival number, and how many lines to show from it on, or up to it if negative. */
  opened: [seq: number, count: number][];
  /** Whether consecutive equal lines are one item. */
  folds_repeats: boolean;
  is_newest_first: boolean;
}

export interface LogWindow {
  /** Place of the first item among those of the query. */
  start: number;
  items: Item[];
  /** The number of items of the query; null while they are not counted yet. */
  total: number | null;
}

export interface Logs {
  /** The number of lines that Python holds. */
  total: number;
  /** False while lines are still being read: counts are then lower bounds. */
  is_complete: boolean;
  /** Count by level family. */
  levels: { critical: number; error: number; warning: number; info: number; debug: number };
  /** Arrival number of the first line of level error or above. */
  first_error: number | null;
  /** The number of lines that equal the previous line and have the same time: they were sent twice. */
  repeated: number;
  /** The lengths of the longest task name and the longest logger name in characters, 60 at most. */
  task_width: number;
  logger_width: number;
  /** The first window: no filter, oldest first. */
  window: LogWindow;
  /** Lines outside of that window: errors, then warnings. */
  highlights: LogRow[];
}

/** Counts of lines over time, at equal steps of the axis with its idle gaps folded. */
export interface Bins {
  /** The start of each step and the end of the last one: one more value than there are counts. */
  at: number[];
  /** Level info and below, or unknown. */
  other: number[];
  warning: number[];
  error: number[];
}

/** Cells of the minimap beside the rows, 0 to 199, that contain lines of that kind. */
export interface Marks {
  error: number[];
  warning: number[];
  hit: number[];
}

/**
 * `waited` is before the first attempt, `retry` between two, `paused` until it was resumed; `tried` is several
 * attempts and the waits between them, if the time of each is not known.
 */
export type SpanKind = "waited" | "ran" | "failed" | "retry" | "paused" | "tried";
/** The index of a `SpanKind` here is its number in spans. */
export const SPAN_KINDS: readonly SpanKind[] = [
  "waited",
  "ran",
  "failed",
  "retry",
  "paused",
  "tried",
];

/** One task run. */
export type TaskRow = [
  id: string,
  /** "load[7]" for the mapped child 7 of "load". */
  label: string,
  /** The key of the mapped task, which its children share; null for a task run that is not mapped. */
  group: string | null,
  map_index: number | null,
  /** Its state, as an index into `TaskRuns.states`. */
  state: number,
  /** The number of attempts; 0 if it never ran. */
  attempts: number,
  started_at: number | null,
  ended_at: number | null,
  waited: number | null,
  ran: number | null,
  /** Spans to draw, three numbers each: from, to (0 while it goes on), number of the kind. */
  spans: number[],
  lines: number,
  warnings: number,
  errors: number,
  /** The id of the sub-flow's run, if the task run called a sub-flow. */
  child_run: string | null,
];

export interface TaskRuns {
  total: number;
  /** False while task runs are still being read: attempts, waits and lines are then not known. */
  is_complete: boolean;
  /** Each state that occurs (without message and time), the most urgent first, and the number of task runs in it. */
  states: [state: State, count: number][];
  /** The first task runs; the page asks for the rest when it needs them. */
  rows: TaskRow[];
  /** The critical path, as indices of rows, if dependencies are known. */
  critical: { path: number[]; seconds: number; waited: number } | null;
}

export interface Digest {
  task: string | null;
  attempt: number | null;
  attempts: number | null;
  at: number | null;
  /** The first line of the exception or of the message. */
  error: string;
  /** The lines of the traceback, or the further lines of the message; empty if there are none. */
  detail: string[];
  /** Arrival number of the line that logged it, and the line's position, if that is known. */
  line: [seq: number, position: number | null] | null;
  /** The last lines of the task run up to that one, at most 20. */
  tail: LogRow[];
  /** The spans of the task run, as in a `TaskRow`. */
  spans: number[];
  /** Labels of the task runs that never started because of it. */
  held_up: string[];
  /** How many more task runs failed. */
  more: number;
  markdown: string;
  /** The causes of `error`, the root cause first. */
  causes: Cause[];
  /** The run's own last message, if it differs from `error`. */
  ended_with: string | null;
  /** The runs of sub-flows from this run down to the one that failed; `task` and `tail` belong to the last. */
  runs: RunBelow[];
  /** Sentences: other failures, earlier attempts of the run, task runs that were still running. */
  remarks: string[];
  /** Why another failure may have ended the run; null if it was certainly this one. */
  doubt: string | null;
}

/** An exception that caused another one. */
export interface Cause {
  /** The other was raised from it or while it was handled, quotes it in its text, or is a group that contains it. */
  how: "cause" | "context" | "quoted" | "member";
  error: string;
  /** Its calls in the user's own code. */
  detail: string[];
}

/** A run of a sub-flow. */
export interface RunBelow {
  id: string;
  name: string | null;
  flow: string | null;
  ui_url: string | null;
}

export interface Changes {
  /** "+312 lines, 2 task runs finished"; "Nothing new" if nothing has changed. */
  text: string;
  since: number;
  new_lines: number;
  /** The first `seq` that is new. */
  first_seq: number | null;
  is_empty: boolean;
  /** Ids of task runs that are new or changed their state; if there are many, not all of them. */
  tasks: string[];
}

export interface Notice {
  kind: "info" | "error" | "unreachable";
  text: string;
  detail: string | null;
  at: number;
  /** Seconds until Python tries again, counted from when this was sent; null or missing: it does not. */
  retry_seconds?: number | null;
}

/** A pinned line. */
export interface Pin {
  seq: number;
  at: number;
  level: number | null;
  task: string | null;
  message: string;
  note: string;
  /** The number of the line as the card shows it, from 1; null while it is not known. */
  line: number | null;
}

/** The result of a filter text when the card was saved, and its first items. */
export interface SavedResult {
  query: LogQuery;
  hits: number;
  shown: number;
  window: LogWindow;
}

/** The reader's filter text and pins; they are sent in a trait of their own. */
export interface Annotations {
  /** The filter text that was set last, by Python or in any view. */
  text: string;
  /** Increased by one when Python sets the text, which then replaces the text of every view. */
  turn: number;
  pins: Pin[];
  result: SavedResult | null;
}

/** A pattern: text with <int>, <float>, …; number of lines; first and last seen; highest level; filter term. */
export type Template = [
  pattern: string,
  count: number,
  first_at: number,
  last_at: number,
  level: number | null,
  term: string,
];

export const FORMAT = 3;

export interface Payload {
  format: typeof FORMAT;
  /** Increased by one whenever log or task runs change; an answer has the number of its snapshot. */
  snapshot: number;
  header: Header;
  /** null while they are still being read. */
  logs: Logs | null;
  /** null while they are still being read. */
  tasks: TaskRuns | null;
  states: State[];
  /** Stretches in which nothing ran and no line was written: histogram and timeline fold them. */
  idle: [from: number, to: number][];
  digest: Digest | null;
  changes: Changes | null;
  notice: Notice | null;
  /** Old and new arrival numbers of lines of the previous snapshot; empty if none has changed. */
  renumbered: [before: number, now: number][];
  /** Python refreshes the run by itself until it is over. */
  is_following: boolean;
  /** The number of secret values that were redacted in the card's data. */
  redacted: number;
  /** The Python expression that returns this card. */
  expression: string;
  /** The time zone of the machine on which Python runs. */
  kernel_zone: string;
}

/** An artifact as a card shows it: its content as text, and the address if it is a link. */
export interface Artifact {
  kind: string;
  key: string | null;
  description: string | null;
  task: string | null;
  text: string;
  url: string | null;
}

/** A run that called this one, or that this one called. */
export interface RelatedRun {
  id: string;
  name: string | null;
  flow: string | null;
  state: State;
  started_at: number | null;
  took: number | null;
  url: string | null;
}

/** Data that is read only when the details are opened. */
export interface Related {
  artifacts: Artifact[];
  results: [task: string | null, location: string][];
  parent: RelatedRun | null;
  subflows: RelatedRun[];
  /** Messages about data that could not be read. */
  problems: string[];
}

/**
 * Some runs of a list as columns of equal length. `flows` and `states` are indexes into `flow_names` and `state_kinds`;
 * -1: the name of the flow is unknown.
 */
export interface RunRows {
  start: number;
  ids: string[];
  names: (string | null)[];
  flows: number[];
  states: number[];
  /** When a run that has not begun is due. */
  due_at: (number | null)[];
  started_at: (number | null)[];
  ended_at: (number | null)[];
  /** Seconds in all attempts. */
  ran: (number | null)[];
  /** The message of a failed run. */
  messages: (string | null)[];
  tags: string[][];
  parameters: [name: string, value: string][][];
  urls: (string | null)[];
  flow_names: string[];
  state_kinds: State[];
  redacted: number;
}

export const RUNS_FORMAT = 1;

/** What the card of a list of runs shows before it asks. */
export interface RunsPayload {
  format: typeof RUNS_FORMAT;
  rows: RunRows;
  /** How many runs the kernel holds. */
  held: number;
  has_more: boolean;
  /** Whether the list can request more; it cannot beyond its limit. */
  can_load: boolean;
  as_of: number | null;
  /** The server or file that lists the runs. */
  place: string;
  /** The Python expression for the list, if it has a name. */
  expression: string | null;
  kernel_zone: string;
}

/**
 * Some columns of a grid of runs × tasks; column 0 is that of the newest run. Cells are listed run by run, in each run one
 * for each of `tasks`.
 */
export interface GridColumns {
  runs: RunRows;
  /** The names of the tasks of all columns that were read so far. */
  tasks: string[];
  /** Indexes into `state_kinds` of the most urgent states; -1: the run has no such task run. */
  states: number[];
  /** Seconds, of all task runs of a cell together. */
  ran: (number | null)[];
  /** For each cell of several task runs: the index of the cell, then state and number for each state of them. */
  mapped: number[][];
  state_kinds: State[];
  /** How many names of tasks were redacted. */
  redacted: number;
}

export const GRID_FORMAT = 1;

/** What a grid shows before it asks; see `RunsPayload`. */
export interface GridPayload extends Omit<RunsPayload, "format" | "rows"> {
  format: typeof GRID_FORMAT;
  columns: GridColumns;
  /** How many tasks the page does not get. */
  left_out: number;
}

/** A range of items of a query, by their places, both ends included. */
export interface Selection {
  query: LogQuery;
  from: number;
  to: number;
}

/** A question, without the view that asks. */
export type QuestionBody =
  | { kind: "hello" }
  | { kind: "bye" }
  | { kind: "refresh" }
  /** Switches following on or off; answered only by `heard` and by a payload with the new value. */
  | { kind: "follow"; is_on: boolean }
  /** Whether the browser shows the page; answered only by `heard`. */
  | { kind: "visible"; is_visible: boolean }
  /**
   * Runs a query. Answered by `result`, and by a `rows` without total before that if the first `count` items are
   * found earlier. `near` is the arrival number of the line at which the reader is.
   */
  | { kind: "query"; query: LogQuery; near: number | null; count: number }
  | { kind: "rows"; query: LogQuery; start: number; count: number }
  /**
   * Finds a place among the items: that of the next hit, error or pin after the line `at` (its arrival number; null:
   * from the first or last item, depending on `step`), continuing at the other end; or that of the line `at`, or of
   * the first line from the time `at` on, or of the nearest line that is shown.
   */
  | {
      kind: "find";
      query: LogQuery;
      what: "hit" | "error" | "pin" | "line" | "time";
      at: number | null;
      step: 1 | -1;
    }
  | { kind: "line"; seq: number }
  /** The selected lines as text to copy. Answered by several `text`, each with a buffer. */
  | { kind: "text"; selection: Selection }
  | { kind: "tasks"; start: number; count: number }
  | { kind: "templates"; query: LogQuery }
  | { kind: "related" }
  /** Opens a card of another run; in a grid also with its log filtered for a task. Answered by `opened`. */
  | { kind: "open"; id: string; task?: number }
  /** Asks for completions at the caret. */
  | { kind: "suggest"; text: string; caret: number }
  /** The lines of a query (null: all) as a file. Answered by several `download`, each with a buffer. */
  | { kind: "download"; query: LogQuery | null; format: FileFormat }
  /** Runs of a list, or columns of a grid, from number `start` on, which Python requests if they are not there. */
  | { kind: "runs"; start: number; count: number }
  /** Sets `runs.selection`; answered only by `heard`. */
  | { kind: "choose"; ids: string[] }
  /** Sets `card.selection`; answered only by `heard`. */
  | { kind: "select"; seqs: number[]; range: Selection | null; tasks: string[] }
  /** Pins a line, or changes its note; null removes the pin. */
  | { kind: "pin"; seq: number; note: string | null };

export type FileFormat = "csv" | "jsonl" | "txt";

/** Page → Python: `n` counts the questions of one view of the card. */
export type Question = QuestionBody & { view: string; n: number; snapshot: number };

/** An answer, without the view that asked. */
export type AnswerBody =
  /** Sent at once, before the work begins: the kernel is not busy and has received the question. */
  | { kind: "heard" }
  | { kind: "refreshed" }
  /** The pin was set or removed; the annotations that were sent just before contain the change. */
  | { kind: "pinned" }
  | { kind: "rows"; window: LogWindow }
  | {
      kind: "result";
      hits: number;
      /** The number of lines shown, context included. */
      shown: number;
      /** The number of items: lines, gaps and dividers. */
      total: number;
      /** Place of the line `near`, or of the nearest shown line; null if `near` is null or no line is shown. */
      at: number | null;
      /** The first hit from the line `near` on, otherwise the first hit of all. */
      hit: Spot | null;
      /** Over all lines that match, time terms ignored. */
      bins: Bins;
      marks: Marks;
      /** Why nothing matches, if that is known: "No task is called laod. Did you mean task:load?" */
      advice: string | null;
      /** How many lines were searched, if not all. */
      searched?: number | undefined;
    }
  | ({ kind: "found"; what: "hit" | "error" | "pin" | "line" | "time" } & Spot)
  | { kind: "line"; seq: number; message: string }
  | { kind: "text"; part: number; parts: number; lines: number }
  | { kind: "tasks"; start: number; rows: TaskRow[] }
  | { kind: "templates"; rows: Template[]; lines: number }
  | { kind: "related"; related: Related }
  | { kind: "runs"; rows: RunRows; held: number; has_more: boolean; can_load: boolean }
  | {
      kind: "columns";
      columns: GridColumns;
      held: number;
      has_more: boolean;
      can_load: boolean;
      left_out: number;
    }
  /** The id of the widget model of a card that was opened. */
  | { kind: "opened"; model: string }
  /** Texts that can replace the part from `start` to `end`, each with a count or a hint. */
  | { kind: "suggestions"; start: number; end: number; items: [text: string, hint: string][] }
  | { kind: "download"; name: string; part: number; parts: number }
  | { kind: "failed"; notice: Notice };

/** `nth` counts hits (or errors, pins) from 1 in the order shown; null if nothing was found. */
export interface Spot {
  place: number | null;
  seq: number | null;
  nth: number | null;
}

/** Python → page: every view receives every answer, and drops those for other views. */
export type Answer = AnswerBody & { view: string; n: number; snapshot: number };

export type QuestionKind = QuestionBody["kind"];
export type Ask<K extends QuestionKind> = Extract<QuestionBody, { kind: K }>;
export type Say<K extends AnswerBody["kind"]> = Extract<AnswerBody, { kind: K }>;
export type QueryResult = Say<"result">;
