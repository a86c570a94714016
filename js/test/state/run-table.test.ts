import { describe, expect, it } from "vitest";
import {
  NEWEST_FIRST,
  type RunKey,
  runsOf,
  runTest,
  scaleOf,
  sortedRuns,
  statesOf,
  stripOf,
} from "../../src/state/run-table";
import { rows } from "../run-samples";
import { second } from "../task-samples";

const runs = runsOf(rows(0, 10, { kinds: [0, 0, 1, 0, 2], flows: ["orders", "ledger"] }));
const names = (found: readonly { name: string }[]) => found.map(({ name }) => name.slice(4));

describe("sorting", () => {
  const by = (key: RunKey, isDescending: boolean) =>
    names(sortedRuns(runs, { key, isDescending })).join("");

  it("leaves the order of the source at first", () => {
    expect(sortedRuns(runs, NEWEST_FIRST)).toBe(runs);
  });

  it.each([
    ["begun", false, "9876543210"],
    ["ran", true, "9876543210"],
    ["name", false, "0123456789"],
    ["flow", false, "1357902468"],
    ["state", false, "2749013568"],
    ["message", true, "7201345689"],
  ] as const)("by %s, descending %s", (key, isDescending, order) => {
    expect(by(key, isDescending)).toBe(order);
  });

  it("puts runs without a value last, whatever the direction", () => {
    const open = runs.map((run) => (run.place < 2 ? { ...run, ran: null } : run));
    for (const isDescending of [true, false])
      expect(names(sortedRuns(open, { key: "ran", isDescending })).slice(-2)).toEqual(["0", "1"]);
  });
});

describe("the filter text", () => {
  const found = (text: string) => names(runs.filter(runTest(text, { tz: "UTC" }))).join("");

  it.each([
    ["", "0123456789"],
    ["run-4", "4"],
    ["broke", "27"],
    ["state:failed", "27"],
    ['state="Failed"', "27"],
    ["state:FAIL state:running", "2479"],
    ["-state:failed", "01345689"],
    ["flow=ledger", "13579"],
    ["flow:ledger state:failed", "7"],
    ["tag:nightly", "3"],
    ["nightly", "3"],
    ["eu", "13579"],
    ["/run-[0-2]/", "012"],
    ["run:run-1", "1"],
    ["time:..2026-11-21T11:55Z", "56789"],
  ])("%s", (text, expected) => {
    expect(found(text)).toBe(expected);
  });

  it("names its keys when one is unknown", () => {
    expect(() => found("task:load")).toThrow(
      "Unknown key: task. Keys: state, flow, run, tag, time.",
    );
  });
});

describe("the scale of the bars", () => {
  it("ends at the longest run", () => {
    expect(scaleOf(runs)).toEqual({ longest: 9, median: 5 });
  });

  it("is cut where one run is far longer than the others", () => {
    const long = [...runs, { ...(runs[0] as (typeof runs)[0]), ran: 86_400 }];
    expect(scaleOf(long)).toEqual({ longest: 25, median: 5 });
  });

  it("is known without runs", () => {
    expect(scaleOf([])).toEqual({ longest: 0, median: null });
  });
});

describe("the strip of states over time", () => {
  it("counts every run in the bin in which it began", () => {
    const strip = stripOf(runs, 40);
    expect(strip?.times[0]).toBe(second(-540));
    expect(strip?.counts).toEqual({
      done: [0, 1, 0, 1, 1, 0, 1, 0, 1, 1],
      ended: new Array(10).fill(0),
      going: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0],
      failed: [0, 0, 1, 0, 0, 0, 0, 1, 0, 0],
    });
  });

  it("has bins of a round width, and no more than asked for", () => {
    const many = runsOf(rows(0, 1000));
    const strip = stripOf(many, 100);
    const [first = 0, next = 0] = strip?.times ?? [];
    expect(next - first).toBe(15 * 6e7);
    expect(strip?.counts.done.reduce((a, b) => a + b)).toBe(1000);
    expect(strip?.times.length).toBeLessThan(101);
  });

  it("needs two times", () => {
    expect(stripOf(runs.slice(0, 1), 40)).toBeNull();
  });
});

it("counts the states", () => {
  expect(statesOf(runs).map(([{ name }, n]) => [name, n])).toEqual([
    ["Completed", 6],
    ["Failed", 2],
    ["Running", 2],
  ]);
});
