/** The reader's actions on task runs: page, filter, open groups, select. Its state is in the store. */

import type { Client } from "../protocol/client";
import type { Family, Payload, TaskRow } from "../protocol/wire";
import { exactly, withTerm } from "../query/rewrite";
import type { LogController } from "./log-controller";
import type { Store } from "./store";
import { isGroup, type Row, runsOf, withPage } from "./task-rows";

const PAGE = 1000;
const MAX_NAMED = 20;

export class TaskController {
  constructor(
    private readonly store: Store,
    private readonly client: Client,
    private readonly logs: LogController,
    private readonly tellSelection: () => void,
  ) {}

  receive({ tasks }: Payload): void {
    const { store } = this;
    const first = tasks && runsOf(tasks.rows, tasks.states);
    store.change({
      tasksLoaded: first?.length ?? 0,
      tasks: first && withPage(store.tasks ?? [], 0, first).slice(0, tasks?.total),
    });
  }

  /** Asks for the next page while task runs are visible, until all have arrived. */
  want(): void {
    const { payload, tab, tasksLoaded: start } = this.store;
    if ((tab === "tasks" || tab === "timeline") && start < (payload?.tasks?.total ?? 0))
      this.client.ask({ kind: "tasks", start, count: PAGE });
  }

  take(start: number, rows: TaskRow[]): void {
    const { payload, tasks, tasksLoaded, picked } = this.store;
    if (!payload?.tasks || start !== tasksLoaded || rows.length === 0) return;
    const all = withPage(tasks ?? [], start, runsOf(rows, payload.tasks.states));
    this.store.change({
      tasksLoaded: start + rows.length,
      tasks: all,
      picked: picked && (all.find(({ id }) => id === picked.id) ?? picked),
    });
    this.want();
  }

  /** Shows the task runs of one family of states, one by one. */
  showFamily(family: Family): void {
    const { payload } = this.store;
    const others = payload?.tasks?.states.filter(([state]) => state.family !== family) ?? [];
    this.store.change({
      tab: "tasks",
      taskText: "",
      isGrouped: false,
      onlyRetried: false,
      hiddenStates: new Set(others.map(([{ name }]) => name)),
    });
  }

  toggleGroup(id: string): void {
    const open = new Set(this.store.openGroups);
    if (!open.delete(id)) open.add(id);
    this.store.change({ openGroups: open });
  }

  /** Selects a row, which becomes `card.selection` in Python. */
  pick(row: Row | null): void {
    if (row === this.store.picked) return;
    const runs = row ? (isGroup(row) ? row.runs : [row]) : [];
    this.store.change({
      picked: row,
      selected: new Set(),
      selectedTasks: new Set(runs.map(({ id }) => id)),
    });
    this.tellSelection();
  }

  /** Shows only the lines of a row, or hides them. */
  showLines(row: Row, isOut: boolean, isGoing = false): void {
    let { text } = this.store;
    for (const term of termsOf(row)) text = withTerm(text, (isOut ? "-" : "") + term);
    if (isGoing) this.store.change({ tab: "logs" });
    this.logs.type(text);
    this.logs.remember();
  }
}

/** The filter term for the lines of a task run or of a group. */
function termsOf(row: Row): string[] {
  const labels = isGroup(row) ? row.runs.map(({ label }) => label) : [row.label];
  if (labels.length <= MAX_NAMED) return labels.map((label) => exactly("task", label));
  let shared = labels[0] ?? "";
  for (const label of labels) while (!label.startsWith(shared)) shared = shared.slice(0, -1);
  return shared === "" ? [] : [exactly("task", shared).replace("=", ":")];
}
