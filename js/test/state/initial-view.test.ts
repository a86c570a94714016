/** Where a card opens. */

import { describe, expect, it } from "vitest";
import { initialLine, initialTab } from "../../src/state/initial-view";
import { completed, digest, failed, going, payload } from "../samples";
import { row, type STATES } from "../task-samples";

describe("a card opens", () => {
  it("a failed run at the line that says why, else at its first error", () => {
    const data = payload({ total: 500, header: { state: failed }, logs: { first_error: 321 } });
    expect([initialTab(data), initialLine(data)]).toEqual(["logs", 321]);
    expect(initialLine({ ...data, digest: digest() })).toBe(40);
    expect(initialLine({ ...data, digest: digest({ line: null }) })).toBe(321);
  });

  it("one that goes on at its tail", () => {
    expect(initialLine(payload({ total: 500, header: going }))).toBe("tail");
  });

  it("one that went well at the top", () => {
    expect(initialLine(payload({ logs: { first_error: 3 } }))).toBeNull();
    expect(initialLine(payload({ rows: [], header: going }))).toBeNull();
  });

  it("one that went well on its task runs only if they have something to say", () => {
    const states = [[{ ...completed, family: "ended" }, 1]] as unknown as typeof STATES;
    const { tasks } = payload();
    expect(initialTab(payload())).toBe("logs");
    expect(initialTab(payload({ tasks: [row("a", { attempts: 2 })] }))).toBe("tasks");
    expect(initialTab(payload({ more: { tasks: tasks && { ...tasks, states } } }))).toBe("tasks");
    expect(initialTab(payload({ more: { tasks: null } }))).toBe("logs");
  });

  it("one with a filter on its log", () => {
    const data = payload({ tasks: [row("a", { attempts: 2 })] });
    expect(initialTab(data, 'task="a"')).toBe("logs");
  });
});
