/** Why a run failed. */

import { describe, expect, it } from "vitest";
import type { Digest } from "../../../src/protocol/wire";
import { all, button, click, greet, model, one, show, words } from "../../page";
import { digest, failed, line, payload } from "../../samples";
import { second } from "../../task-samples";

const open = (more: Partial<Digest> = {}) =>
  show(payload({ total: 3, header: { state: failed }, more: { digest: digest(more) } }));

describe("the first failure", () => {
  it("says which task failed, when, at which attempt, and what was raised", async () => {
    await open();
    expect(words(".digest-head")).toContain("load");
    expect(words(".digest-when")).toBe("attempt 3 of 3 failed at 12:01:30 UTC");
    expect(words(".digest-error b")).toBe("ConnectionResetError");
    expect(words(".digest-error")).toContain("[Errno 104] Connection reset by peer");
  });

  it("does not state an attempt that is not known, nor a number that is not", async () => {
    await open({ attempt: null, attempts: null, at: null, line: [77, null] });
    expect(words(".digest-when")).toBe("failed");
    expect(button("Go to the line").textContent).toBe("Go to the line");
  });

  it("leads to its line", async () => {
    await open({ line: [400, 400] });
    await click(button("Go to line 401"));
    expect(model.newest("find")).toMatchObject({ what: "line", at: 400 });
  });

  it("is copied as Markdown", async () => {
    await open();
    await click(button("Copy as Markdown"));
    expect(await navigator.clipboard.readText()).toBe("**load** failed");
    expect(all("button").some((each) => each.textContent?.startsWith("Copied"))).toBe(true);
  });

  it("shows the last frames of a traceback, and the earlier ones folded", async () => {
    const detail = [1, 2, 3, 4].flatMap((n) => [
      `  File "${n}.py", line ${n}, in f`,
      `    call(${n})`,
    ]);
    await open({ detail: ["While loading", ...detail, "KeyError: 1"] });
    expect(words(".digest-detail > details:last-of-type summary")).toBe("2 earlier frames");
    expect(all(".digest-detail > pre").map((each) => each.textContent)).toEqual([
      "While loading",
      '  File "3.py", line 3, in f\n    call(3)\n  File "4.py", line 4, in f\n    call(4)\nKeyError: 1',
    ]);
  });

  it("shows the last lines of what is no traceback", async () => {
    await open({ detail: Array.from({ length: 11 }, (_, i) => `line ${i}`) });
    expect(all(".digest-detail summary").map((each) => each.textContent)).toContain(
      "3 earlier lines",
    );
    await open({ detail: [] });
    expect(all(".digest-detail > pre")).toHaveLength(0);
  });

  it("has the last lines of the task run", async () => {
    await open({ tail: [line(7, "about to \x1b[31mfail\x1b[0m")] });
    expect(words(".digest-detail > details:first-of-type summary")).toBe("Last 1 line of load");
    expect(words(".digest-detail > details:first-of-type pre")).toBe(
      "12:00:07.000 INFO     about to fail\n",
    );
  });

  it("tells the attempts and the waits between them, and what never started", async () => {
    await open({
      spans: [
        second(0),
        second(10),
        0,
        second(10),
        second(20),
        2,
        second(20),
        second(80),
        3,
        second(80),
        0,
        1,
      ],
      held_up: ["reconcile", "publish"],
    });
    expect(all(".digest-outcome dd").map((each) => each.textContent)).toEqual([
      "1 · 10\u202fswaited 1\u202fmin2 · 40\u202fs",
      "reconcile, publishnever started",
    ]);
  });

  it("sums up the first of many attempts, and the last of many labels", async () => {
    const spans = Array.from({ length: 9 }, (_, i) => [
      second(20 * i),
      second(20 * i + 10),
      2,
      second(20 * i + 10),
      second(20 * i + 20),
      3,
    ]).flat();
    await open({
      spans: spans.slice(0, -3),
      held_up: Array.from({ length: 9 }, (_, i) => `t${i}`),
    });
    expect(words(".digest-outcome")).toContain("3 earlier attempts, 30\u202fs running, then");
    expect(words(".digest-outcome")).toContain("t0, t1, t2, t3, t4, t5");
    expect(words(".digest-outcome")).toContain("and 3 more never started");
  });

  it("tells several attempts of which nobody knows when they were", async () => {
    await open({ spans: [second(0), second(10), 0, second(10), second(70), 5] });
    expect(words(".digest-outcome dd")).toBe("several · 1\u202fmin");
  });

  it("says what the error came from, the root cause last", async () => {
    await open({
      causes: [
        { how: "cause", error: "OSError: disk full", detail: ['  File "io.py", line 9, in write'] },
        { how: "context", error: "ValueError: bad", detail: [] },
      ],
    });
    const causes = all(".digest-cause");
    expect(causes.map((each) => each.querySelector("p")?.textContent)).toEqual([
      "raised while handling ValueError: bad",
      "raised from OSError: disk full",
    ]);
    expect(causes[1]?.querySelector("pre")?.textContent).toContain(
      'File "io.py", line 9, in write',
    );
  });

  it("says how sure it is, and what else there is to say", async () => {
    await open({
      doubt: "Another failure may have ended the run.",
      ended_with: "1 of 12 task runs failed",
      remarks: ["load[3] failed besides."],
    });
    expect(all(".digest-remarks p").map((each) => each.textContent?.trim())).toEqual([
      "Another failure may have ended the run.",
      "The run ended with: 1 of 12 task runs failed",
      "load[3] failed besides.",
    ]);
    await open();
    expect(one(".digest-remarks")).toBeNull();
  });

  it("leads down to the run of a sub-flow in which it failed", async () => {
    const runs = [
      { id: "a", name: "calm-fox", flow: "outer", ui_url: "https://prefect.example.com/a" },
      { id: "b", name: null, flow: null, ui_url: "javascript:alert(1)" },
    ];
    await open({ runs });
    expect(words(".digest-runs")).toBe("It failed in the sub-flow run outer / calm-fox › b");
    expect(all(".digest-runs a").map((each) => each.getAttribute("href"))).toEqual([
      "https://prefect.example.com/a",
    ]);
    await greet();
    await click(all(".digest-runs button")[1]);
    expect(model.newest("open").id).toBe("b");
  });

  it("leads to the others that failed", async () => {
    await open({ more: 2 });
    await click(button("2 more failed"));
    expect(words("[role=tab][aria-selected=true]")).toContain("Task runs");
    expect(one(".pill[aria-label^=Failed]")?.getAttribute("aria-pressed")).toBe("true");
    expect(one(".pill[aria-label^=Completed]")?.getAttribute("aria-pressed")).toBe("false");
  });
});
