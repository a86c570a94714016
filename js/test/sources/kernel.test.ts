/** Questions to Python and its answers, over the messages of the widget model. */

import { describe, expect, it } from "vitest";
import type { AnswerBody, Question } from "../../src/protocol/wire";
import { KernelSource } from "../../src/sources/kernel";
import { lines, query, result, window } from "../samples";

function asked(snapshot = 1) {
  const sent: Question[] = [];
  const shown = { snapshot };
  const kernel = new KernelSource(
    (question) => sent.push(question),
    () => shown.snapshot,
  );
  const heard: AnswerBody[] = [];
  const cancel = kernel.ask({ kind: "rows", query: query(), start: 0, count: 9 }, (answer) =>
    heard.push(answer),
  );
  const { view, n } = sent[0] as Question;
  return { kernel, sent, shown, heard, cancel, address: { view, n, snapshot } };
}

const rows = { kind: "rows", window: window(0, lines(0, 3)) } as const;

describe("a question", () => {
  it("says who asks, which of their questions it is, and what they show", () => {
    const { kernel, sent, shown } = asked();
    shown.snapshot = 2;
    kernel.ask({ kind: "refresh" }, () => {});
    expect(sent).toMatchObject([
      { kind: "rows", n: 1, snapshot: 1 },
      { kind: "refresh", n: 2, snapshot: 2 },
    ]);
    expect(sent[1]?.view).toBe(sent[0]?.view);
    expect(
      new KernelSource(
        () => {},
        () => 0,
      ).view,
    ).not.toBe(kernel.view);
  });

  it("that cannot be sent is one that is not answered", () => {
    const dead = new KernelSource(
      () => {
        throw new Error("Comm is closed");
      },
      () => 1,
    );
    expect(() => dead.ask({ kind: "refresh" }, () => {})).not.toThrow();
  });
});

describe("an answer", () => {
  it("comes to who asked, with its buffers", () => {
    const { kernel, address, heard } = asked();
    expect(kernel.hear({ ...rows, ...address }, [])).toBe(true);
    expect(heard).toMatchObject([rows]);
  });

  it.each([
    ["nothing", null],
    ["a number", 3],
    ["text", "rows"],
    ["a list", []],
    ["without a kind", { n: 1, snapshot: 1 }],
    ["without a number", { kind: "rows", snapshot: 1 }],
    ["without a snapshot", { kind: "rows", n: 1 }],
  ])("that is %s is none", (_name, content) => {
    const { kernel, address, heard } = asked();
    const isRecord = typeof content === "object" && content !== null && !Array.isArray(content);
    const message = isRecord ? { view: address.view, ...content } : content;
    expect([kernel.hear(message, []), heard]).toEqual([false, []]);
  });

  it("for another view is not ours", () => {
    const { kernel, address, heard } = asked();
    expect([kernel.hear({ ...rows, ...address, view: "other" }, []), heard]).toEqual([false, []]);
  });

  it("about another snapshot is heard, and not taken", () => {
    const { kernel, address, heard } = asked();
    const about = { ...address, snapshot: 2 };
    expect([kernel.hear({ ...rows, ...about }, []), heard]).toEqual([true, []]);
    kernel.hear({ kind: "found", what: "hit", place: 0, seq: 0, nth: 1, ...about }, []);
    kernel.hear({ ...result(3), ...about }, []);
    expect(heard).toEqual([]);
    kernel.hear({ kind: "heard", ...about }, []);
    kernel.hear(
      { kind: "failed", notice: { kind: "info", text: "", detail: null, at: 0 }, ...about },
      [],
    );
    expect(heard.map(({ kind }) => kind)).toEqual(["heard", "failed"]);
  });

  it("to a question that was taken back is heard, and not taken", () => {
    const { kernel, address, heard, cancel } = asked();
    cancel();
    expect([kernel.hear({ ...rows, ...address }, []), heard]).toEqual([true, []]);
  });

  it("without a question says only that the kernel is there", () => {
    const { kernel, address, heard } = asked();
    expect([kernel.hear({ ...rows, ...address, n: 99 }, []), heard]).toEqual([true, []]);
  });
});
