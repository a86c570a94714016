import { exactly, withTerm } from "./core/query/rewrite";
import { isGroup, type Row, runsOf, type Sorting, type TaskRun, withPage } from "./core/tasks";
import type { Family, Payload, TaskRow } from "./core/wire";
import type { Store } from "./store";

const PAGE = 1000;
const MOST_NAMED = 20;

/** What a view shows of the task runs. */
export class TaskFields {
  tasks: readonly TaskRun[] | null = null;
  /** How many of them are of the newest snapshot; the rest of `tasks` is still on its way. */
  tasksRead = 0;
  taskText = "";
  /** State names that are not shown. */
  hiddenStates: ReadonlySet<string> = new Set();
  onlyRetried = false;
  isGrouped = true;
  sorting: Sorting = { key: "started_at", isDescending: false };
  /** Ids of groups. */
  openGroups: ReadonlySet<string> = new Set();
  /** The task run, or the group, that is selected. */
  picked: Row | null = null;
  /** Ids of the task runs that are part of `card.selection`. */
  selectedTasks: ReadonlySet<string> = new Set();
  isByTask = false;
  isPathShown = true;
  isIdleFolded = true;
  /** What the timeline shows; null: all of it. */
  zoom: readonly [from: number, to: number] | null = null;
}

export function receiveTasks(store: Store, { tasks }: Payload): void {
  const first = tasks && runsOf(tasks.rows, tasks.states);
  store.change({
    tasksRead: first?.length ?? 0,
    tasks: first && withPage(store.tasks ?? [], 0, first).slice(0, tasks?.total),
  });
}

/** The next page while task runs are looked at, until all are there. */
export function wantTasks(store: Store): void {
  const { payload, tab, tasksRead: start } = store;
  if ((tab === "tasks" || tab === "timeline") && start < (payload?.tasks?.total ?? 0))
    store.ask({ kind: "tasks", start, count: PAGE });
}

export function takeTasks(store: Store, start: number, rows: TaskRow[]): void {
  const { payload, tasks, tasksRead, picked } = store;
  if (!payload?.tasks || start !== tasksRead || rows.length === 0) return;
  const all = withPage(tasks ?? [], start, runsOf(rows, payload.tasks.states));
  store.change({
    tasksRead: start + rows.length,
    tasks: all,
    picked: picked && (all.find(({ id }) => id === picked.id) ?? picked),
  });
  wantTasks(store);
}

/** Shows the task runs of one family of states, one by one. */
export function showTasks(store: Store, family: Family): void {
  const others = store.payload?.tasks?.states.filter(([state]) => state.family !== family) ?? [];
  store.change({
    tab: "tasks",
    taskText: "",
    isGrouped: false,
    onlyRetried: false,
    hiddenStates: new Set(others.map(([{ name }]) => name)),
  });
}

export function toggleGroup(store: Store, id: string): void {
  const open = new Set(store.openGroups);
  if (!open.delete(id)) open.add(id);
  store.change({ openGroups: open });
}

/** Makes it what `card.selection` is. */
export function pick(store: Store, row: Row | null): void {
  if (row === store.picked) return;
  const runs = row ? (isGroup(row) ? row.runs : [row]) : [];
  store.change({
    picked: row,
    selected: new Set(),
    selectedTasks: new Set(runs.map(({ id }) => id)),
  });
  store.tellSelection();
}

/** What a filter text has to say to find the lines of a task run, or of a group's. */
function termsOf(row: Row): string[] {
  const labels = isGroup(row) ? row.runs.map(({ label }) => label) : [row.label];
  if (labels.length <= MOST_NAMED) return labels.map((label) => exactly("task", label));
  let shared = labels[0] ?? "";
  for (const label of labels) while (!label.startsWith(shared)) shared = shared.slice(0, -1);
  return shared === "" ? [] : [exactly("task", shared).replace("=", ":")];
}

/** Filters the lines for those of a row, or for all others. */
export function showLines(store: Store, row: Row, isOut: boolean, isGoing = false): void {
  let { text } = store;
  for (const term of termsOf(row)) text = withTerm(text, (isOut ? "-" : "") + term);
  if (isGoing) store.change({ tab: "logs" });
  store.reading.type(text);
}
