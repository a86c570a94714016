/** Asking the kernel, and what the page holds where the kernel does not answer in time. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Log, type LogFacts } from "../../src/engine/log";
import type { AnswerBody, QuestionBody } from "../../src/protocol/wire";
import { FallbackSource, isPlain, type KernelStatus } from "../../src/sources/fallback";
import { KernelSource } from "../../src/sources/kernel";
import { MemorySource } from "../../src/sources/memory";
import { lines, query, result } from "../samples";
import { WidgetModel } from "../widget-model";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lines of which the page holds 60, and the log has 100 unless said otherwise. */
function asking(facts: LogFacts = { total: 100 }) {
  const model = new WidgetModel();
  const kernel = new KernelSource(
    (question) => model.send(question),
    () => 1,
  );
  const log = new Log(lines(0, 60), facts);
  const memory = new MemorySource({
    log: () => log,
    tasks: () => [],
    pins: () => [],
    fileName: () => "run",
  });
  const statuses: KernelStatus[] = [];
  const late: QuestionBody["kind"][] = [];
  const source = new FallbackSource(kernel, memory, {
    status: (status) => statuses.push(status),
    late: (question) => late.push(question.kind),
  });
  const said: string[] = [];
  const ask = (question: QuestionBody) =>
    source.ask(question, (answer, { isProvisional = false } = {}) => {
      const hits = answer.kind === "result" ? ` ${answer.hits}` : "";
      said.push(`${answer.kind}${hits}${isProvisional ? " for now" : ""}`);
    });
  const hear = (question: { kind: QuestionBody["kind"] }, body: AnswerBody) => {
    const sent = model.newest(question.kind);
    const { view, n, snapshot } = sent;
    if (kernel.hear({ view, n, snapshot, ...body }, [])) source.heard();
  };
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return { source, ask, hear, pass, said, statuses, late, model };
}

const hits = query({ text: "message", lines: "hits" });
const asked = { kind: "query", query: hits, near: null, count: 0 } as const;

describe("a kernel that answers", () => {
  it("is the only one that is asked", async () => {
    const { ask, hear, pass, said, late } = asking();
    ask(asked);
    await pass(299);
    hear(asked, result(100));
    await pass(5000);
    expect([said, late]).toEqual([["result 100"], []]);
  });

  it("is not late once it has heard the question", async () => {
    const { ask, hear, pass, late, said } = asking();
    ask(asked);
    hear(asked, { kind: "heard" });
    await pass(5000);
    expect([said, late]).toEqual([["heard"], []]);
  });
});

describe("a kernel that is late", () => {
  it("is told after 300 ms, and the page answers for now", async () => {
    const { ask, pass, said, late } = asking();
    ask(asked);
    await pass(299);
    expect([said, late]).toEqual([[], []]);
    await pass(2);
    expect([said, late]).toEqual([["result 60 for now"], ["query"]]);
  });

  it("has the last word", async () => {
    const { ask, hear, pass, said } = asking();
    ask(asked);
    await pass(301);
    hear(asked, result(100));
    await pass(1000);
    expect(said).toEqual(["result 60 for now", "result 100"]);
  });

  it("ends the page's own work by its answer", async () => {
    const { ask, hear, pass, said } = asking();
    ask(asked);
    await pass(300);
    hear(asked, result(100));
    await pass(1000);
    expect(said).not.toContain("result 60 for now");
  });

  it("is not asked about items of what the page has answered", async () => {
    const { ask, hear, pass, said, model } = asking();
    ask(asked);
    await pass(301);
    ask({ kind: "rows", query: hits, start: 0, count: 9 });
    await pass(1);
    expect([said.at(-1), model.allAsked("rows")]).toEqual(["rows", []]);
    hear(asked, result(100));
    ask({ kind: "rows", query: hits, start: 0, count: 9 });
    expect(model.allAsked("rows")).toHaveLength(1);
  });

  it("hears nothing of a question that was taken back", async () => {
    const { ask, pass, said, late } = asking();
    ask(asked)();
    await pass(1000);
    expect([said, late]).toEqual([[], []]);
  });
});

describe("a kernel that is only busy", () => {
  const busy = async (facts?: LogFacts) => {
    const all = asking(facts);
    all.source.heard();
    return all;
  };

  it("keeps its list of lines: the page does not answer in its place", async () => {
    const { ask, pass, said, late } = await busy();
    ask({ kind: "query", query: query(), near: null, count: 0 });
    ask({ kind: "rows", query: query(), start: 70, count: 9 });
    ask({ kind: "find", query: query(), what: "error", at: null, step: 1 });
    ask({ kind: "templates", query: query() });
    await pass(1000);
    expect([said, late]).toEqual([[], ["query", "rows", "find", "templates"]]);
  });

  it.each<[string, QuestionBody, string]>([
    ["a filter text", asked, "result 60 for now"],
    ["a whole line", { kind: "line", seq: 4 }, "line for now"],
    ["a suggestion", { kind: "suggest", text: "ta", caret: 2 }, "suggestions for now"],
  ])("is helped out with %s", async (_name, question, answer) => {
    const { ask, pass, said } = await busy();
    ask(question);
    await pass(301);
    expect(said).toEqual([answer]);
  });

  const copy = (from = query()): QuestionBody => ({
    kind: "text",
    selection: { query: from, from: 0, to: 3 },
  });

  it("is not helped out with lines to copy that the page may have otherwise", async () => {
    const { ask, pass, said } = await busy();
    ask(copy());
    await pass(1000);
    expect(said).toEqual([]);
  });

  it("is helped out with lines to copy of a list that the page has made, or of a whole log", async () => {
    const some = await busy();
    some.ask(asked);
    await some.pass(301);
    some.ask(copy(hits));
    await some.pass(1);
    expect(some.said).toEqual(["result 60 for now", "text"]);
    const whole = await busy({});
    whole.ask(copy());
    await whole.pass(301);
    expect(whole.said).toEqual(["text for now"]);
  });

  it("is helped out with everything where the page holds every line", async () => {
    const { ask, pass, said } = await busy({});
    ask({ kind: "rows", query: query(), start: 0, count: 9 });
    await pass(301);
    expect(said).toEqual(["rows for now"]);
  });
});

describe("no kernel", () => {
  it("is what there is after three seconds without an answer: then the page answers at once", async () => {
    const { ask, pass, said, statuses, late } = asking();
    await pass(2999);
    expect(statuses).toEqual([]);
    await pass(1);
    expect(statuses).toEqual(["absent"]);
    ask(asked);
    await pass(1);
    expect([said, late]).toEqual([["result 60 for now"], []]);
    ask({ kind: "refresh" });
    await pass(1);
    expect(said.at(-1)).toBe("failed for now");
  });

  it("is what there was until one answers", async () => {
    const { ask, hear, pass, said, statuses } = asking();
    await pass(3000);
    ask(asked);
    await pass(1);
    hear(asked, result(100));
    expect(statuses).toEqual(["absent", "here"]);
    expect(said).toEqual(["result 60 for now", "result 100"]);
  });

  it("is left when one does not answer that had; one that never did is absent", async () => {
    const { source, pass, statuses } = asking();
    source.heard();
    await pass(10_000);
    expect(statuses).toEqual(["here"]);
    source.expect();
    await pass(2999);
    expect(statuses).toEqual(["here"]);
    await pass(1);
    expect(statuses).toEqual(["here", "gone"]);
    source.heard();
    expect(statuses).toEqual(["here", "gone", "here"]);
  });

  it("is left when one goes away that has not answered yet", async () => {
    const { source, pass, statuses } = asking();
    await pass(1000);
    source.expect();
    await pass(3000);
    expect(statuses).toEqual(["gone"]);
  });

  it("is still absent when the connection changes after it did not answer", async () => {
    const { source, pass, statuses } = asking();
    await pass(3000);
    source.expect();
    await pass(3000);
    expect(statuses).toEqual(["absent"]);
  });

  it("that has gone is not waited for either, and still has the last word", async () => {
    const { source, ask, hear, pass, said, statuses, late } = asking();
    source.heard();
    source.expect();
    await pass(3000);
    ask(asked);
    await pass(1);
    expect([said, late]).toEqual([["result 60 for now"], []]);
    hear(asked, result(100));
    expect([said.at(-1), statuses.at(-1)]).toEqual(["result 100", "here"]);
  });

  it("is waited for no more by a card that is taken away", async () => {
    const { source, pass, statuses } = asking();
    source.close();
    await pass(10_000);
    expect([statuses, vi.getTimerCount()]).toEqual([[], 0]);
  });
});

it.each([
  [{}, true],
  [{ text: "  " }, true],
  [{ text: "x" }, false],
  [{ is_newest_first: true }, false],
  [{ folds_repeats: true }, false],
])("every line, oldest first, is what travels with a card: %o %s", (more, expected) => {
  expect(isPlain(query(more))).toBe(expected);
});
