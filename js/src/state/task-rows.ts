/** Task runs and mapped groups as the rows of a table. */

import { span } from "../format/number";
import type { StateCount } from "../format/state";
import type { State, TaskRow, TaskRuns } from "../protocol/wire";
import { read } from "../query/parse";

/** The common fields of a task run and a mapped group. */
interface Figures {
  id: string;
  label: string;
  /** For a group, the state of its least urgent run. */
  state: State;
  /** The urgency; 0 is the highest. For a group, that of its most urgent run. */
  rank: number;
  attempts: number;
  started_at: number | null;
  ended_at: number | null;
  waited: number | null;
  ran: number | null;
  /** Three numbers per span: from, to (0 while it goes on), number of the kind. */
  spans: readonly number[];
  lines: number;
  warnings: number;
  errors: number;
}

export interface TaskRun extends Figures {
  group: string | null;
  map_index: number | null;
  /** The id of the sub-flow's run, if it called a sub-flow. */
  child_run: string | null;
}

export interface Group extends Figures {
  runs: readonly TaskRun[];
  /** The number of children; their parent is a separate task run and does not count. */
  size: number;
  counts: StateCount[];
}

export type Row = TaskRun | Group;
export const isGroup = (row: Row): row is Group => (row as Group).runs !== undefined;
export const isRetried = (run: TaskRun): boolean => run.attempts > 1;

export type SortKey =
  | "rank"
  | "label"
  | "attempts"
  | "started_at"
  | "waited"
  | "ran"
  | "lines"
  | "warnings";

export interface Sorting {
  key: SortKey;
  isDescending: boolean;
}

const NO_STATE: State = {
  type: "",
  name: "Unknown",
  family: "unknown",
  icon: "question",
  message: null,
  at: null,
};

/** Each object comes from one literal, so that ten thousand of them need little memory. */
export const runsOf = (rows: readonly TaskRow[], states: TaskRuns["states"]): TaskRun[] =>
  rows.map((row) => ({
    state: states[row[4]]?.[0] ?? NO_STATE,
    id: row[0],
    label: row[1],
    group: row[2],
    map_index: row[3],
    rank: row[4],
    attempts: row[5],
    started_at: row[6],
    ended_at: row[7],
    waited: row[8],
    ran: row[9],
    spans: row[10],
    lines: row[11],
    warnings: row[12],
    errors: row[13],
    child_run: row[14],
  }));

/** Replaces the held runs from `start` on by those of a page. */
export const withPage = (held: readonly TaskRun[], start: number, page: readonly TaskRun[]) => [
  ...held.slice(0, start),
  ...page,
  ...held.slice(start + page.length),
];

type Key = "map_index" | "rank" | "started_at" | "ended_at" | "waited";

const edge = (runs: readonly TaskRun[], key: Key, of: typeof Math.min) =>
  runs.reduce<number | null>(
    (found, { [key]: value }) => (value === null ? found : of(found ?? value, value)),
    null,
  );
const sum = (runs: readonly TaskRun[], key: "attempts" | "lines" | "warnings" | "errors") =>
  runs.reduce((all, run) => all + run[key], 0);

/** A group lasts from its first start to its last end; its wait is the longest of its runs. */
export function groupOf(name: string, runs: readonly TaskRun[]): Group {
  const first = edge(runs, "map_index", Math.min);
  const inner = first === null ? runs : runs.filter(({ map_index }) => map_index !== null);
  const calmest = edge(runs, "rank", Math.max);
  const started_at = edge(runs, "started_at", Math.min);
  const ended_at = edge(runs, "ended_at", Math.max);
  const counts = new Map<State, number>();
  for (const { state } of inner) counts.set(state, (counts.get(state) ?? 0) + 1);
  return {
    id: `group ${name}`,
    label:
      name +
      (first === null ? ` ×${runs.length}` : `[${first}..${edge(runs, "map_index", Math.max)}]`),
    rank: edge(runs, "rank", Math.min) ?? 0,
    state: runs.find(({ rank }) => rank === calmest)?.state ?? NO_STATE,
    attempts: sum(inner, "attempts"),
    started_at,
    ended_at,
    waited: edge(runs, "waited", Math.max),
    ran: span(started_at, ended_at),
    spans: [],
    lines: sum(runs, "lines"),
    warnings: sum(runs, "warnings"),
    errors: sum(runs, "errors"),
    runs,
    size: inner.length,
    counts: [...counts],
  };
}

/** Puts the runs of a group together as one row, at the position of the first. */
export function grouped(runs: readonly TaskRun[]): Row[] {
  const families = new Map<TaskRun | string, TaskRun[]>();
  for (const run of runs) {
    const key = run.group ?? run;
    const family = families.get(key);
    if (family) family.push(run);
    else families.set(key, [run]);
  }
  return [...families].map(([name, family]) =>
    family.length > 1 ? groupOf(String(name), family) : (family[0] as TaskRun),
  );
}

/** Pads numbers, so that "load[10]" comes after "load[9]". */
const sortable = (label: string) =>
  label.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(12, "0"));

function sortedBy(row: Row, key: SortKey): number | string | null {
  if (key === "label") return sortable(row.label);
  return key === "warnings" ? row.warnings + row.errors : row[key];
}

/** Sorts rows. Unknown values come last in both directions; equal ones keep their order. */
export function sorted<R extends Row>(rows: readonly R[], { key, isDescending }: Sorting): R[] {
  const unknown: R[] = [];
  const known: { row: R; value: number | string }[] = [];
  for (const row of rows) {
    const value = sortedBy(row, key);
    if (value === null) unknown.push(row);
    else known.push({ row, value });
  }
  const up = isDescending ? -1 : 1;
  known.sort((a, b) => (a.value < b.value ? -up : a.value > b.value ? up : 0));
  return known.map(({ row }) => row).concat(unknown);
}

export interface Filter {
  text: string;
  /** The names of hidden states. */
  hidden: ReadonlySet<string>;
  onlyRetried: boolean;
}

export function matching(runs: readonly TaskRun[], filter: Filter): TaskRun[] {
  const text = filter.text.trim().toLowerCase();
  return runs.filter(
    (run) =>
      !filter.hidden.has(run.state.name) &&
      (!filter.onlyRetried || isRetried(run)) &&
      run.label.toLowerCase().includes(text),
  );
}

/** The rows of the table from top to bottom, with the runs of each open group below the group. */
export function tableRows(
  runs: readonly TaskRun[],
  isGrouped: boolean,
  sorting: Sorting,
  open: ReadonlySet<string>,
): Row[] {
  if (!isGrouped) return sorted(runs, sorting);
  return sorted(grouped(runs), sorting).flatMap((row) =>
    isGroup(row) && open.has(row.id) ? [row, ...sorted(row.runs, sorting)] : row,
  );
}

/** A test whether a filter text's task terms match a label; null if the text has none. */
export function namedBy(text: string): ((label: string) => boolean) | null {
  const wanted = read(text).terms.filter(({ key, not }) => key === "task" && !not);
  if (wanted.length === 0) return null;
  return (label) =>
    wanted.some(({ op, value }) =>
      op === "=" ? label === value : label.toLowerCase().includes(String(value).toLowerCase()),
    );
}
