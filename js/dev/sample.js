/** Made-up runs with the figures of the drawings, and a kernel that answers in the page. */

const DAY = Date.UTC(2026, 10, 21) * 1000;
const at = (clock) => {
  const [h, m, s] = clock.split(":").map(Number);
  return DAY + Math.round((h * 3600 + m * 60 + s) * 1e6);
};
const state = (name, family, icon, clock = null, message = null) => ({
  type: name.toUpperCase(),
  name,
  family,
  icon,
  message,
  at: clock && at(clock),
});
const COMPLETED = state("Completed", "done", "check");
const FAILED = state("Failed", "failed", "cross");
const NOT_READY = state("NotReady", "heldup", "slash-ring");
const RUNNING = state("Running", "running", "half");
const PENDING = state("Pending", "waiting", "clock");
const CACHED = state("Cached", "cached", "double-check");
const SKIPPED = state("Skipped", "ended", "arc");

const seconds = (from, to) => (to - from) / 1e6;

function task(label, result, spans, extra = {}) {
  const timed = spans.map(([from, to, what]) => [at(from), to && at(to), what]);
  const ran = timed.filter(([, , what]) => what === "ran" || what === "failed");
  const waits = timed.filter(([, , what]) => what === "waited" || what === "retry");
  const total = (list) => list.reduce((sum, [from, to]) => sum + (to ? seconds(from, to) : 0), 0);
  const index = /\[(\d+)\]/.exec(label);
  return {
    id: `task-${label}`,
    label,
    group: index ? label.slice(0, index.index) : null,
    map_index: index ? Number(index[1]) : null,
    state: result,
    attempts: ran.length,
    started_at: ran[0]?.[0] ?? null,
    ended_at: ran.at(-1)?.[1] ?? null,
    waited: waits.length ? total(waits) : null,
    ran: ran.length ? total(ran) : null,
    spans: timed,
    lines: 0,
    warnings: 0,
    errors: 0,
    ...extra,
  };
}

const REST = [
  ["chunks", "12"],
  ["dry_run", "false"],
  ["warehouse_dsn", '"redacted"'],
];

function header(extra) {
  return {
    id: "5f0c1e2a-7b1d-4c3e-9a55-2d61b7f0a9c4",
    name: "amber-heron",
    flow: "nightly-orders",
    project: "warehouse",
    created_at: at("02:00:00"),
    scheduled_at: at("02:00:00"),
    parameters: [["region", '"eu"'], ["day", '"2026-11-20"'], ...REST],
    context: [["scheduled_start_time", '"2026-11-21T02:00:00+00:00"']],
    labels: ["nightly", "orders", "sev2"],
    ui_url: "https://prefect.example.com/runs/flow-run/5f0c1e2a",
    source: "Prefect 3",
    source_url: "https://prefect.example.com/api",
    ...extra,
  };
}

const TRACEBACK = [
  "Traceback (most recent call last):",
  ...Array.from({ length: 19 }, (_, i) => [
    `  File "site-packages/prefect/engine_${i}.py", line ${100 + i}, in call_${i}`,
    "    return await self.run()",
  ]).flat(),
  '  File "flows/orders.py", line 118, in load',
  '    copied = warehouse.copy(chunk, into="orders_eu")',
  '  File "flows/warehouse.py", line 64, in copy',
  "    sock.sendall(view)",
];

const PLAIN = [
  [20, "load[7]", (i) => `Committed batch ${(i % 62) + 1} of 62 to \x1b[36morders_eu\x1b[0m`],
  [10, "load[7]", () => "Multipart upload: 12 parts of 8 MiB"],
  [
    20,
    "load[6]",
    (i) => `Staging s3://nightly/2026-11-20/part-${String(i % 9999).padStart(4, "0")}.parquet`,
  ],
  [
    20,
    "extract",
    () =>
      "\x1b[1;32m✓\x1b[0m staged \x1b[36morders_eu\x1b[0m \x1b[33m412 871 rows\x1b[0m \x1b[2min 2.1 s\x1b[0m",
  ],
  [20, "load[4]", (i) => `Resumes at batch ${i % 62} of 62`],
  [10, "load[6]", () => "Cache key function is <class 'function'>, inputs hashed by source"],
  [20, null, () => "reconcile waits for load[7]"],
];

const LONG =
  "COPY orders_eu FROM 's3://nightly/2026-11-20/part-0007.parquet' WITH (format parquet, on_error stop, freeze true, columns (order_id, customer_ref, placed_at, currency, amount))";

function specialLine(i, near) {
  const back = near - i;
  if (back === 0) {
    const text = `ConnectionResetError: [Errno 104] Connection reset by peer\n${TRACEBACK.join("\n")}`;
    return [40, "load[7]", text];
  }
  if (back === -1)
    return [40, "load[7]", "Task run failed after 3 attempts: connection reset by peer"];
  if (back === 1) return [30, "load[7]", "Connection reset by peer (3 of 3), giving up"];
  if (back === 2) {
    return [10, "load[7]", '{"tries": 3, "bytes_sent": 48234496, "peer": "10.0.3.17:5439"}'];
  }
  if (back === 6) return [20, "load[7]", LONG, LONG.length + 1842];
  if (back === 8)
    return [30, "load[7]", "Slow slot: waited 18.4 s, the median of the last 20 runs is 3.1 s"];
  return null;
}

const NAMES = { 10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR" };

function timeOf(i, { from, to, total, gap }) {
  const idle = gap ? gap[1] - gap[0] : 0;
  const time = Math.round(from + ((to - from - idle) * i) / total) + ((i * 7919) % 900) * 100;
  return gap && time >= gap[0] ? time + idle : time;
}

/** Line `i` of a log of `total` lines between two times, with one failure at `near`. */
function lineOf(i, log) {
  const { near } = log;
  const special = near === null ? null : specialLine(i, near);
  const [level, name, text, length] = special ?? plainLine(i);
  const time = timeOf(i, log);
  return [
    i,
    time,
    level,
    NAMES[level],
    name,
    "prefect.task_runs",
    text,
    length ?? text.length,
    i,
    true,
  ];
}

function plainLine(i) {
  if (i % 290 === 17) return [30, "load[6]", "Slow slot: waited 18.4 s, the median is 3.1 s"];
  const [level, name, text] = PLAIN[(i * 31) % PLAIN.length];
  return [level, name, text(i)];
}

export function windowOf(log, start, count) {
  const from = Math.max(0, start);
  const end = Math.min(log.total, start + count);
  const items = [];
  for (let i = from; i < end; i++) items.push(lineOf(i, log));
  return { start: from, items, total: log.total };
}

function logsOf(log, levels, first_error, start) {
  return {
    total: log.total,
    is_complete: true,
    levels,
    first_error,
    window: windowOf(log, start, 120),
  };
}

const KIDS = [
  ["0", "02:05:18", "02:03:43", null],
  ["1", "02:05:41", "02:03:43", null],
  ["2", "02:05:05", "02:03:43", null],
  ["3", "02:06:02", "02:03:44", null],
  ["4", "02:06:41", "02:05:06", "02:03:43"],
  ["5", "02:06:38", "02:05:19", "02:03:43"],
  ["6", "02:07:34", "02:05:42", "02:03:43"],
  ["8", "02:07:50", "02:06:39", "02:03:43"],
  ["10", "02:08:59", "02:07:36", "02:03:43"],
  ["11", "02:10:01", "02:07:51", "02:03:43"],
];

function failed() {
  const log = { from: at("02:00:04"), to: at("02:32:26"), total: 41200, near: 41099 };
  log.gap = [at("02:10:01"), at("02:29:00")];
  const kids = KIDS.map(([n, end, start, wait]) =>
    task(
      `load[${n}]`,
      COMPLETED,
      [...(wait ? [[wait, start, "waited"]] : []), [start, end, "ran"]],
      {
        lines: 3122,
      },
    ),
  );
  const seven = task(
    "load[7]",
    FAILED,
    [
      ["02:03:43", "02:06:03", "waited"],
      ["02:06:03", "02:06:52", "failed"],
      ["02:06:52", "02:07:52", "retry"],
      ["02:07:52", "02:09:21", "failed"],
      ["02:09:21", "02:29:21", "retry"],
      ["02:29:21", "02:32:24", "failed"],
    ],
    { lines: 8420, warnings: 17, errors: 2 },
  );
  const nine = task(
    "load[9]",
    COMPLETED,
    [
      ["02:03:43", "02:06:42", "waited"],
      ["02:06:42", "02:07:26", "failed"],
      ["02:07:26", "02:08:26", "retry"],
      ["02:08:26", "02:09:48", "ran"],
    ],
    { lines: 3010, warnings: 4 },
  );
  const rows = [
    task("extract", COMPLETED, [["02:00:05", "02:03:41", "ran"]], { lines: 4011, warnings: 2 }),
    ...[...kids, seven, nine].sort((a, b) => a.map_index - b.map_index),
    task("reconcile", NOT_READY, [], { lines: 1 }),
    task("publish", NOT_READY, [], { lines: 1 }),
  ];
  return {
    log,
    payload: {
      header: header({
        state: state(
          "Failed",
          "failed",
          "cross",
          "02:32:26.902",
          "Flow run encountered an exception.",
        ),
        is_finished: true,
        started_at: at("02:00:04"),
        ended_at: at("02:32:26.902"),
        took: 1942.9,
        as_of: at("02:41:07"),
      }),
      logs: logsOf(
        log,
        { critical: 0, error: 6, warning: 143, info: 36402, debug: 4649 },
        41099,
        41040,
      ),
      tasks: { total: 15, rows },
      states: [
        state("Scheduled", "waiting", "clock", "02:00:00", "By schedule, 02:00 daily"),
        state("Pending", "waiting", "clock", "02:00:01.212", "Picked up by orders-pool"),
        state("Running", "running", "half", "02:00:04.118"),
        state(
          "Failed",
          "failed",
          "cross",
          "02:32:26.902",
          "Flow run encountered an exception: ConnectionResetError: [Errno 104] Connection reset by peer",
        ),
      ],
      digest: {
        task: "load[7]",
        attempt: 3,
        attempts: 3,
        at: at("02:32:24"),
        error: "ConnectionResetError: [Errno 104] Connection reset by peer",
        detail: TRACEBACK,
        line: [41099, 41099],
        tail: windowOf(log, 41080, 20).items,
        spans: seven.spans.flatMap(([from, to, kind]) => [from, to ?? 0, KINDS.indexOf(kind)]),
        held_up: ["reconcile", "publish"],
        more: 0,
        markdown: "**load[7]** failed: `ConnectionResetError`",
      },
      changes: null,
      notice: null,
      redacted: 0,
      expression: 'fw.card("amber-heron")',
    },
  };
}

function running() {
  const log = { from: at("09:30:04"), to: at("09:41:20"), total: 18202, near: null };
  const spans = (from, to) => [[from, to, "ran"]];
  const rows = [
    task("extract", COMPLETED, spans("09:30:05", "09:33:41"), { lines: 4011 }),
    ...[0, 1, 2, 3, 4].map((n) =>
      task(`load[${n}]`, COMPLETED, spans(`09:33:4${n}`, `09:3${7 + (n % 3)}:12`), { lines: 2122 }),
    ),
    ...[5, 6, 7, 8].map((n) =>
      task(`load[${n}]`, RUNNING, spans("09:38:20", null), { lines: 900 }),
    ),
    ...[9, 10, 11].map((n) => task(`load[${n}]`, PENDING, [["09:33:42", null, "waited"]])),
    task("reconcile", PENDING, []),
    task("publish", PENDING, []),
  ];
  return {
    log,
    payload: {
      header: header({
        name: "brisk-lark",
        state: state("Running", "running", "half", "09:30:04"),
        is_finished: false,
        started_at: at("09:30:04"),
        ended_at: null,
        took: 676,
        as_of: at("09:41:20"),
      }),
      logs: logsOf(
        log,
        { critical: 0, error: 0, warning: 31, info: 16120, debug: 2051 },
        null,
        18100,
      ),
      tasks: { total: 15, rows },
      states: [
        state("Scheduled", "waiting", "clock", "09:30:00"),
        state("Running", "running", "half", "09:30:04"),
      ],
      digest: null,
      changes: {
        text: "+312 lines, 2 task runs finished",
        since: at("09:40:51"),
        new_lines: 312,
        first_seq: 17890,
        is_empty: false,
        tasks: [],
      },
      notice: null,
      redacted: 0,
      expression: 'fw.card("brisk-lark")',
    },
  };
}

function done() {
  const log = { from: at("11:02:04"), to: at("11:25:24"), total: 39527, near: null };
  const kid = (n, result, spans, extra) => task(`load[${n}]`, result, spans, extra);
  const rows = [
    task(
      "extract",
      COMPLETED,
      [
        ["11:02:04.1", "11:02:05", "waited"],
        ["11:02:05", "11:05:41", "ran"],
      ],
      { lines: 4011, warnings: 2 },
    ),
    kid(0, COMPLETED, [["11:05:41", "11:08:25", "ran"]], { lines: 3122, waited: 0.3 }),
    kid(1, CACHED, [["11:05:41", "11:05:41.004", "ran"]], { lines: 2, attempts: 0 }),
    kid(2, COMPLETED, [["11:05:41", "11:08:12", "ran"]], { lines: 3010, waited: 0.3 }),
    kid(3, CACHED, [["11:05:41", "11:05:41.003", "ran"]], { lines: 2, attempts: 0 }),
    kid(
      4,
      COMPLETED,
      [
        ["11:05:42", "11:07:02", "failed"],
        ["11:07:02", "11:08:02", "retry"],
        ["11:08:02", "11:09:50", "failed"],
        ["11:09:50", "11:11:50", "retry"],
        ["11:11:50", "11:15:24", "ran"],
      ],
      { lines: 6604, warnings: 11 },
    ),
    kid(5, SKIPPED, [], { lines: 1, started_at: at("11:05:42") }),
    kid(
      6,
      COMPLETED,
      [
        ["11:05:41", "11:08:12", "waited"],
        ["11:08:12", "11:11:20", "ran"],
      ],
      { lines: 3340 },
    ),
    kid(
      7,
      COMPLETED,
      [
        ["11:05:41", "11:08:25", "waited"],
        ["11:08:25", "11:17:56", "ran"],
      ],
      { lines: 8420, warnings: 4 },
    ),
    kid(8, COMPLETED, [["11:08:30", "11:12:00", "ran"]], { lines: 3000, attempts: 2 }),
    kid(9, CACHED, [["11:05:43", "11:05:43.004", "ran"]], { lines: 2, attempts: 0 }),
    kid(10, COMPLETED, [["11:12:00", "11:20:00", "ran"]], { lines: 3000 }),
    kid(11, COMPLETED, [["11:12:10", "11:25:02", "ran"]], { lines: 4715, warnings: 2 }),
    task("reconcile", COMPLETED, [["11:25:03", "11:25:17.2", "ran"]], { lines: 210, waited: 0.2 }),
    task("publish", COMPLETED, [["11:25:18", "11:25:24.1", "ran"]], { lines: 88, waited: 0.4 }),
  ];
  return {
    log,
    payload: {
      header: header({
        name: "quiet-ibis",
        state: state("Completed", "done", "check", "11:25:24", "All states completed."),
        is_finished: true,
        started_at: at("11:02:04"),
        ended_at: at("11:25:24"),
        took: 1400,
        as_of: at("11:31:50"),
      }),
      logs: logsOf(log, { critical: 0, error: 0, warning: 19, info: 36402, debug: 3106 }, null, 0),
      tasks: { total: 15, rows },
      states: [
        state("Scheduled", "waiting", "clock", "11:02:00"),
        state("Running", "running", "half", "11:02:04"),
        state("Completed", "done", "check", "11:25:24"),
      ],
      digest: null,
      changes: null,
      notice: null,
      redacted: 0,
      expression: 'fw.card("quiet-ibis")',
    },
  };
}

function pending() {
  const base = running();
  return {
    log: { ...base.log, total: 0 },
    payload: {
      ...base.payload,
      header: {
        ...base.payload.header,
        state: state("Pending", "waiting", "clock", "09:30:00"),
        started_at: null,
        took: null,
        scheduled_at: at("09:30:00"),
        as_of: at("09:32:14"),
      },
      logs: {
        ...base.payload.logs,
        total: 0,
        levels: { critical: 0, error: 0, warning: 0, info: 0, debug: 0 },
        window: { start: 0, items: [], total: 0 },
      },
      tasks: { total: 0, rows: [] },
      changes: null,
    },
  };
}

function unreachable() {
  const base = running();
  const notice = {
    kind: "unreachable",
    text: "prefect.example.com has not answered since 09:43:12.",
    detail: "ConnectError: [Errno 111] Connection refused",
    at: at("09:43:12"),
  };
  return { ...base, payload: { ...base.payload, changes: null, notice } };
}

/** Ten million lines and a mapped task of 3000 children. */
function huge() {
  const base = done();
  const log = { ...base.log, total: 10_000_000, near: 4_200_000 };
  const rows = Array.from({ length: 3000 }, (_, i) =>
    task(`load[${i}]`, i % 97 === 5 ? FAILED : COMPLETED, [["11:05:41", "11:08:25", "ran"]], {
      lines: 3333,
    }),
  );
  return {
    log,
    rows,
    payload: {
      ...base.payload,
      logs: logsOf(
        log,
        { critical: 0, error: 6, warning: 1430, info: 9_900_000, debug: 98564 },
        4_200_000,
        0,
      ),
      tasks: { total: rows.length, rows: rows.slice(0, 500) },
    },
  };
}

const MAKERS = { failed, running, done, pending, unreachable, huge };
const KINDS = ["waited", "ran", "failed", "retry"];
const URGENT = [
  "failed",
  "heldup",
  "retry",
  "running",
  "paused",
  "waiting",
  "ended",
  "cached",
  "done",
];

/** Task runs as they travel: states apart, each run a list. */
function travelling({ total, rows }, all) {
  const counts = new Map();
  for (const { state: of } of all) counts.set(of, (counts.get(of) ?? 0) + 1);
  const states = [...counts].sort(
    ([a], [b]) => URGENT.indexOf(a.family) - URGENT.indexOf(b.family),
  );
  const row = (run) => [
    run.id,
    run.label,
    run.group,
    run.map_index,
    states.findIndex(([of]) => of === run.state),
    run.attempts,
    run.started_at,
    run.ended_at,
    run.waited,
    run.ran,
    run.spans.flatMap(([from, to, kind]) => [from, to ?? 0, KINDS.indexOf(kind)]),
    run.lines,
    run.warnings,
    run.errors,
  ];
  const path = rows.flatMap(({ label }, i) => (/^(extract|load.7.)$/.test(label) ? [i] : []));
  const critical = path.length ? { path, seconds: 1942, waited: 1260 } : null;
  return { tasks: { total, states, rows: rows.map(row), critical }, rows: all.map(row) };
}

export function sample(name, snapshot = 1) {
  const made = MAKERS[name]();
  const { tasks, rows } = travelling(made.payload.tasks, made.rows ?? made.payload.tasks.rows);
  const idle = name === "failed" ? [[at("02:10:01"), at("02:29:00")]] : [];
  return { ...made, rows, payload: { format: 2, snapshot, idle, ...made.payload, tasks } };
}
