/** Questions of a card, of which only the newest of each kind is answered. */

import { describe, expect, it } from "vitest";
import { Client } from "../../src/protocol/client";
import type { AnswerBody, QuestionBody } from "../../src/protocol/wire";
import { KernelSource } from "../../src/sources/kernel";
import { bytes } from "../kernel";
import { lines, query, result, window } from "../samples";
import { WidgetModel } from "../widget-model";

function asking() {
  const model = new WidgetModel();
  const shown = { snapshot: 1 };
  const kernel = new KernelSource(
    (question) => model.send(question),
    () => shown.snapshot,
  );
  const taken: string[] = [];
  const client = new Client(kernel, (answer, question, buffers) =>
    taken.push(`${question.kind}: ${answer.kind}${buffers.length > 0 ? " with a buffer" : ""}`),
  );
  const say = (
    question: (typeof model.asked)[number],
    body: AnswerBody,
    buffers: DataView[] = [],
  ) => {
    const { view, n, snapshot } = question;
    kernel.hear({ view, n, snapshot, ...body }, buffers);
  };
  return { client, model, shown, say, taken };
}

const ask = (text: string): QuestionBody => ({
  kind: "query",
  query: query({ text, lines: "hits" }),
  near: null,
  count: 60,
});
const rows: AnswerBody = { kind: "rows", window: window(0, lines(0, 3)) };
const found: AnswerBody = { kind: "found", what: "hit", place: 0, seq: 0, nth: 1 };
const find: QuestionBody = { kind: "find", query: query(), what: "hit", at: null, step: 1 };

describe("the newest question of a kind", () => {
  it("is the only one whose answers are taken", () => {
    const { client, model, say, taken } = asking();
    client.ask(ask("a"));
    client.ask(ask("ab"));
    const [older, newer] = model.allAsked("query");
    if (!older || !newer) throw new Error("nothing was asked");
    say(older, result(9));
    expect(taken).toEqual([]);
    say(newer, result(3));
    expect(taken).toEqual(["query: result"]);
  });

  it("leaves the questions of other kinds alone", () => {
    const { client, model, say, taken } = asking();
    client.ask(ask("a"));
    client.ask(find);
    say(model.newest("query"), result(9));
    say(model.newest("find"), found);
    expect(taken).toEqual(["query: result", "find: found"]);
  });

  it("is over with its last answer", () => {
    const { client, model, say, taken } = asking();
    client.ask(ask("a"));
    say(model.newest("query"), rows);
    expect(client.waiting("query")).toMatchObject({ kind: "query", near: null });
    say(model.newest("query"), result(9));
    expect(client.waiting("query")).toBeUndefined();
    say(model.newest("query"), result(9));
    expect(taken).toEqual(["query: rows", "query: result"]);
  });
});

describe("a question is over", () => {
  const isOver = (question: QuestionBody, ...answers: AnswerBody[]) => {
    const { client, model, say } = asking();
    client.ask(question);
    for (const answer of answers) say(model.newest(question.kind), answer);
    return client.waiting(question.kind) === undefined;
  };
  const heard: AnswerBody = { kind: "heard" };

  it("of rows with its rows, and of a query with its result", () => {
    expect(isOver({ kind: "rows", query: query(), start: 0, count: 3 }, rows)).toBe(true);
    expect(isOver(ask("a"), rows)).toBe(false);
    expect(isOver(ask("a"), rows, result(3))).toBe(true);
  });

  it("when it was heard, where nothing else answers it", () => {
    expect(isOver({ kind: "follow", is_on: true }, heard)).toBe(true);
    expect(isOver({ kind: "pin", seq: 1, note: null }, heard)).toBe(true);
    expect(isOver({ kind: "refresh" }, heard)).toBe(false);
    expect(isOver({ kind: "refresh" }, heard, { kind: "refreshed" })).toBe(true);
    expect(isOver(find, heard)).toBe(false);
  });

  it("of several parts with the last of them", () => {
    const { client, model, say, taken } = asking();
    client.ask({ kind: "download", query: null, format: "csv" });
    const part = (n: number) =>
      say(model.newest("download"), { kind: "download", name: "x.csv", part: n, parts: 3 }, [
        bytes("x"),
      ]);
    part(0);
    part(1);
    expect(client.waiting("download")).toBeDefined();
    part(2);
    expect(client.waiting("download")).toBeUndefined();
    expect(taken).toEqual(new Array(3).fill("download: download with a buffer"));
    const selection = { query: query(), from: 0, to: 1 };
    const text = (n: number): AnswerBody => ({ kind: "text", part: n, parts: 2, lines: 2 });
    expect(isOver({ kind: "text", selection }, text(0))).toBe(false);
    expect(isOver({ kind: "text", selection }, text(0), text(1))).toBe(true);
  });

  it("when it failed", () => {
    const notice = { kind: "info", text: "No.", detail: null, at: 1 } as const;
    expect(isOver(find, { kind: "failed", notice })).toBe(true);
  });
});

describe("a new snapshot", () => {
  it("asks again what would otherwise be waited for in vain", () => {
    const { client, model, shown, say, taken } = asking();
    const selection = { query: query(), from: 0, to: 1 };
    client.ask(find);
    client.ask({ kind: "line", seq: 1 });
    client.ask({ kind: "templates", query: query() });
    client.ask({ kind: "text", selection });
    const before = model.newest("find");
    shown.snapshot = 2;
    say(before, found);
    expect(taken).toEqual([]);
    client.renew();
    for (const kind of ["find", "line", "templates", "text"] as const)
      expect(model.newest(kind)).toMatchObject({ kind, snapshot: 2 });
    say(model.newest("find"), found);
    expect([taken, client.waiting("find")]).toEqual([["find: found"], undefined]);
  });

  it("asks nothing again that has its answer, nor what others ask anew", () => {
    const { client, model, shown, say } = asking();
    client.ask(find);
    say(model.newest("find"), found);
    client.ask(ask("a"));
    client.ask({ kind: "refresh" });
    shown.snapshot = 2;
    client.renew();
    expect(model.asked.map(({ kind }) => kind)).toEqual(["find", "query", "refresh"]);
  });
});

it("a client that is closed takes nothing any more", () => {
  const { client, model, say, taken } = asking();
  client.ask(ask("a"));
  client.close();
  say(model.newest("query"), result(9));
  expect([taken, client.waiting("query")]).toEqual([[], undefined]);
});
