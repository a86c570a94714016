import { describe, expect, it } from "vitest";
import { proportions, stateCounts } from "../src/core/states";
import { type Layout, matching, type TableRow, tableRows, withPage } from "../src/core/tasks";
import { extentOf, inOrder, shortened, ticksOf } from "../src/core/timeline";
import { failed, mapped, payload, task } from "./sample";

const layout: Layout = {
  isGrouped: true,
  sorting: { key: "started", isDescending: false },
  open: new Set(),
  limits: new Map(),
};
const everything = { text: "", hidden: new Set<string>(), onlyRetried: false };
const names = (rows: TableRow[]) =>
  rows.map((row) =>
    row.kind === "run" ? row.run.label : row.kind === "group" ? row.group.label : `+${row.left}`,
  );

describe("the table of task runs", () => {
  const runs = [task("extract"), ...mapped(12), task("publish", { started_at: null, ran: null })];

  it("folds mapped children into one row with their figures", () => {
    const rows = tableRows(runs, layout);
    expect(names(rows)).toEqual(["extract", "load[0..11]", "publish"]);
    const group = rows[1];
    expect(group?.kind === "group" && group.group.figures).toMatchObject({
      attempts: 12,
      ran: 21,
      lines: 36,
    });
  });
  it("shows the children of an open group, as many as asked, and how many more there are", () => {
    const rows = tableRows(runs, {
      ...layout,
      open: new Set(["load"]),
      limits: new Map([["load", 3]]),
    });
    expect(names(rows)).toEqual([
      "extract",
      "load[0..11]",
      "load[0]",
      "load[1]",
      "load[2]",
      "+9",
      "publish",
    ]);
  });
  it("sorts unknown values last whichever way", () => {
    for (const isDescending of [false, true]) {
      const rows = tableRows(runs, {
        ...layout,
        isGrouped: false,
        sorting: { key: "ran", isDescending },
      });
      expect(names(rows).at(-1)).toBe("publish");
    }
  });
  it("sorts names by their numbers", () => {
    const rows = tableRows(runs, {
      ...layout,
      isGrouped: false,
      sorting: { key: "label", isDescending: true },
    });
    expect(names(rows).slice(1, 4)).toEqual(["load[11]", "load[10]", "load[9]"]);
  });
  it("puts trouble first by state", () => {
    const bad = task("bad", { state: failed, started_at: 9e15 });
    const rows = tableRows([...runs, bad], {
      ...layout,
      sorting: { key: "state", isDescending: false },
    });
    expect(names(rows)[0]).toBe("bad");
  });
  it("finds by a part of the name, by state and by retries", () => {
    const all = [...runs, task("again", { attempts: 3, state: failed })];
    expect(matching(all, { ...everything, text: "LOAD[1" }).map((run) => run.label)).toEqual([
      "load[1]",
      "load[10]",
      "load[11]",
    ]);
    expect(matching(all, { ...everything, hidden: new Set(["Completed"]) })).toHaveLength(1);
    expect(matching(all, { ...everything, onlyRetried: true }).map((run) => run.label)).toEqual([
      "again",
    ]);
  });
  it("keeps old rows until the page that replaces them comes", () => {
    const old = mapped(4);
    const page = [task("a"), task("b")];
    expect(withPage(old, 1, page).map((run) => run.label)).toEqual([
      "load[0]",
      "a",
      "b",
      "load[3]",
    ]);
  });
});

describe("proportions", () => {
  it("fill the width exactly and let no part vanish", () => {
    for (const counts of [[12, 1, 2], [1, 999_999], [5], [1, 1, 1, 1, 1, 1, 1], [3000, 2, 1]]) {
      const widths = proportions(counts, 84);
      expect(widths.reduce((a, b) => a + b, 0) + counts.length - 1).toBe(84);
      expect(Math.min(...widths)).toBeGreaterThanOrEqual(4);
    }
  });
  it("count each state by the name that the server gave", () => {
    const counts = stateCounts([task("a"), task("b"), task("c", { state: failed })]);
    expect(counts.map(({ state, count }) => [state.name, count])).toEqual([
      ["Completed", 2],
      ["Failed", 1],
    ]);
  });
});

describe("the timeline", () => {
  const { header } = payload();
  it("holds the run and every span of its task runs", () => {
    const late = task("late", {
      spans: [[header.started_at ?? 0, (header.ended_at ?? 0) + 5e6, "ran"]],
    });
    expect(extentOf(header, [late])).toEqual({
      from: header.started_at,
      to: (header.ended_at ?? 0) + 5e6,
    });
  });
  it("ends at the as-of time while a span goes on", () => {
    const going = { ...header, is_finished: false, ended_at: null };
    expect(extentOf(going, [task("x", { spans: [[header.as_of - 5, null, "ran"]] })]).to).toBe(
      header.as_of,
    );
  });
  it("marks round times with room between them", () => {
    for (const seconds of [0.02, 3, 70, 1943, 90_000, 4_000_000]) {
      const axis = {
        from: 1e15 + 123_456,
        to: 1e15 + 123_456 + seconds * 1e6,
        left: 148,
        width: 770,
      };
      const { at, step } = ticksOf(axis);
      expect(at.length).toBeLessThanOrEqual(10);
      expect(at.every((t) => t % Math.round(step * 1e6) === 0)).toBe(true);
      expect(at.every((t) => t >= axis.from && t <= axis.to)).toBe(true);
    }
  });
  it("keeps mapped children together, by index", () => {
    const runs = [...mapped(3).reverse(), task("extract", { started_at: 0 })];
    expect(inOrder(runs).map((run) => run.label)).toEqual([
      "extract",
      "load[0]",
      "load[1]",
      "load[2]",
    ]);
  });
  it("cuts a long name in the middle", () => {
    expect(shortened("transform_customer_orders[7]", 11)).toBe("trans…rs[7]");
    expect(shortened("short", 11)).toBe("short");
  });
});
