import { describe, expect, it } from "vitest";
import { grouped, runsOf } from "../src/core/tasks";
import type { Payload, TaskRow } from "../src/core/wire";
import { Store } from "../src/store";
import {
  pick,
  receiveTasks,
  showLines,
  showTasks,
  takeTasks,
  toggleGroup,
  wantTasks,
} from "../src/task-store";
import { FAILED, mapped, row, STATES } from "./task-rows";

type Asked = Parameters<ConstructorParameters<typeof Store>[0]>[0];

function storeOf(rows: TaskRow[], sent = 2) {
  const asked: Asked[] = [];
  const store = new Store((question) => asked.push(question));
  const tasks = { total: rows.length, states: STATES, rows: rows.slice(0, sent), critical: null };
  const payload = { snapshot: 1, tasks, header: {}, logs: null } as unknown as Payload;
  store.change({ payload });
  receiveTasks(store, payload);
  return { store, asked, payload };
}

const kinds = (asked: Asked[]) => asked.map(({ kind }) => kind);

describe("task runs", () => {
  const rows = Array.from({ length: 2500 }, (_, i) => row(`step ${i}`, { started: i }));

  it("are not asked for while only the logs are looked at", () => {
    const { store, asked } = storeOf(rows);
    wantTasks(store);
    expect(asked).toEqual([]);
    expect(store.tasks).toHaveLength(2);
  });

  it("are read page after page once they are looked at", () => {
    const { store, asked } = storeOf(rows, 100);
    store.change({ tab: "timeline" });
    wantTasks(store);
    expect(asked).toEqual([{ kind: "tasks", start: 100, count: 1000 }]);
    for (const start of [100, 1100, 2100]) takeTasks(store, start, rows.slice(start, start + 1000));
    expect(asked).toHaveLength(3);
    expect(store.tasks?.map(({ id }) => id)).toEqual(rows.map(([id]) => id));
    expect(store.tasksRead).toBe(2500);
  });

  it("are not read on once the reader has gone elsewhere", () => {
    const { store, asked } = storeOf(rows, 100);
    store.change({ tab: "tasks" });
    wantTasks(store);
    store.change({ tab: "logs" });
    takeTasks(store, 100, rows.slice(100, 1100));
    expect(asked).toHaveLength(1);
    expect(store.tasksRead).toBe(1100);
  });

  it("keep an answer to another page out", () => {
    const { store } = storeOf(rows, 100);
    takeTasks(store, 1100, rows.slice(1100, 2100));
    expect(store.tasksRead).toBe(100);
  });

  it("of the snapshot before stay until new ones take their place", () => {
    const { store, payload } = storeOf(rows, 100);
    takeTasks(store, 100, rows.slice(100, 1100));
    const fewer = { ...payload, tasks: payload.tasks && { ...payload.tasks, total: 500 } };
    receiveTasks(store, fewer);
    expect([store.tasks?.length, store.tasksRead]).toEqual([500, 100]);
  });

  it("of one family are shown one by one", () => {
    const { store } = storeOf([row("a", { state: FAILED }), row("b")]);
    showTasks(store, "failed");
    expect([...store.hiddenStates]).toEqual(["NotReady", "Cached", "Completed"]);
    expect([store.tab, store.isGrouped]).toEqual(["tasks", false]);
  });
});

describe("a row that is selected", () => {
  const [group] = grouped(runsOf(mapped(3), STATES));

  it("is what Python has as the selection, a group as its task runs", () => {
    const { store, asked } = storeOf(mapped(3), 3);
    pick(store, store.tasks?.[1] ?? null);
    pick(store, group ?? null);
    pick(store, null);
    expect(asked.map((question) => "tasks" in question && question.tasks)).toEqual([
      ["id-load[1]"],
      ["id-load[0]", "id-load[1]", "id-load[2]"],
      [],
    ]);
  });

  it("takes the place of selected lines", () => {
    const { store, asked } = storeOf(mapped(3), 3);
    store.change({ selected: new Set([4, 5]) });
    pick(store, group ?? null);
    expect(store.selected.size).toBe(0);
    expect(kinds(asked)).toEqual(["select"]);
  });

  it("filters the lines for it, or for all others", () => {
    const { store } = storeOf(mapped(3), 3);
    const [first, second] = store.tasks ?? [];
    if (!first || !second || !group) throw new Error("no task runs");
    store.change({ text: "level>=error" });
    showLines(store, first, false);
    expect(store.text).toBe('level>=error task="load[0]"');
    showLines(store, first, true);
    expect(store.text).toBe('level>=error -task="load[0]"');
    store.change({ text: "" });
    showLines(store, group, false, true);
    expect(store.text).toBe('task="load[0]" task="load[1]" task="load[2]"');
    expect(store.tab).toBe("logs");
  });

  it("filters for what the names of a large group have in common", () => {
    const { store } = storeOf(mapped(100), 3);
    const [many] = grouped(runsOf(mapped(100), STATES));
    if (many) showLines(store, many, false);
    expect(store.text).toBe('task:"load["');
  });

  it("opens and folds its group", () => {
    const { store } = storeOf(mapped(3), 3);
    toggleGroup(store, "group load");
    expect([...store.openGroups]).toEqual(["group load"]);
    toggleGroup(store, "group load");
    expect([...store.openGroups]).toEqual([]);
  });
});
