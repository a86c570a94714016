import type { LogRow, LogWindow, Look, Payload, State, TaskRow } from "../src/core/wire";
import { row, STATES, second } from "./task-rows";

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

export function line(
  seq: number,
  message = `message ${seq}`,
  more: Partial<{
    level: number;
    length: number;
    at: number;
    task: string | null;
    isHit: boolean;
  }> = {},
): LogRow {
  const { level = 20, length = [...message].length, at = second(seq), task = "load" } = more;
  const name = level >= 40 ? "ERROR" : level >= 30 ? "WARNING" : level >= 20 ? "INFO" : "DEBUG";
  return [seq, at, level, name, task, "prefect", message, length, seq, more.isHit ?? true];
}

export function lines(start: number, count: number): LogRow[] {
  return Array.from({ length: count }, (_, i) => line(start + i));
}

export const look = (more: Partial<Look> = {}): Look => ({
  text: "",
  zone: "UTC",
  context: null,
  opened: [],
  is_newest_first: false,
  ...more,
});

export const window = (
  start: number,
  items: LogWindow["items"],
  total: number | null = null,
): LogWindow => ({ start, items, total });

export const looked = (total: number, more: object = {}) => ({
  kind: "looked" as const,
  hits: total,
  shown: total,
  total,
  at: null,
  bins: { at: [], other: [], warning: [], error: [] },
  marks: { error: [], warning: [], hit: [] },
  advice: null,
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
  more?: Partial<Payload>;
}

export function payload(choice: Choice = {}): Payload {
  const rows = choice.rows ?? lines(choice.start ?? 0, Math.min(60, choice.total ?? 60));
  const total = choice.total ?? rows.length;
  const tasks = choice.tasks ?? [row("extract")];
  return {
    format: 2,
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
      as_of: second(120),
      ui_url: "https://prefect.example.com/runs/1",
      source: "Prefect 3",
      source_url: "https://prefect.example.com/api",
      ...choice.header,
    },
    logs: {
      total,
      is_complete: true,
      levels: { critical: 0, error: 1, warning: 2, info: total, debug: 0 },
      first_error: null,
      window: window(choice.start ?? 0, rows, total),
    },
    tasks: {
      total: choice.tasksTotal ?? tasks.length,
      states: STATES,
      rows: tasks,
      critical: null,
    },
    states: [{ ...completed, at: second(100) }],
    idle: [],
    digest: null,
    changes: null,
    notice: null,
    is_following: false,
    redacted: 0,
    expression: 'fw.card("amber-heron")',
    ...choice.more,
  };
}

export async function zipped(value: unknown): Promise<DataView> {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new DataView(await new Response(stream).arrayBuffer());
}
