/** Log lines, queries, answers and payloads as they travel. */

import {
  type Digest,
  FORMAT,
  type LogQuery,
  type LogRow,
  type LogWindow,
  type Payload,
  type QueryResult,
  type State,
  type TaskRow,
} from "../src/protocol/wire";
import { plainQuery } from "../src/state/row-cache";
import { row, STATES, second } from "./task-samples";

export const completed: State = {
  type: "COMPLETED",
  name: "Completed",
  family: "done",
  icon: "check",
  message: null,
  at: null,
};
export const failed: State = {
  ...completed,
  type: "FAILED",
  name: "Failed",
  family: "failed",
  icon: "cross",
};
export const running: State = {
  ...completed,
  type: "RUNNING",
  name: "Running",
  family: "running",
  icon: "half",
};
/** The head of a run that goes on. */
export const going = { is_finished: false, ended_at: null, state: running };

interface LineChoice {
  level?: number | null;
  length?: number;
  at?: number;
  task?: string | null;
  logger?: string | null;
  position?: number | null;
  isHit?: boolean;
  repeats?: number;
}

const wordOf = (level: number) =>
  level >= 40 ? "ERROR" : level >= 30 ? "WARNING" : level >= 20 ? "INFO" : "DEBUG";

export function line(seq: number, message = `message ${seq}`, more: LineChoice = {}): LogRow {
  const { level = 20, task = "load", logger = "prefect", position = seq } = more;
  return [
    seq,
    more.at ?? second(seq),
    level,
    level === null ? null : wordOf(level),
    task,
    logger,
    message,
    more.length ?? [...message].length,
    position,
    more.isHit ?? true,
    more.repeats ?? 1,
  ];
}

export function lines(start: number, count: number): LogRow[] {
  return Array.from({ length: count }, (_, i) => line(start + i));
}

export const query = (more: Partial<LogQuery> = {}): LogQuery => ({
  ...plainQuery("UTC"),
  ...more,
});

export const window = (
  start: number,
  items: LogWindow["items"],
  total: number | null = null,
): LogWindow => ({ start, items, total });

export const result = (total: number, more: Partial<QueryResult> = {}): QueryResult => ({
  kind: "result",
  hits: total,
  shown: total,
  total,
  at: null,
  hit: null,
  bins: { at: [], other: [], warning: [], error: [] },
  marks: { error: [], warning: [], hit: [] },
  advice: null,
  ...more,
});

export const digest = (more: Partial<Digest> = {}): Digest => ({
  task: "load",
  attempt: 3,
  attempts: 3,
  at: second(90),
  error: "ConnectionResetError: [Errno 104] Connection reset by peer",
  detail: ['  File "a.py", line 1, in f', "    g()"],
  line: [40, 40],
  tail: lines(36, 4),
  spans: [],
  held_up: [],
  more: 0,
  markdown: "**load** failed",
  causes: [],
  ended_with: null,
  runs: [],
  remarks: [],
  doubt: null,
  ...more,
});

interface Choice {
  snapshot?: number;
  total?: number;
  start?: number;
  rows?: LogRow[];
  tasks?: TaskRow[];
  tasksTotal?: number;
  header?: Partial<Payload["header"]>;
  logs?: Partial<NonNullable<Payload["logs"]>>;
  more?: Partial<Payload>;
}

export function payload(choice: Choice = {}): Payload {
  const start = choice.start ?? 0;
  const rows = choice.rows ?? lines(start, Math.min(60, choice.total ?? 60));
  const total = choice.total ?? rows.length;
  const tasks = choice.tasks ?? [row("extract")];
  return {
    format: FORMAT,
    snapshot: choice.snapshot ?? 1,
    header: {
      id: "5f0c1e2a",
      name: "amber-heron",
      flow: "nightly-orders",
      project: null,
      state: completed,
      is_finished: true,
      created_at: second(0),
      scheduled_at: second(0),
      started_at: second(1),
      ended_at: second(100),
      took: 99,
      parameters: [["region", '"eu"']],
      context: [],
      labels: [],
      facts: [],
      job_variables: [],
      is_subflow: false,
      as_of: second(120),
      ui_url: "https://prefect.example.com/runs/1",
      source: "Prefect 3",
      source_url: "https://prefect.example.com/api",
      ran: 99,
      attempts: 1,
      wait: null,
      ...choice.header,
    },
    logs: {
      total,
      is_complete: true,
      levels: { critical: 0, error: 1, warning: 2, info: total, debug: 0 },
      first_error: null,
      repeated: 0,
      task_width: 4,
      logger_width: 7,
      window: window(start, rows, total),
      highlights: [],
      ...choice.logs,
    },
    tasks: {
      total: choice.tasksTotal ?? tasks.length,
      is_complete: true,
      states: STATES,
      rows: tasks,
      critical: null,
    },
    states: [{ ...completed, at: second(100) }],
    idle: [],
    digest: null,
    changes: null,
    notice: null,
    renumbered: [],
    is_following: false,
    redacted: 0,
    expression: 'fw.card("amber-heron")',
    kernel_zone: "Europe/Berlin",
    ...choice.more,
  };
}

/** As a trait holds it: gzip of JSON. */
export async function zipped(value: unknown): Promise<DataView> {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new DataView(await new Response(stream).arrayBuffer());
}
