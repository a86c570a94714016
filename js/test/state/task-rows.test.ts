/** Task runs as the rows of a table. */

import { describe, expect, it } from "vitest";
import {
  type Group,
  grouped,
  groupOf,
  isGroup,
  matching,
  namedBy,
  type Row,
  runsOf,
  type SortKey,
  sorted,
  type TaskRun,
  tableRows,
  withPage,
} from "../../src/state/task-rows";
import { seeds } from "../random";
import { FAILED, HELD_UP, mapped, row, run, STATES, second, someRuns } from "../task-samples";

const BY_START = { key: "started_at", isDescending: false } as const;
const EVERYTHING = { text: "", hidden: new Set<string>(), onlyRetried: false };
const NONE: ReadonlySet<string> = new Set();
const KEYS: SortKey[] = [
  "rank",
  "label",
  "attempts",
  "started_at",
  "waited",
  "ran",
  "lines",
  "warnings",
];
const labels = (rows: readonly Row[]) => rows.map(({ label }) => label);
const figure = (row: Row, key: SortKey) =>
  key === "warnings" ? row.warnings + row.errors : row[key];

describe("a table of task runs", () => {
  const runs = runsOf(
    [row("extract"), ...mapped(12), row("publish", { started: null, ended: null, ran: null })],
    STATES,
  );

  it("folds mapped children into one row with their figures", () => {
    const rows = tableRows(runs, true, BY_START, NONE);
    expect(labels(rows)).toEqual(["extract", "load[0..11]", "publish"]);
    expect(rows[1]).toMatchObject({ size: 12, attempts: 12, ran: 21, lines: 36 });
  });

  it("shows the children of an open group below it", () => {
    const [, group] = tableRows(runs, true, BY_START, NONE);
    const rows = tableRows(runs, true, BY_START, new Set([group?.id ?? ""]));
    expect(labels(rows).slice(0, 4)).toEqual(["extract", "load[0..11]", "load[0]", "load[1]"]);
    expect(rows).toHaveLength(15);
  });

  it("does not count the parent of mapped children among them", () => {
    const parent = row("load", { group: "load", attempts: 0, lines: 2 });
    const group = groupOf("load", runsOf([parent, ...mapped(3)], STATES));
    expect(group).toMatchObject({ label: "load[0..2]", size: 3, attempts: 3, lines: 11 });
  });

  it("leaves a group of one as it is", () => {
    expect(labels(grouped(runsOf(mapped(1), STATES)))).toEqual(["load[0]"]);
  });

  it("sorts names by their numbers", () => {
    const rows = sorted(runs, { key: "label", isDescending: true });
    expect(labels(rows).slice(1, 4)).toEqual(["load[11]", "load[10]", "load[9]"]);
  });

  it("puts trouble first by state, a group by its worst", () => {
    const bad = row("load[12]", { group: "load", map_index: 12, state: FAILED });
    const rows = tableRows(
      runsOf([row("x", { state: HELD_UP }), ...mapped(2), bad], STATES),
      true,
      { key: "rank", isDescending: false },
      NONE,
    );
    expect(labels(rows)).toEqual(["load[0..12]", "x"]);
  });

  it("keeps old rows until the page that replaces them comes", () => {
    const old = runsOf(mapped(4), STATES);
    expect(labels(withPage(old, 1, [run("a"), run("b")]))).toEqual([
      "load[0]",
      "a",
      "b",
      "load[3]",
    ]);
  });

  it("knows which labels a filter text asks for", () => {
    const isNamed = namedBy('level>=error task="load[7]" task:Pub -task:extract');
    expect(labels(runs).filter((label) => isNamed?.(label))).toEqual(["load[7]", "publish"]);
    expect(namedBy("load -task:load")).toBeNull();
  });
});

describe("any task runs", () => {
  it("are sorted by what is known, what is unknown last, and equal ones stay in order", () => {
    for (const seed of seeds(25)) {
      const runs = someRuns(seed, 60);
      for (const key of KEYS) {
        for (const isDescending of [false, true]) {
          const rows = sorted(runs, { key, isDescending });
          expect(new Set(rows)).toEqual(new Set(runs));
          for (let i = 1; i < rows.length; i++) {
            const [a, b] = [rows[i - 1], rows[i]] as [TaskRun, TaskRun];
            const [x, y] = [figure(a, key), figure(b, key)];
            if (x === null) expect(y).toBeNull();
            if (x === null || y === null) continue;
            if (typeof x === "number") {
              if (isDescending) expect(x).toBeGreaterThanOrEqual(Number(y));
              else expect(x).toBeLessThanOrEqual(Number(y));
            } else
              expect(Math.sign(x.localeCompare(String(y), "en", { numeric: true }))).not.toBe(
                isDescending ? -1 : 1,
              );
            if (x === y) expect(runs.indexOf(a)).toBeLessThan(runs.indexOf(b));
          }
        }
      }
    }
  });

  it("are found by a part of their name, by state and by retries", () => {
    for (const seed of seeds(25)) {
      const runs = someRuns(seed, 60);
      const shown = matching(runs, {
        text: " OAD[1",
        hidden: new Set(["Failed"]),
        onlyRetried: true,
      });
      expect(shown).toEqual(
        runs.filter(
          ({ label, state, attempts }) =>
            label.includes("oad[1") && state.name !== "Failed" && attempts > 1,
        ),
      );
      expect(matching(runs, EVERYTHING)).toEqual(runs);
    }
  });

  it("are each in one place of the table once everything is open", () => {
    for (const seed of seeds(25)) {
      const runs = someRuns(seed, 60);
      const open = new Set(grouped(runs).map(({ id }) => id));
      const rows = tableRows(runs, true, BY_START, open);
      const shown = rows.filter((row) => !isGroup(row));
      expect(shown).toHaveLength(runs.length);
      expect(new Set(shown)).toEqual(new Set(runs));
      let group: Group | null = null;
      for (const row of rows) {
        if (isGroup(row)) group = row;
        else if (group?.runs.includes(row)) expect(group.id).toContain(row.group);
      }
    }
  });

  it("make groups whose figures are those of their runs", () => {
    for (const seed of seeds(25)) {
      for (const group of grouped(someRuns(seed, 60)).filter(isGroup)) {
        const of = (key: "started_at" | "ended_at" | "waited") =>
          group.runs.flatMap((run) => run[key] ?? []);
        const or = (value: number) => (Number.isFinite(value) ? value : null);
        expect(group.started_at).toBe(or(Math.min(...of("started_at"))));
        expect(group.ended_at).toBe(or(Math.max(...of("ended_at"))));
        expect(group.waited).toBe(or(Math.max(...of("waited"))));
        expect(group.rank).toBe(Math.min(...group.runs.map(({ rank }) => rank)));
        expect(group.counts.reduce((sum, [, n]) => sum + n, 0)).toBe(group.runs.length);
      }
    }
  });
});

it("a run that goes on has an open span", () => {
  expect(run("x", { ended: null }).spans).toEqual([second(1), 0, 1]);
});

it("a state that the page does not know is unknown", () => {
  expect(run("x", { state: 99 }).state).toMatchObject({ name: "Unknown", family: "unknown" });
});
