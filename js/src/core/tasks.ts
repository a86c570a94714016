import { urgency } from "./states";
import type { TaskRun } from "./wire";

export type SortKey =
  | "state"
  | "label"
  | "attempts"
  | "started"
  | "waited"
  | "ran"
  | "lines"
  | "warnings";

export interface Sorting {
  key: SortKey;
  isDescending: boolean;
}

export interface Filter {
  text: string;
  /** State names that are not shown. */
  hidden: ReadonlySet<string>;
  onlyRetried: boolean;
}

export interface Figures {
  attempts: number;
  started: number | null;
  ended: number | null;
  waited: number | null;
  ran: number | null;
  lines: number;
  warnings: number;
  errors: number;
}

export interface Group {
  name: string;
  label: string;
  runs: TaskRun[];
  figures: Figures;
}

export type TableRow =
  | { kind: "run"; run: TaskRun; level: 1 | 2; group: string | null }
  | { kind: "group"; group: Group; isOpen: boolean }
  | { kind: "more"; group: string | null; label: string; left: number };

export const isRetried = (run: TaskRun): boolean => run.attempts > 1;

export function matching(runs: readonly TaskRun[], filter: Filter): TaskRun[] {
  const text = filter.text.trim().toLowerCase();
  return runs.filter(
    (run) =>
      !filter.hidden.has(run.state.name) &&
      (!filter.onlyRetried || isRetried(run)) &&
      (text === "" || run.label.toLowerCase().includes(text)),
  );
}

function figuresOfRun(run: TaskRun): Figures {
  return {
    attempts: run.attempts,
    started: run.started_at,
    ended: run.ended_at,
    waited: run.waited,
    ran: run.ran,
    lines: run.lines,
    warnings: run.warnings,
    errors: run.errors,
  };
}

const known = (values: (number | null)[]): number[] => values.filter((v) => v !== null);
const least = (values: (number | null)[]) => known(values).reduce(min, null);
const most = (values: (number | null)[]) => known(values).reduce(max, null);
const min = (a: number | null, b: number) => (a === null || b < a ? b : a);
const max = (a: number | null, b: number) => (a === null || b > a ? b : a);
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

/** A group ran from its first start to its last end; it waited as long as its most patient child. */
export function figuresOfGroup(runs: readonly TaskRun[]): Figures {
  const started = least(runs.map((run) => run.started_at));
  const ended = most(runs.map((run) => run.ended_at));
  return {
    attempts: sum(runs.map((run) => run.attempts)),
    started,
    ended,
    waited: most(runs.map((run) => run.waited)),
    ran: started === null || ended === null ? null : (ended - started) / 1e6,
    lines: sum(runs.map((run) => run.lines)),
    warnings: sum(runs.map((run) => run.warnings)),
    errors: sum(runs.map((run) => run.errors)),
  };
}

/** Prefect 1's parent of a mapped group is a task run of its own, and none of the children. */
export const children = (runs: readonly TaskRun[]): readonly TaskRun[] =>
  runs.some((run) => run.map_index !== null) ? runs.filter((run) => run.map_index !== null) : runs;

export function groupLabel(name: string, runs: readonly TaskRun[]): string {
  const indexes = known(runs.map((run) => run.map_index));
  if (indexes.length === 0) return `${name} ×${runs.length}`;
  return `${name}[${indexes.reduce(min, null)}..${indexes.reduce(max, null)}]`;
}

type Entry = { run: TaskRun } | { group: Group };

function entriesOf(runs: readonly TaskRun[], isGrouped: boolean): Entry[] {
  if (!isGrouped) return runs.map((run) => ({ run }));
  const families = new Map<string, TaskRun[]>();
  for (const run of runs) {
    if (run.group === null) continue;
    const family = families.get(run.group);
    if (family) family.push(run);
    else families.set(run.group, [run]);
  }
  const entries: Entry[] = [];
  for (const run of runs) {
    const family = run.group === null ? undefined : families.get(run.group);
    if (!family || family.length === 1 || run.group === null) entries.push({ run });
    else if (family[0] === run) {
      const group = {
        name: run.group,
        label: groupLabel(run.group, family),
        runs: family,
        figures: figuresOfGroup(family),
      };
      entries.push({ group });
    }
  }
  return entries;
}

type Value = number | string | null;

function sortValue(entry: Entry, key: SortKey): Value {
  if (key === "label") return "run" in entry ? entry.run.label : entry.group.label;
  if (key === "state") {
    const runs = "run" in entry ? [entry.run] : entry.group.runs;
    return Math.min(...runs.map((run) => urgency(run.state.family)));
  }
  const figures = "run" in entry ? figuresOfRun(entry.run) : entry.group.figures;
  if (key === "warnings") return figures.warnings + figures.errors;
  return figures[key];
}

const names = new Intl.Collator("en", { numeric: true });

function compared(a: Value, b: Value, isDescending: boolean): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  const order = typeof a === "string" ? names.compare(a, String(b)) : a - Number(b);
  return isDescending ? -order : order;
}

function sorted(entries: Entry[], { key, isDescending }: Sorting): Entry[] {
  return entries
    .map((entry) => ({ entry, value: sortValue(entry, key) }))
    .sort((a, b) => compared(a.value, b.value, isDescending))
    .map(({ entry }) => entry);
}

export interface Layout {
  isGrouped: boolean;
  sorting: Sorting;
  open: ReadonlySet<string>;
  /** How many rows of a group (or of the flat list, under "") are shown before "n more". */
  limits: ReadonlyMap<string, number>;
}

export const FIRST_ROWS = 100;
const limitOf = (layout: Layout, group: string) => layout.limits.get(group) ?? FIRST_ROWS;

/** The rows of the table, top to bottom. Unknown values come last whichever way it is sorted. */
export function tableRows(runs: readonly TaskRun[], layout: Layout): TableRow[] {
  const entries = sorted(entriesOf(runs, layout.isGrouped), layout.sorting);
  const rows: TableRow[] = [];
  const limit = limitOf(layout, "");
  for (const entry of entries.slice(0, limit)) {
    if ("run" in entry) rows.push({ kind: "run", run: entry.run, level: 1, group: null });
    else rows.push(...groupRows(entry.group, layout));
  }
  if (entries.length > limit) {
    rows.push({ kind: "more", group: null, label: "", left: entries.length - limit });
  }
  return rows;
}

function groupRows(group: Group, layout: Layout): TableRow[] {
  const isOpen = layout.open.has(group.name);
  const head: TableRow = { kind: "group", group, isOpen };
  if (!isOpen) return [head];
  const limit = limitOf(layout, group.name);
  const children = sorted(
    group.runs.map((run) => ({ run })),
    layout.sorting,
  ).flatMap((entry) => ("run" in entry ? [entry.run] : []));
  const rows = children
    .slice(0, limit)
    .map((run): TableRow => ({ kind: "run", run, level: 2, group: group.name }));
  if (children.length > limit) {
    const left = children.length - limit;
    rows.push({ kind: "more", group: group.name, label: group.label, left });
  }
  return [head, ...rows];
}

/** Puts the rows that arrived at `start` in the place of those held there. */
export function withPage(
  held: readonly TaskRun[],
  start: number,
  page: readonly TaskRun[],
): TaskRun[] {
  return [...held.slice(0, start), ...page, ...held.slice(start + page.length)];
}
