/** Answers from what the page itself holds. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Log, type LogFacts } from "../../src/engine/log";
import type { AnswerBody, LogRow, QuestionBody } from "../../src/protocol/wire";
import { MemorySource } from "../../src/sources/memory";
import { line, lines, query } from "../samples";
import { row } from "../task-samples";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function memoryOf(rows: LogRow[] | null, facts: LogFacts = {}) {
  const held = { log: rows && new Log(rows, facts) };
  const memory = new MemorySource({
    log: () => held.log,
    tasks: () => [row("a"), row("b"), row("c")],
    pins: () => [2],
    fileName: () => "run-logs",
  });
  const said: AnswerBody[] = [];
  const contents: string[] = [];
  const ask = (question: QuestionBody) =>
    memory.ask(question, (answer, { buffers = [] } = {}) => {
      said.push(answer);
      contents.push(...buffers.map((buffer) => new TextDecoder().decode(buffer)));
    });
  const asked = async (question: QuestionBody) => {
    ask(question);
    await vi.runAllTimersAsync();
    return said.splice(0);
  };
  return { memory, held, ask, asked, said, contents };
}

const ROWS = lines(0, 9);
const wordsOf = ([answer]: AnswerBody[]) => (answer?.kind === "failed" ? answer.notice.text : "");

describe("the page", () => {
  it("answers what it can from its lines", async () => {
    const { asked } = memoryOf(ROWS);
    const one = query({ text: "message", lines: "hits" });
    const kinds = async (question: QuestionBody) => (await asked(question)).map(({ kind }) => kind);
    expect(await kinds({ kind: "query", query: one, near: null, count: 5 })).toEqual([
      "rows",
      "result",
    ]);
    expect(await kinds({ kind: "rows", query: one, start: 0, count: 5 })).toEqual(["rows"]);
    expect(await kinds({ kind: "suggest", text: "ta", caret: 2 })).toEqual(["suggestions"]);
    expect(await asked({ kind: "line", seq: 4 })).toEqual([
      { kind: "line", seq: 4, message: "message 4" },
    ]);
    expect(await asked({ kind: "find", query: one, what: "pin", at: null, step: 1 })).toMatchObject(
      [{ kind: "found", what: "pin", seq: 2 }],
    );
  });

  it("answers about the items of a query from the lines in which it found them", async () => {
    const { asked, held } = memoryOf(ROWS);
    const one = query({ text: "message", lines: "hits" });
    await asked({ kind: "query", query: one, near: null, count: 0 });
    held.log = new Log([...lines(100, 5), ...ROWS]);
    const first = async () => {
      const [answer] = await asked({ kind: "rows", query: one, start: 0, count: 1 });
      return answer?.kind === "rows" && answer.window.items[0]?.[0];
    };
    expect(await first()).toBe(0);
    await asked({ kind: "query", query: one, near: null, count: 0 });
    expect(await first()).toBe(100);
  });

  it("answers from its task runs", async () => {
    const { asked } = memoryOf(ROWS);
    expect(await asked({ kind: "tasks", start: 1, count: 9 })).toEqual([
      { kind: "tasks", start: 1, rows: [row("b"), row("c")] },
    ]);
  });

  it("gives text to copy, and a file of whole lines", async () => {
    const { asked, contents } = memoryOf(ROWS);
    const selection = { query: query(), from: 0, to: 1 };
    expect(await asked({ kind: "text", selection })).toMatchObject([{ lines: 2 }]);
    const one = query({ text: "/3|4/", lines: "hits" });
    expect(await asked({ kind: "download", query: one, format: "txt" })).toEqual([
      { kind: "download", name: "run-logs.txt", part: 0, parts: 1 },
    ]);
    expect(
      contents[1]
        ?.trim()
        .split("\n")
        .map((text) => text.slice(-9)),
    ).toEqual(["message 3", "message 4"]);
    await asked({ kind: "download", query: null, format: "jsonl" });
    expect(contents[2]?.trim().split("\n")).toHaveLength(9);
  });
});

describe("what nobody can do without a kernel", () => {
  it.each<[QuestionBody["kind"], object, string]>([
    ["refresh", {}, "It does not change"],
    ["follow", { is_on: true }, "It does not change"],
    ["open", { id: "x" }, "Other runs can be opened only with a running kernel"],
    ["related", {}, "can be read only with a running kernel"],
    ["line", { seq: 0 }, "only the beginning of this message"],
    ["templates", { query: query() }, "only a part of the log"],
    ["download", { query: null, format: "csv" }, "only a part of the log"],
  ])("is refused in words: %s", async (kind, more, words) => {
    const { asked } = memoryOf([line(0, "abc", { length: 6 })], { total: 9 });
    expect(wordsOf(await asked({ kind, ...more } as QuestionBody))).toContain(words);
  });

  it.each<QuestionBody["kind"]>(["hello", "bye", "visible", "select", "pin"])(
    "and needs no answer is not answered: %s",
    async (kind) => {
      expect(await memoryOf(ROWS).asked({ kind } as QuestionBody)).toEqual([]);
    },
  );

  it("is told apart from what can be answered", () => {
    const { memory } = memoryOf([line(0, "abc", { length: 6 }), line(1)], { total: 9 });
    expect(memory.canAnswer({ kind: "line", seq: 0 })).toBe(false);
    expect(memory.canAnswer({ kind: "line", seq: 1 })).toBe(true);
    expect(memory.canAnswer({ kind: "refresh" })).toBe(false);
    expect(memory.canAnswer({ kind: "templates", query: query() })).toBe(false);
    expect(memoryOf(null).memory.canAnswer({ kind: "line", seq: 1 })).toBe(false);
  });

  it("says what is wrong with a text that cannot be read", async () => {
    const one = query({ text: "tsk:x", lines: "hits" });
    const answers = await memoryOf(ROWS).asked({ kind: "rows", query: one, start: 0, count: 1 });
    expect(wordsOf(answers)).toContain("Unknown key: tsk");
  });
});

describe("a question", () => {
  it("waits until the log is there", async () => {
    const { memory, held, ask, said } = memoryOf(null);
    ask({ kind: "line", seq: 4 });
    await vi.runAllTimersAsync();
    expect(said).toEqual([]);
    held.log = new Log(ROWS);
    memory.ready();
    await vi.runAllTimersAsync();
    expect(said).toMatchObject([{ kind: "line", seq: 4 }]);
  });

  it("that was taken back is not answered, whether it waits or not", async () => {
    const { memory, held, ask, said } = memoryOf(null);
    ask({ kind: "line", seq: 4 })();
    held.log = new Log(ROWS);
    memory.ready();
    ask({ kind: "line", seq: 5 })();
    await vi.runAllTimersAsync();
    expect(said).toEqual([]);
  });

  describe("that takes long", () => {
    const many = lines(0, 20_000);
    const one = query({ text: "/e.*9$/", lines: "hits" });
    /** Each look at the time is 13 ms after the one before: longer than one step may take. */
    const slow = () => {
      let now = 0;
      vi.spyOn(performance, "now").mockImplementation(() => {
        now += 13;
        return now;
      });
    };

    afterEach(() => {
      vi.restoreAllMocks();
    });

    it("lets the page draw and hear in between", async () => {
      slow();
      const { ask, said } = memoryOf(many);
      ask({ kind: "rows", query: one, start: 0, count: 1 });
      let turns = 0;
      while (said.length === 0) {
        await vi.advanceTimersToNextTimerAsync();
        turns++;
      }
      expect(turns).toBeGreaterThan(4);
    });

    it("ends when it is taken back", async () => {
      slow();
      const { ask, said } = memoryOf(many);
      const cancel = ask({ kind: "rows", query: one, start: 0, count: 1 });
      for (let i = 0; i < 3; i++) await vi.advanceTimersToNextTimerAsync();
      cancel();
      await vi.advanceTimersToNextTimerAsync();
      expect([vi.getTimerCount(), said]).toEqual([0, []]);
    });
  });
});
