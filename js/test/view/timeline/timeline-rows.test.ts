/** The rows of the timeline, what they span, and the critical path through them. */

import { describe, expect, it } from "vitest";
import type { Header } from "../../../src/protocol/wire";
import { isGroup, runsOf, type TaskRun } from "../../../src/state/task-rows";
import { axisOf } from "../../../src/view/controls/time-axis";
import {
  extentOf,
  legsOf,
  merged,
  timelineRows,
  wordsOf,
} from "../../../src/view/timeline/timeline-rows";
import { FAILED, HELD_UP, mapped, row, run, STATES, second, someRuns } from "../../task-samples";

const HEADER = {
  created_at: second(0),
  scheduled_at: second(0),
  started_at: second(1),
  ended_at: second(100),
  as_of: second(120),
  is_finished: true,
} as Header;

describe("a timeline", () => {
  it("holds the run, a short wait before it, and every span of its task runs", () => {
    const late = run("late", { spans: [second(1), second(105), 1] });
    expect(extentOf(HEADER, [late])).toEqual([second(0), second(105)]);
    const early = { ...HEADER, scheduled_at: second(-5000) };
    expect(extentOf(early, [late])).toEqual([second(1), second(105)]);
  });

  it("ends at the as-of time while a span goes on", () => {
    const going = { ...HEADER, is_finished: false, ended_at: null };
    expect(extentOf(going, [run("x", { spans: [second(5), 0, 1] })])[1]).toBe(second(120));
  });

  it("keeps mapped children together, by index, in the order of their first start", () => {
    const rows = [row("extract", { started: 0 }), ...mapped(3).reverse(), row("publish")];
    const labels = timelineRows(runsOf(rows, STATES), false, 0).map(({ label }) => label);
    expect(labels).toEqual(["extract", "load[0]", "load[1]", "load[2]", "publish"]);
  });

  it("says what a task run did in words", () => {
    const seven = run("load[7]", { state: FAILED, attempts: 3, ran: 321, waited: 1401 });
    expect(wordsOf(seven)).toBe(
      "3 attempts, 5\u202fmin 21\u202fs running, 23\u202fmin 21\u202fs waiting",
    );
    const never = run("publish", { state: HELD_UP, attempts: 0, ran: null, waited: null });
    expect(wordsOf(never)).toBe("NotReady");
  });
});

describe("the runs of one task laid over each other", () => {
  /** Whether some run does that at that time. */
  const covers = (spans: readonly number[], at: number, kinds: number[]) => {
    for (let i = 0; i < spans.length; i += 3)
      if ((spans[i] ?? 0) <= at && at <= (spans[i + 1] ?? 0) && kinds.includes(spans[i + 2] ?? -1))
        return true;
    return false;
  };

  it("cover the same times as they do", () => {
    for (let seed = 1; seed < 20; seed++) {
      const runs = someRuns(seed, 40);
      const spans = merged(runs, second(2000), 0);
      for (let at = 0; at < 1100; at += 7) {
        const isOn = runs.some((run) => covers(run.spans, second(at), [1]));
        expect(covers(spans, second(at), [1])).toBe(isOn);
      }
    }
  });

  it("keep waits below, runs above them, and failures on top", () => {
    const wait = run("a", { spans: [second(0), second(5), 0, second(5), second(9), 2] });
    const ran = run("b", { spans: [second(1), second(6), 3, second(6), 0, 1] });
    expect(merged([wait, ran], second(20), 0)).toEqual([
      second(0),
      second(6),
      0,
      second(6),
      second(20),
      1,
      second(5),
      second(9),
      2,
    ]);
  });

  it("keep several attempts that nobody can tell apart between waits and runs", () => {
    const several = run("a", { spans: [second(0), second(9), 5, second(9), second(12), 4] });
    const ran = run("b", { spans: [second(2), second(3), 1] });
    expect(merged([several, ran], second(20), 0)).toEqual([
      second(9),
      second(12),
      0,
      second(0),
      second(9),
      5,
      second(2),
      second(3),
      1,
    ]);
  });

  it("become one bar where the gaps cannot be seen", () => {
    const runs = runsOf(
      Array.from({ length: 10_000 }, (_, i) =>
        row(`load[${i}]`, { group: "load", map_index: i, started: 2 * i, ended: 2 * i + 1 }),
      ),
      STATES,
    );
    const [group] = timelineRows(runs, true, second(0));
    expect(group && isGroup(group) && group.spans).toEqual([second(0), second(19_999), 1]);
  });
});

describe("the critical path", () => {
  const axis = axisOf(second(0), second(100), [], 0, 100);
  const runs = [
    run("a", { started: 0, ended: 20 }),
    run("b", { started: 20, ended: 90 }),
    run("c", { started: 91, ended: 100 }),
  ];
  const rowOf = ({ label }: TaskRun) => ({ a: 0, b: 7, c: 3 })[label];

  it("goes along each task run from the end of the one before, then to the next row", () => {
    expect(legsOf(runs, rowOf, axis)).toEqual([
      { left: 0, right: 20, row: 0, next: 7 },
      { left: 20, right: 90, row: 7, next: 3 },
      { left: 90, right: 100, row: 3, next: 3 },
    ]);
  });

  it("leaves out what has not been read yet", () => {
    expect(legsOf([runs[0], undefined, runs[2]], rowOf, axis)).toEqual([
      { left: 0, right: 20, row: 0, next: 3 },
      { left: 20, right: 100, row: 3, next: 3 },
    ]);
  });
});
