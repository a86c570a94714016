import type { LogRow, Payload, State, TaskRun } from "../src/core/wire";

const NOON = Date.UTC(2026, 10, 21, 12) * 1000;
const second = (n: number) => NOON + n * 1_000_000;

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
  more: Partial<{ level: number; length: number; at: number; task: string }> = {},
): LogRow {
  const { level = 20, length = message.length, at = second(seq), task = "load" } = more;
  return [seq, at, level, level >= 40 ? "ERROR" : "INFO", task, "prefect", message, length];
}

export function lines(start: number, count: number): LogRow[] {
  return Array.from({ length: count }, (_, i) => line(start + i));
}

export function task(label: string, more: Partial<TaskRun> = {}): TaskRun {
  return {
    id: `id-${label}`,
    label,
    group: null,
    map_index: null,
    state: completed,
    attempts: 1,
    started_at: second(1),
    ended_at: second(11),
    waited: 0.5,
    ran: 10,
    spans: [[second(1), second(11), "ran"]],
    lines: 3,
    warnings: 0,
    errors: 0,
    ...more,
  };
}

export function mapped(count: number): TaskRun[] {
  return Array.from({ length: count }, (_, i) =>
    task(`load[${i}]`, {
      group: "load",
      map_index: i,
      started_at: second(2 + i),
      ended_at: second(12 + i),
    }),
  );
}

interface Choice {
  snapshot?: number;
  total?: number;
  start?: number;
  rows?: LogRow[];
  tasks?: TaskRun[];
  tasksTotal?: number;
  header?: Partial<Payload["header"]>;
  more?: Partial<Payload>;
}

export function payload(choice: Choice = {}): Payload {
  const rows = choice.rows ?? lines(choice.start ?? 0, Math.min(60, choice.total ?? 60));
  const total = choice.total ?? rows.length;
  const tasks = choice.tasks ?? [task("extract")];
  return {
    format: 1,
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
      window: { start: choice.start ?? 0, rows, total },
    },
    tasks: { total: choice.tasksTotal ?? tasks.length, rows: tasks },
    states: [{ ...completed, at: second(100) }],
    digest: null,
    changes: null,
    notice: null,
    expression: 'fw.card("amber-heron").flow_run',
    ...choice.more,
  };
}

export async function zipped(value: unknown): Promise<DataView> {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new DataView(await new Response(stream).arrayBuffer());
}
