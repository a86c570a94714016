/** What a reader does with task runs: paging, groups, selecting, going to their lines. */

import { describe, expect, it } from "vitest";
import type { TaskRow } from "../../src/protocol/wire";
import { grouped, runsOf } from "../../src/state/task-rows";
import { cardWithKernel } from "../kernel";
import { payload } from "../samples";
import { FAILED, mapped, row, STATES } from "../task-samples";

function shown(rows: TaskRow[], sent = rows.length, header = {}) {
  const all = cardWithKernel();
  const data = payload({ tasks: rows.slice(0, sent), tasksTotal: rows.length, header });
  all.card.receive(data);
  const { card, model } = all;
  const page = (start: number, count = 1000) =>
    model.answer(model.newest("tasks"), {
      kind: "tasks",
      start,
      rows: rows.slice(start, start + count),
    });
  return { ...all, tasks: card.tasks, data, page };
}

describe("task runs", () => {
  const rows = Array.from({ length: 2500 }, (_, i) => row(`step ${i}`, { started: i }));

  it("are not asked for while only the logs are looked at", () => {
    const { store, model, tasks } = shown(rows, 2);
    tasks.want();
    expect(model.allAsked("tasks")).toEqual([]);
    expect(store.tasks).toHaveLength(2);
  });

  it("are read page after page once they are looked at", () => {
    const { store, model, tasks, page } = shown(rows, 100);
    store.change({ tab: "timeline" });
    tasks.want();
    expect(model.newest("tasks")).toMatchObject({ start: 100, count: 1000 });
    for (const start of [100, 1100, 2100]) page(start);
    expect(model.allAsked("tasks")).toHaveLength(3);
    expect(store.tasks?.map(({ id }) => id)).toEqual(rows.map(([id]) => id));
    expect(store.tasksLoaded).toBe(2500);
  });

  it("are not read on once the reader has gone elsewhere", () => {
    const { store, model, tasks, page } = shown(rows, 100);
    store.change({ tab: "tasks" });
    tasks.want();
    store.change({ tab: "logs" });
    page(100);
    expect(model.allAsked("tasks")).toHaveLength(1);
    expect(store.tasksLoaded).toBe(1100);
  });

  it("keep an answer to another page, or an empty one, out", () => {
    const { store, tasks } = shown(rows, 100);
    tasks.take(1100, rows.slice(1100, 2100));
    tasks.take(100, []);
    expect(store.tasksLoaded).toBe(100);
  });

  it("of the snapshot before stay until new ones take their place", () => {
    const { card, store, tasks, page, data } = shown(rows, 100);
    store.change({ tab: "tasks" });
    tasks.want();
    page(100);
    card.receive({ ...data, snapshot: 2, tasks: data.tasks && { ...data.tasks, total: 500 } });
    expect([store.tasks?.length, store.tasksLoaded]).toEqual([500, 100]);
  });

  it("that is selected is the same one in the next page", () => {
    const { store, tasks } = shown([row("a", { lines: 1 }), row("b")], 1);
    tasks.pick(store.tasks?.[0] ?? null);
    store.change({ tab: "tasks", tasksLoaded: 0 });
    tasks.take(0, [row("a", { lines: 9 })]);
    expect(store.picked?.lines).toBe(9);
  });

  it("of one family are shown one by one", () => {
    const { store, tasks } = shown([row("a", { state: FAILED }), row("b")]);
    tasks.showFamily("failed");
    expect([...store.hiddenStates]).toEqual(["NotReady", "Cached", "Completed"]);
    expect([store.tab, store.isGrouped]).toEqual(["tasks", false]);
  });
});

describe("a row that is selected", () => {
  const [group] = grouped(runsOf(mapped(3), STATES));

  it("is what Python has as the selection, a group as its task runs", () => {
    const { store, model, tasks } = shown(mapped(3));
    tasks.pick(store.tasks?.[1] ?? null);
    tasks.pick(group ?? null);
    tasks.pick(group ?? null);
    tasks.pick(null);
    expect(model.allAsked("select").map((question) => question.tasks)).toEqual([
      ["id-load[1]"],
      ["id-load[0]", "id-load[1]", "id-load[2]"],
      [],
    ]);
  });

  it("takes the place of selected lines", () => {
    const { store, model, tasks } = shown(mapped(3));
    store.change({ selected: new Set([4, 5]) });
    tasks.pick(group ?? null);
    expect([store.selected.size, model.newest("select").seqs]).toEqual([0, []]);
  });

  it("filters the lines for it, or for all others", () => {
    const { store, logs, tasks } = shown(mapped(3));
    const [first] = store.tasks ?? [];
    if (!first || !group) throw new Error("no task runs");
    logs.type("level>=error");
    tasks.showLines(first, false);
    expect(store.text).toBe('level>=error task="load[0]"');
    tasks.showLines(first, true);
    expect(store.text).toBe('level>=error -task="load[0]"');
    logs.type("");
    tasks.showLines(group, false, true);
    expect(store.text).toBe('task="load[0]" task="load[1]" task="load[2]"');
    expect(store.tab).toBe("logs");
  });

  it("filters for what the names of a large group have in common", () => {
    const { store, tasks } = shown(mapped(3));
    const [many] = grouped(runsOf(mapped(100), STATES));
    if (many) tasks.showLines(many, false);
    expect(store.text).toBe('task:"load["');
  });

  it("opens and folds its group", () => {
    const { store, tasks } = shown(mapped(3));
    tasks.toggleGroup("group load");
    expect([...store.openGroups]).toEqual(["group load"]);
    tasks.toggleGroup("group load");
    expect([...store.openGroups]).toEqual([]);
  });
});
