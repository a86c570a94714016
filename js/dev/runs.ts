/** Made-up runs with the figures of the design mock-ups. */

import { begunOf } from "../src/engine/attempts";
import { done as finished, Log } from "../src/engine/log";
import type { Header, LogRow, Payload, State, TaskRow } from "../src/protocol/wire";
import { FORMAT, type Say } from "../src/protocol/wire";
import { plainQuery } from "../src/state/row-cache";

export interface MadeRun {
  payload: Payload;
  rows: LogRow[];
  tasks: TaskRow[];
}

const DAY = Date.UTC(2026, 10, 21) * 1000;
const at = (clock: string): number => {
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(":").map(Number);
  return DAY + Math.round((hours * 3600 + minutes * 60 + seconds) * 1e6);
};

const state = (
  name: string,
  family: State["family"],
  icon: State["icon"],
  clock?: string,
  message: string | null = null,
): State => ({
  type: name.toUpperCase(),
  name,
  family,
  icon,
  message,
  at: clock === undefined ? null : at(clock),
});

const STATES = [
  state("Failed", "failed", "cross"),
  state("NotReady", "heldup", "slash-ring"),
  state("Running", "running", "half"),
  state("Cached", "cached", "double-check"),
  state("Completed", "done", "check"),
];
const [FAILED, HELD_UP, RUNNING, CACHED, COMPLETED] = [0, 1, 2, 3, 4];

type Spans = [from: string, to: string | null, kind: 0 | 1 | 2 | 3][];

function task(label: string, result: number, spans: Spans): TaskRow {
  const flat = spans.flatMap(([from, to, kind]) => [at(from), to === null ? 0 : at(to), kind]);
  const length = (kinds: number[]) =>
    spans
      .filter(([, , kind]) => kinds.includes(kind))
      .reduce((sum, [from, to]) => sum + (to === null ? 0 : (at(to) - at(from)) / 1e6), 0);
  const ran = spans.filter(([, , kind]) => kind === 1 || kind === 2);
  const last = ran.at(-1);
  const index = /^(.*)\[(\d+)\]$/.exec(label);
  return [
    `task-${label}`,
    label,
    index?.[1] ?? null,
    index ? Number(index[2]) : null,
    result,
    ran.length,
    ran[0] ? at(ran[0][0]) : null,
    last?.[1] ? at(last[1]) : null,
    spans.length ? length([0, 3]) : null,
    ran.length ? length([1, 2]) : null,
    flat,
    0,
    0,
    0,
    null,
  ];
}

const TASKS: TaskRow[] = [
  task("extract", COMPLETED, [["02:00:04", "02:03:40", 1]]),
  ...[0, 1, 2, 3, 4, 5, 6].map((n) =>
    n === 3
      ? task(`load[${n}]`, CACHED, [])
      : task(`load[${n}]`, COMPLETED, [
          ["02:03:41", `02:03:4${n + 2}`, 0],
          [`02:03:4${n + 2}`, `02:0${n + 4}:20`, 1],
        ]),
  ),
  task("load[7]", FAILED, [
    ["02:03:41", "02:03:50", 0],
    ["02:03:50", "02:04:39", 2],
    ["02:04:39", "02:05:39", 3],
    ["02:05:39", "02:07:08", 2],
    ["02:07:08", "02:29:21", 3],
    ["02:29:21", "02:32:24", 2],
  ]),
  task("reconcile", HELD_UP, []),
  task("publish", HELD_UP, []),
];

const MESSAGES: [level: number, task: string | null, message: (n: number) => string][] = [
  [20, "load[7]", (n) => `Committed batch ${(n % 62) + 1} of 62 to \x1b[36morders_eu\x1b[0m`],
  [10, "load[7]", () => "Multipart upload: 12 parts of 8 MiB"],
  [20, "load[6]", (n) => `Staging s3://nightly/2026-11-20/part-${n % 9999}.parquet`],
  [20, "extract", () => "\x1b[1;32m✓\x1b[0m staged \x1b[33m412 871 rows\x1b[0m in 2.1 s"],
  [20, "load[4]", (n) => `Resumes at batch ${n % 62} of 62`],
  [
    10,
    "load[6]",
    () => '{"tries": 3, "bytes_sent": 48234496, "peer": "10.0.3.17:5439", "tls": true}',
  ],
  [20, null, () => "reconcile waits for load[7]"],
];
const NAMES: Record<number, string> = { 10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR" };
const TRACEBACK = [
  '  File "flows/orders.py", line 118, in load',
  '    copied = warehouse.copy(chunk, into="orders_eu")',
  '  File "flows/warehouse.py", line 64, in copy',
  "    sock.sendall(view)",
];
const ERROR = "ConnectionResetError: [Errno 104] Connection reset by peer";

const IDLE = [at("02:10:20"), at("02:29:20")] as const;

/** A moment between two others, given as a fraction of the time that was not idle. */
function momentOf(share: number, from: number, to: number): number {
  const gap = to > IDLE[1] ? IDLE[1] - IDLE[0] : 0;
  const moment = Math.round(from + (to - from - gap) * share);
  return moment < IDLE[0] ? moment : moment + gap;
}

function lines(count: number, from: number, to: number, hasError: boolean): LogRow[] {
  return Array.from({ length: count }, (_, n): LogRow => {
    const [level, task, message] = MESSAGES[n % MESSAGES.length] as (typeof MESSAGES)[number];
    const isSlow = n % 289 === 288;
    let [shownLevel, text] = [level, message(n)];
    if (isSlow) [shownLevel, text] = [30, "Slow slot: waited 4.1 s, the median is 0.2 s"];
    if (hasError && n === count - 4)
      [shownLevel, text] = [
        40,
        ["Traceback (most recent call last):", ...TRACEBACK, ERROR].join("\n"),
      ];
    const moment = momentOf(n / count, from, to);
    const name = NAMES[shownLevel] ?? null;
    return [n, moment, shownLevel, name, task, "prefect.task_runs", text, text.length, n, true, 1];
  });
}

interface Choice {
  header: Partial<Header>;
  rows: LogRow[];
  tasks: TaskRow[];
  more?: Partial<Payload>;
}

function made({ header, rows, tasks, more = {} }: Choice): MadeRun {
  const count = (low: number, high: number) =>
    rows.filter(([, , level]) => (level ?? 0) >= low && (level ?? 0) < high).length;
  const firstError = rows.find(([, , level]) => (level ?? 0) >= 40)?.[0] ?? null;
  const start = firstError === null ? 0 : Math.max(0, rows.length - 60);
  const log = new Log(rows, begunOf(tasks, rows));
  const plain = plainQuery("UTC");
  const [answer] = finished(log.window({ kind: "rows", query: plain, start, count: 60 }));
  const window = (answer as Say<"rows">).window;
  const payload: Payload = {
    format: FORMAT,
    snapshot: 1,
    header: {
      id: "5f0c1e2a-7b1d-4c3e-9a55-2d61b7f0a9c4",
      name: "amber-heron",
      flow: "nightly-orders",
      project: null,
      state: state("Completed", "done", "check", "02:32:27"),
      is_finished: true,
      created_at: at("01:59:58"),
      scheduled_at: at("02:00:00"),
      started_at: at("02:00:04"),
      ended_at: at("02:32:27"),
      took: 1943,
      ran: 1340,
      attempts: 1,
      wait: null,
      parameters: [
        ["region", '"eu"'],
        ["day", '"2026-11-20"'],
        ["chunks", "12"],
        ["dry_run", "false"],
      ],
      context: [],
      labels: ["nightly", "orders"],
      facts: [["Work pool", "warehouse"]],
      job_variables: [],
      is_subflow: false,
      as_of: at("02:41:07"),
      ui_url: "https://prefect.example.com/runs/flow-run/5f0c1e2a",
      source: "Prefect 3",
      source_url: "https://prefect.example.com/api",
      ...header,
    },
    logs: {
      total: rows.length,
      is_complete: true,
      levels: {
        critical: count(50, 999),
        error: count(40, 50),
        warning: count(30, 40),
        info: count(20, 30),
        debug: count(0, 20),
      },
      first_error: firstError,
      repeated: 0,
      task_width: 7,
      logger_width: 17,
      window,
      highlights: [],
    },
    tasks: {
      total: tasks.length,
      is_complete: true,
      states: STATES.map((one, i): [State, number] => [
        one,
        tasks.filter((row) => row[4] === i).length,
      ]).filter(([, n]) => n > 0),
      rows: tasks,
      critical: null,
    },
    states: [
      state("Scheduled", "waiting", "clock", "01:59:58"),
      state("Pending", "waiting", "clock", "02:00:00"),
      state("Running", "running", "half", "02:00:04"),
    ],
    idle: [],
    digest: null,
    changes: null,
    notice: null,
    renumbered: [],
    is_following: false,
    redacted: 1,
    expression: 'fw.card("amber-heron")',
    kernel_zone: "Europe/Berlin",
    ...more,
  };
  const known = payload.tasks?.states.map(([one]) => one.name) ?? [];
  for (const row of tasks) row[4] = known.indexOf((STATES[row[4]] as State).name);
  return { payload, rows, tasks };
}

const copyOf = (tasks: readonly TaskRow[]) => tasks.map((row) => [...row] as TaskRow);

function failed(count = 41_200): MadeRun {
  const rows = lines(count, at("02:00:04"), at("02:32:26"), true);
  const error = rows[count - 4] as LogRow;
  const message = "1 of 12 mapped task runs failed";
  const end = state("Failed", "failed", "cross", "02:32:27", message);
  return made({
    header: { state: end },
    rows,
    tasks: copyOf(TASKS),
    more: {
      idle: [[...IDLE]],
      digest: {
        task: "load[7]",
        attempt: 3,
        attempts: 3,
        at: at("02:32:24"),
        error: ERROR,
        detail: TRACEBACK,
        line: [error[0], error[8]],
        tail: rows.slice(count - 24, count - 4),
        spans: TASKS.find(([, label]) => label === "load[7]")?.[10] ?? [],
        held_up: ["reconcile", "publish"],
        more: 0,
        causes: [
          {
            how: "context",
            error: "TimeoutError: [Errno 110] Connection timed out",
            detail: ['  File "flows/orders.py", line 92, in fetch', "    return session.get(url)"],
          },
        ],
        ended_with: message,
        runs: [],
        remarks: ["Two earlier attempts of load[7] failed alike."],
        doubt: null,
        markdown: `**load[7]** failed: \`${ERROR}\``,
      },
    },
  });
}

function running(): MadeRun {
  const tasks = copyOf(TASKS.slice(0, 6));
  tasks.push(task("load[9]", RUNNING, [["02:09:00", null, 1]]));
  return made({
    header: {
      state: state("Running", "running", "half", "02:00:04"),
      is_finished: false,
      ended_at: null,
      took: 676,
      as_of: at("02:11:20"),
    },
    rows: lines(12_480, at("02:00:04"), at("02:11:18"), false),
    tasks,
    more: { is_following: true },
  });
}

function pending(): MadeRun {
  return made({
    header: {
      state: state("Late", "waiting", "clock", "02:00:15"),
      is_finished: false,
      started_at: null,
      ended_at: null,
      took: null,
      as_of: at("02:11:20"),
    },
    rows: [],
    tasks: [],
  });
}

const done = (): MadeRun =>
  made({
    header: {},
    rows: lines(39_527, at("02:00:04"), at("02:32:26"), false),
    tasks: copyOf(TASKS.slice(0, 8)),
  });

export const RUNS = { failed, running, pending, done, huge: () => failed(400_000) };
export type RunName = keyof typeof RUNS;
