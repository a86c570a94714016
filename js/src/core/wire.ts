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
  /** Seconds; null while unknown. For a run that goes on, the span up to `as_of`. */
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
}

/** One log line: [seq, timestamp, level, level name, task, logger, message, length of the whole message]. */
export type LogRow = [
  seq: number,
  at: number,
  level: number | null,
  level_name: string | null,
  task: string | null,
  logger: string | null,
  message: string,
  length: number,
];

export interface LogWindow {
  /** Position of the first row among the lines that match. */
  start: number;
  rows: LogRow[];
  /** How many lines match. */
  total: number;
}

export interface Logs {
  /** How many lines Python holds. */
  total: number;
  /** False while lines are still being read: counts are then lower bounds. */
  is_complete: boolean;
  /** Count by level family. */
  levels: { critical: number; error: number; warning: number; info: number; debug: number };
  /** Row position of the first line of level error or above. */
  first_error: number | null;
  window: LogWindow;
}

export interface TaskRun {
  id: string;
  /** "load[7]" for the mapped child 7 of "load". */
  label: string;
  /** Children of one mapped task share it; null for a task run that is not mapped. */
  group: string | null;
  map_index: number | null;
  state: State;
  /** How often it began to run; 0 if never. */
  attempts: number;
  started_at: number | null;
  ended_at: number | null;
  waited: number | null;
  ran: number | null;
  /** Spans to draw: [from, to or null while it goes on, what it was]. */
  spans: [number, number | null, "waited" | "ran" | "failed" | "retry"][];
  lines: number;
  warnings: number;
  errors: number;
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
  /** Row position of the line that said so. */
  row: number | null;
  /** Labels of what never started because of it. */
  held_up: string[];
  /** How many more task runs failed. */
  more: number;
  markdown: string;
}

export interface Changes {
  /** "+312 lines, 2 task runs finished"; "Nothing new" when nothing is. */
  text: string;
  since: number;
  new_lines: number;
  /** The first `seq` that is new. */
  first_seq: number | null;
  is_empty: boolean;
}

export interface Notice {
  kind: "info" | "error" | "unreachable";
  text: string;
  detail: string | null;
  at: number;
}

export interface Payload {
  format: 1;
  /** Grows by one with each refresh; an answer carries the snapshot it speaks of. */
  snapshot: number;
  header: Header;
  /** null while they are still on their way. */
  logs: Logs | null;
  /** null while they are still on their way. */
  tasks: { total: number; rows: TaskRun[] } | null;
  states: State[];
  digest: Digest | null;
  changes: Changes | null;
  notice: Notice | null;
  /** The Python expression that gives this very run. */
  expression: string;
}

/** Page → Python. `view` names one view of the card, `n` counts its questions. */
export type Question =
  | { kind: "rows"; view: string; n: number; snapshot: number; start: number; count: number }
  | { kind: "line"; view: string; n: number; snapshot: number; seq: number }
  | { kind: "tasks"; view: string; n: number; snapshot: number; start: number; count: number }
  | { kind: "refresh"; view: string; n: number; snapshot: number }
  | { kind: "hello"; view: string; n: number; snapshot: number }
  | { kind: "bye"; view: string; n: number; snapshot: number };

/** Python → page: every view hears every answer, so those for others are dropped. */
export type Answer =
  /** At once, before the work is begun: the kernel is free and has taken the question. */
  | { kind: "heard"; view: string; n: number; snapshot: number }
  | { kind: "rows"; view: string; n: number; snapshot: number; window: LogWindow }
  | { kind: "line"; view: string; n: number; snapshot: number; seq: number; message: string }
  | { kind: "tasks"; view: string; n: number; snapshot: number; start: number; rows: TaskRun[] }
  | { kind: "refreshed"; view: string; n: number; snapshot: number }
  | { kind: "failed"; view: string; n: number; snapshot: number; notice: Notice };
