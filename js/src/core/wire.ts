/**
 * What travels between Python and the page. The Python side of each shape is in
 * `flowrun_widgets/card/payload.py` (what a card shows) and `card/protocol.py` (question and answer).
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
  as_of: number;
  /** Where the server's own UI shows this run; http or https only. */
  ui_url: string | null;
  /** "Prefect 3", "Prefect 1", "local store", … */
  source: string;
  /** The server or the file, without any secret. */
  source_url: string;
  /** Seconds that it ran in all its attempts; less than `took` if it waited between them or was paused. */
  ran?: number | null;
  /** How often it began to run. */
  attempts?: number;
  wait?: Wait | null;
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
  /** Its place among all lines by time, from 0. */
  position: number,
  /** Whether it fits the filter text; false for context and for what was opened in place. */
  is_hit: boolean,
];

/** Lines left out here: how many, and the arrival numbers of the first and the last of them. */
export type Gap = [kind: null, hidden: number, first: number, last: number];

/** Above the first line of a repeated attempt: whose, which of how many, after how many seconds of waiting. */
export type Retry = [
  kind: "retry",
  task: string,
  attempt: number,
  attempts: number,
  waited: number | null,
];

/** What one place in the list of lines shows. */
export type Item = LogRow | Gap | Retry;

/** Which lines a view shows, and how. */
export interface Look {
  text: string;
  /** The reader's time zone: what a typed clock time means. */
  zone: string;
  /** How many lines round each hit are shown too; null: only hits. */
  context: number | null;
  /** What was opened in place: so many lines from this arrival number on, or, if negative, up to it. */
  opened: [seq: number, count: number][];
  is_newest_first: boolean;
}

export interface LogWindow {
  /** Place of the first item among those of the look. */
  start: number;
  items: Item[];
  /** How many items the look has; null while that is not counted yet. */
  total: number | null;
}

export interface Logs {
  /** How many lines Python holds. */
  total: number;
  /** False while lines are still being read: counts are then lower bounds. */
  is_complete: boolean;
  /** Count by level family. */
  levels: { critical: number; error: number; warning: number; info: number; debug: number };
  /** Position of the first line of level error or above. */
  first_error: number | null;
  /** Without filter, oldest first. */
  window: LogWindow;
  /** Lines outside of it: errors, then warnings. */
  telling?: LogRow[];
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

/** Places on the strip beside the rows, of 0 to 199: where lines of that kind are among the items. */
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
];

export interface TaskRuns {
  total: number;
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
  /** Arrival number of the line that said so, and its position. */
  line: [seq: number, position: number] | null;
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
  causes?: Cause[];
  /** The run's own last message, where it says something else than `error`. */
  ended_with?: string | null;
  /** The runs of sub-flows from this run down to the one where it failed; `task` and `tail` are of the last. */
  runs?: RunBelow[];
  /** Sentences: what failed besides, earlier attempts of the run, what was still running. */
  remarks?: string[];
  /** Why another failure may have ended the run; null: it is this. */
  doubt?: string | null;
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
}

/** What the reader made of the run; it travels in a trait of its own. */
export interface Kept {
  /** The filter text that was set last, by Python or in any view. */
  text: string;
  /** Grows by one when Python sets the text: then every view takes it over. */
  turn: number;
  pins: Pin[];
}

/** Lines of one pattern: text with <int>, <float>, …; how many; first and last seen; gravest level; filter term. */
export type Template = [
  pattern: string,
  count: number,
  first_at: number,
  last_at: number,
  level: number | null,
  term: string,
];

export interface Payload {
  format: 2;
  /** Grows by one with each refresh; an answer carries the snapshot it speaks of. */
  snapshot: number;
  header: Header;
  /** null while they are still on their way. */
  logs: Logs | null;
  /** null while they are still on their way. */
  tasks: TaskRuns | null;
  states: State[];
  /** Stretches in which nothing ran and no line was written: histogram and timeline fold them. */
  idle: [from: number, to: number][];
  digest: Digest | null;
  changes: Changes | null;
  notice: Notice | null;
  /** Python looks at the run by itself until it is over. */
  is_following: boolean;
  /** How many secret values were taken out of what the card shows. */
  redacted: number;
  /** The Python expression that gives this very card. */
  expression: string;
}

/** Page → Python. Each is sent with `view` (one view of the card), `n` (its questions, counted) and `snapshot`. */
export type Question = { view: string; n: number; snapshot: number } & (
  | { kind: "hello" }
  | { kind: "bye" }
  | { kind: "refresh" }
  /** Has Python follow the run, or not; answered only by `heard` and by a payload that says so. */
  | { kind: "follow"; is_on: boolean }
  /** Whether the browser shows the page; answered only by `heard`. */
  | { kind: "seen"; is_seen: boolean }
  /**
   * What a look has. Answered by `looked`; before it comes a `rows` without total if the first
   * `count` items are found sooner. `near` is the arrival number of a line to stay at.
   */
  | { kind: "look"; look: Look; near: number | null; count: number }
  | { kind: "rows"; look: Look; start: number; count: number }
  /**
   * A place among the items: of the next hit, error or pin from the line `at` on (its arrival number;
   * null: from the end that `step` comes from), round the end if need be; or of the line `at`, or the
   * first line from the time `at` on, or what is shown nearest to it.
   */
  | {
      kind: "find";
      look: Look;
      what: "hit" | "error" | "pin" | "line" | "time";
      at: number | null;
      step: 1 | -1;
    }
  | { kind: "line"; seq: number }
  | { kind: "tasks"; start: number; count: number }
  | { kind: "templates"; look: Look }
  /** What could stand at the caret. */
  | { kind: "suggest"; text: string; caret: number }
  /** The lines of a look (null: all) as a file. Answered by several `download`, each with a buffer. */
  | { kind: "download"; look: Look | null; format: "csv" | "jsonl" }
  /** What `card.selection` is; answered only by `heard`. */
  | { kind: "select"; seqs: number[]; tasks: string[] }
  /** Pins a line, or changes its note; null takes the pin away. Answered only by `heard`. */
  | { kind: "pin"; seq: number; note: string | null }
);

/** Python → page: every view hears every answer, so those for others are dropped. */
export type Answer = {
  view: string;
  n: number;
  snapshot: number;
} /** At once, before the work is begun: the kernel is free and has taken the question. */ & (
  | { kind: "heard" }
  | { kind: "refreshed" }
  | { kind: "rows"; window: LogWindow }
  | {
      kind: "looked";
      hits: number;
      /** How many lines are shown, context included. */
      shown: number;
      /** How many items there are: lines, gaps and dividers. */
      total: number;
      /** Place of the line `near`, or of what is shown nearest to it; null if nothing was asked or shown. */
      at: number | null;
      /** Over all lines that fit, whatever their time. */
      bins: Bins;
      marks: Marks;
      /** Why nothing fits, if that can be said: "No task is called laod. Did you mean task:load?" */
      advice: string | null;
    }
  /** `nth` counts hits (or errors, pins) from 1 in the order shown; null where nothing was found. */
  | {
      kind: "found";
      what: "hit" | "error" | "pin" | "line" | "time";
      place: number | null;
      seq: number | null;
      nth: number | null;
    }
  | { kind: "line"; seq: number; message: string }
  | { kind: "tasks"; start: number; rows: TaskRow[] }
  | { kind: "templates"; rows: Template[]; lines: number }
  /** Texts that can stand in place of what is between `start` and `end`, each with a count or a hint. */
  | { kind: "suggestions"; start: number; end: number; items: [text: string, hint: string][] }
  | { kind: "download"; name: string; part: number; parts: number }
  | { kind: "failed"; notice: Notice }
);
