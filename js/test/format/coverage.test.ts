/** How much of a run is there to see. */

import { describe, expect, it } from "vitest";
import { linesCoverage, tasksCoverage } from "../../src/format/coverage";
import type { Header, Logs } from "../../src/protocol/wire";
import { going, payload } from "../samples";

const { header, logs, tasks } = payload({ total: 41_200 });
const linesOf = (of: Partial<Header>, more: Partial<Logs> = {}) => {
  const { figures, rest } = linesCoverage({ ...header, ...of }, { ...(logs as Logs), ...more });
  return figures + rest;
};

describe("the lines of a run", () => {
  it("are counted, and so is what is there of them", () => {
    expect(linesOf({})).toBe("41\u202f200 of 41\u202f200 lines, run finished");
    expect(linesOf(going)).toBe("41\u202f200 of 41\u202f200 lines so far, run still going");
    expect(linesOf({}, { total: 0 })).toBe("0 lines, run finished");
  });

  it("are a lower bound while they are being read", () => {
    expect(linesOf({}, { is_complete: false, total: 206 })).toBe(
      "206 lines loaded, more exist, run finished",
    );
    expect(linesCoverage(header, null).figures).toBe("Loading lines…");
  });

  it("say how the run stands", () => {
    expect(linesOf({ ...going, started_at: null })).toContain("run not started");
    const paused = { ...going.state, name: "Paused", family: "paused" } as const;
    expect(linesOf({ ...going, state: paused })).toContain("run paused");
  });
});

it("the task runs of a run are counted as far as they have come", () => {
  expect(tasksCoverage(header, 500, tasks && { ...tasks, total: 1700 })).toEqual({
    figures: "500 of 1\u202f700 task runs",
    rest: ", run finished",
  });
  expect(tasksCoverage(header, 0, null).figures).toBe("Loading task runs…");
});
