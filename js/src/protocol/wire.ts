/**
 * The messages and data that travel between Python and the page. The Python side of each shape is in
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
  /** Seconds from start to end, of a run that runs up to `as_of`; null while unknown, and while the run waits. */
  took: number | null;
  /** Name and JSON text of the value, in the run's order. */
  parameters: [string, string][];
  context: [string, string][];
  labels: string[];
  /** Name and value of what else the server says of the run: deployment, work pool, work queue, … */
  facts: [string, string][];
  /** Name and JSON text of what was set for this run's infrastructure. */
  job_variables: [string, string][];
  /** Whether another run called this one as a sub-flow. */
  is_subflow: boolean;
  as_of: number;
  /** Where the server's own UI shows this run; http or https only. */
  ui_url: string | null;
  /** "Prefect 3", "Prefect 1", "local store", … */
  source: string;
  /** The server or the file, without any secret. */
  source_url: string;
  /** Seconds that it ran in all its attempts; less than `took` if it waited between them or was paused. */
  ran: number | null;
  /** How often it began to run. */
  attempts: number;
  wait: Wait | null;
}

/** What a run waits for that neither runs nor has ended. */
export interface Wait {
  what: "start" | "retry" | "resume";
  since: number | null;
  /** When it is due; of a pause, when it times out. */
  until: number | null;
}

/** One log line. */
export type LogRow = [
  /** Arrival number: names the line for good. */
  seq: number,
  at: number,
  level: number | null,
  level_name: string | null,
  task: string | null,
  logger: string | null,
  /** Its first characters; `length` is how many the whole message has. */
  message: string,
  length: number,
  /** Its place among all lines by time, from 0; null while it is not known. */
  position: number | null,
  /** Whether it matches the filter text; false for other lines that are shown as well. */
  is_hit: boolean,
  /** How many equal lines in a row it stands for. */
  repeats: number,
];

/** Lines hidden here: how many, and the arrival numbers of the first and the last of them. */
export type Gap = [kind: null, hidden: number, first: number, last: number];

/** Above the first line of a repeated attempt: whose, which of how many, after how many seconds of waiting. */
export type Retry = [
  kind: "retry",
  task: string,
  attempt: number,
  attempts: number,
  waited: number | null,
];

/** Lines that are not there: how many; null where that is not known. */
export type Missing = [kind: "missing", count: number | null];

/** What one place in the list of lines shows. */
export type Item = LogRow | Gap | Retry | Missing;

/** Which lines a view shows, and how. */
export interface LogQuery {
  text: string;
  /** The time zone of the card: what a typed clock time means. */
  zone: string;
  /** Every line with its hits marked, only hits, or hits with `context` lines round each. */
  lines: "all" | "hits" | "context";
  context: number;
  /** What was opened in place: so many lines from this arrival number on, or, if negative, up to it. */
  opened: [seq: number, count: number][];
  /** Equal lines in a row are one item. */
  folds_repeats: boolean;
  is_newest_first: boolean;
}

export interface LogWindow {
  /** Place of the first item among those of the query. */
  start: number;
  items: Item[];
  /** How many items the query has; null while that is not counted yet. */
  total: number | null;
}

export interface Logs {
  /** How many lines Python holds. */
  total: number;
  /** False while lines are still being read: counts are then lower bounds. */
  is_complete: boolean;
  /** Count by level family. */
  levels: { critical: number; error: number; warning: number; info: number; debug: number };
  /** Arrival number of the first line of level error or above. */
  first_error: number | null;
  /** How many lines say the same as the line before them, at the same time: they were sent twice. */
  repeated: number;
  /** How many characters the longest task name and the longest logger name have, 60 at most. */
  task_width: number;
  logger_width: number;
  /** Without filter, oldest first. */
  window: LogWindow;
  /** Lines outside of it: errors, then warnings. */
  highlights: LogRow[];
}

/** Counts of lines over time, at equal steps of the axis with its idle gaps folded. */
export interface Bins {
  /** Where each step begins, and where the last one ends: one more than there are counts. */
  at: number[];
  /** Level info and below, or unknown. */
  other: number[];
  warning: number[];
  error: number[];
}

/** Places on the minimap beside the rows, of 0 to 199: where lines of that kind are among the items. */
export interface Marks {
  error: number[];
  warning: number[];
  hit: number[];
}

/**
 * `waited` is before the first attempt, `retry` between two, `paused` until somebody resumed it; `tried` is several
 * attempts with the waits between them, where nobody knows which was when.
 */
export type SpanKind = "waited" | "ran" | "failed" | "retry" | "paused" | "tried";
/** `SpanKind` by its number. */
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
  /** Children of one mapped task share it; null for a task run that is not mapped. */
  group: string | null,
  map_index: number | null,
  /** Its state, as an index into `TaskRuns.states`. */
  state: number,
  /** How often it began to run; 0 if never. */
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
  /** The flow run that it stands for, if it called a sub-flow. */
  child_run: string | null,
];

export interface TaskRuns {
  total: number;
  /** False while they are still being read: attempts, waits and lines are not known then. */
  is_complete: boolean;
  /** Each state that occurs (without message and time), the most urgent first, and how many are in it. */
  states: [state: State, count: number][];
  /** The first of them; the page asks for the rest when it needs them. */
  rows: TaskRow[];
  /** What the run's length is made of, where dependencies are known; the rows by their places. */
  critical: { path: number[]; seconds: number; waited: number } | null;
}

export interface Digest {
  task: string | null;
  attempt: number | null;
  attempts: number | null;
  at: number | null;
  /** First line of what was raised or said. */
  error: string;
  /** Lines of the traceback or of the message below it; empty if there is none. */
  detail: string[];
  /** Arrival number of the line that said so, and its position, if that is known. */
  line: [seq: number, position: number | null] | null;
  /** The last lines of the task run up to that one, at most 20. */
  tail: LogRow[];
  /** What the task run did, as in a `TaskRow`. */
  spans: number[];
  /** Labels of what never started because of it. */
  held_up: string[];
  /** How many more task runs failed. */
  more: number;
  markdown: string;
  /** What `error` came from, the root cause first. */
  causes: Cause[];
  /** The run's own last message, where it says something else than `error`. */
  ended_with: string | null;
  /** The runs of sub-flows from this run down to the one where it failed; `task` and `tail` are of the last. */
  runs: RunBelow[];
  /** Sentences: what failed besides, earlier attempts of the run, what was still running. */
  remarks: string[];
  /** Why another failure may have ended the run; null: it is this. */
  doubt: string | null;
}

/** An exception from which another came. */
export interface Cause {
  /** The other was raised from it, or while it was handled; quotes it in its text; is a group that has it. */
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
  /** "+312 lines, 2 task runs finished"; "Nothing new" when nothing is. */
  text: string;
  since: number;
  new_lines: number;
  /** The first `seq` that is new. */
  first_seq: number | null;
  is_empty: boolean;
  /** Ids of task runs that are new or in another state; not all if they are many. */
  tasks: string[];
}

export interface Notice {
  kind: "info" | "error" | "unreachable";
  text: string;
  detail: string | null;
  at: number;
  /** How long until Python tries again, from when this was sent; null or missing: it does not. */
  retry_seconds?: number | null;
}

/** A line that somebody pinned. */
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

/** What a filter text found when the card was saved, and its first items. */
export interface SavedResult {
  query: LogQuery;
  hits: number;
  shown: number;
  window: LogWindow;
}

/** What the reader made of the run; it travels in a trait of its own. */
export interface Annotations {
  /** The filter text that was set last, by Python or in any view. */
  text: string;
  /** Grows by one when Python sets the text: then every view takes it over. */
  turn: number;
  pins: Pin[];
  result: SavedResult | null;
}

/** Lines of one pattern: text with <int>, <float>, …; how many; first and last seen; highest level; filter term. */
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
  /** Grows by one whenever log or task runs are other ones; an answer carries the snapshot that it is about. */
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
  /** Arrival numbers that lines of the snapshot before had, and those that they have now; empty: all stayed. */
  renumbered: [before: number, now: number][];
  /** Python refreshes the run by itself until it is over. */
  is_following: boolean;
  /** How many secret values were taken out of what the card shows. */
  redacted: number;
  /** The Python expression that gives this very card. */
  expression: string;
  /** The time zone of the machine on which Python runs. */
  kernel_zone: string;
}

/** An artifact, as far as a card shows it: what it holds as text; an address where it is a link. */
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

/** What is read of a run only when somebody looks at its details. */
export interface Related {
  artifacts: Artifact[];
  results: [task: string | null, location: string][];
  parent: RelatedRun | null;
  subflows: RelatedRun[];
  /** What could not be read, in words. */
  problems: string[];
}

/** A stretch of items of a query, by their places, both ends included. */
export interface Selection {
  query: LogQuery;
  from: number;
  to: number;
}

/** What can be asked, without who asks. */
export type QuestionBody =
  | { kind: "hello" }
  | { kind: "bye" }
  | { kind: "refresh" }
  /** Has Python follow the run, or not; answered only by `heard` and by a payload that says so. */
  | { kind: "follow"; is_on: boolean }
  /** Whether the browser shows the page; answered only by `heard`. */
  | { kind: "visible"; is_visible: boolean }
  /**
   * What a query finds. Answered by `result`; before it comes a `rows` without total if the first `count` items are
   * found sooner. `near` is the arrival number of a line to stay at.
   */
  | { kind: "query"; query: LogQuery; near: number | null; count: number }
  | { kind: "rows"; query: LogQuery; start: number; count: number }
  /**
   * A place among the items: of the next hit, error or pin from the line `at` on (its arrival number;
   * null: from the end that `step` comes from), round the end if need be; or of the line `at`, or the
   * first line from the time `at` on, or what is shown nearest to it.
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
  /** Opens a card of another run of the same server. Answered by `opened`. */
  | { kind: "open"; id: string }
  /** What could stand at the caret. */
  | { kind: "suggest"; text: string; caret: number }
  /** The lines of a query (null: all) as a file. Answered by several `download`, each with a buffer. */
  | { kind: "download"; query: LogQuery | null; format: FileFormat }
  /** What `card.selection` is; answered only by `heard`. */
  | { kind: "select"; seqs: number[]; range: Selection | null; tasks: string[] }
  /** Pins a line, or changes its note; null takes the pin away. */
  | { kind: "pin"; seq: number; note: string | null };

export type FileFormat = "csv" | "jsonl" | "txt";

/** Page → Python: `n` counts the questions of one view of the card. */
export type Question = QuestionBody & { view: string; n: number; snapshot: number };

/** What can be answered, without whom. */
export type AnswerBody =
  /** At once, before the work is begun: the kernel is free and has taken the question. */
  | { kind: "heard" }
  | { kind: "refreshed" }
  /** The line is pinned now, or is not any more: the annotations that were sent before say so. */
  | { kind: "pinned" }
  | { kind: "rows"; window: LogWindow }
  | {
      kind: "result";
      hits: number;
      /** How many lines are shown, context included. */
      shown: number;
      /** How many items there are: lines, gaps and dividers. */
      total: number;
      /** Place of the line `near`, or of what is shown nearest to it; null if nothing was asked or shown. */
      at: number | null;
      /** The first hit from the line `near` on, or else the first of all. */
      hit: Spot | null;
      /** Over all lines that match, whatever their time. */
      bins: Bins;
      marks: Marks;
      /** Why nothing matches, if that can be said: "No task is called laod. Did you mean task:load?" */
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
  /** The id of the widget model of a card that was opened. */
  | { kind: "opened"; model: string }
  /** Texts that can stand in place of what is between `start` and `end`, each with a count or a hint. */
  | { kind: "suggestions"; start: number; end: number; items: [text: string, hint: string][] }
  | { kind: "download"; name: string; part: number; parts: number }
  | { kind: "failed"; notice: Notice };

/** `nth` counts hits (or errors, pins) from 1 in the order shown; null where nothing was found. */
export interface Spot {
  place: number | null;
  seq: number | null;
  nth: number | null;
}

/** Python → page: every view hears every answer, so those for others are dropped. */
export type Answer = AnswerBody & { view: string; n: number; snapshot: number };

export type QuestionKind = QuestionBody["kind"];
export type Ask<K extends QuestionKind> = Extract<QuestionBody, { kind: K }>;
export type Say<K extends AnswerBody["kind"]> = Extract<AnswerBody, { kind: K }>;
export type QueryResult = Say<"result">;
