/** The attempts that lines belong to. */

import { describe, expect, it } from "vitest";
import { Attempts, begunOf } from "../../src/engine/attempts";
import { line } from "../samples";
import { row, second } from "../task-samples";

const rows = [0, 1, 2, 6, 7, 9].map((at, i) => line(i, "x", { at: second(at) }));
/** Ran from 1 to 3, waited, ran from 5 on. */
const load = row("load", {
  attempts: 2,
  spans: [second(1), second(3), 2, second(3), second(5), 3, second(5), 0, 1],
});

describe("the attempts of lines", () => {
  it("are those that had begun when a line was written", () => {
    const { begun, places } = begunOf([load], rows);
    const attempts = new Attempts(begun, places, rows);
    expect(rows.map((_, i) => attempts.of(i))).toEqual([0, 1, 1, 2, 2, 2]);
  });

  it("have a divider from the second on, which says how long was waited", () => {
    const { begun, places } = begunOf([load], rows);
    const attempts = new Attempts(begun, places, rows);
    const above = rows.map((_, i) => attempts.dividers[attempts.above(i)] ?? null);
    expect(above).toEqual([null, null, null, ...new Array(3).fill(["retry", "load", 2, 2, 2])]);
  });

  it("are not known of lines without a task run, or of one whose history is not there", () => {
    const unknown = row("load", { attempts: 3, spans: [second(1), second(3), 1] });
    const lines = [line(0, "x", { task: null }), line(1)];
    const { begun, places } = begunOf([unknown], lines);
    const attempts = new Attempts(begun, places, lines);
    expect([begun, places]).toEqual([[null], [-1, 0]]);
    expect([attempts.of(0), attempts.of(1), attempts.above(1)]).toEqual([null, null, -1]);
  });

  it("of a task run that never began are none", () => {
    const lines = [line(0)];
    const { begun, places } = begunOf([row("load", { attempts: 0, spans: [] })], lines);
    expect(new Attempts(begun, places, lines).of(0)).toBe(0);
  });
});
