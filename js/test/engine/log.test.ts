/** A log that the page holds answers: which lines fit, how they are shown, and where the next one is. */

import { describe, expect, it } from "vitest";
import { begunOf } from "../../src/engine/attempts";
import { done, Log, type LogFacts, lengthOf } from "../../src/engine/log";
import type { Ask, Item, LogQuery, LogRow, QueryResult, Say } from "../../src/protocol/wire";
import { isGap, isLine, isMissing, isRetry } from "../../src/state/row-cache";
import { random, seeds } from "../random";
import { line, lines, query } from "../samples";
import { row, second } from "../task-samples";

const WORDS = ["reset", "committed", "slow slot", "ok"];

function someRows(seed: number, count: number): LogRow[] {
  const { oneOf } = random(seed);
  return Array.from({ length: count }, (_, i) =>
    line(i, oneOf(WORDS), { level: oneOf([10, 20, 30, 40]), task: oneOf(["load", "tidy", null]) }),
  );
}

const resultOf = (log: Log, one: LogQuery, near: number | null = null) =>
  done(log.query({ kind: "query", query: one, near, count: 0 }))[0] as QueryResult;
const itemsOf = (log: Log, one: LogQuery): Item[] =>
  done(log.window({ kind: "rows", query: one, start: 0, count: 2000 })).flatMap(
    (answer) => (answer as Say<"rows">).window.items,
  );
const find = (
  log: Log,
  one: LogQuery,
  what: Ask<"find">["what"],
  at: number | null,
  step: 1 | -1 = 1,
  pins: number[] = [],
) => done(log.find({ kind: "find", query: one, what, at, step }, pins))[0];

const told = (item: Item): string | number => {
  if (isGap(item)) return `${item[1]} hidden`;
  if (isRetry(item)) return `attempt ${item[2]} of ${item[3]}`;
  if (isMissing(item)) return `${item[1]} missing`;
  return item[10] > 1 ? `${item[0]} ×${item[10]}` : item[0];
};
const list = (log: Log, one: LogQuery) => itemsOf(log, one).map(told);

/** Some queries, and which lines they mean. */
const queries = (seed: number): LogQuery =>
  query({
    text: ["reset", "level>=warning", "task:load slow", "-reset level:error", ""][seed % 5] ?? "",
    lines: (["hits", "context", "all"] as const)[seed % 3] ?? "hits",
    context: seed % 4,
    is_newest_first: seed % 7 === 0,
  });
const isMeant = ({ text }: LogQuery, [, , level, , task, , message]: LogRow): boolean =>
  ({
    reset: message.includes("reset"),
    "level>=warning": (level ?? 0) >= 30,
    "task:load slow": task === "load" && message.includes("slow"),
    "-reset level:error": level === 40 && !message.includes("reset"),
    "": true,
  })[text] ?? false;

describe("a query", () => {
  it("has the lines that fit, each once, in the order asked for", () => {
    for (const seed of seeds(60)) {
      const rows = someRows(seed, 80);
      const one = queries(seed);
      const log = new Log(rows);
      const hits = itemsOf(log, one)
        .filter(isLine)
        .filter((item) => item[9]);
      const meant = rows.filter((item) => isMeant(one, item)).map(([seq]) => seq);
      expect(hits.map(([seq]) => seq)).toEqual(one.is_newest_first ? meant.reverse() : meant);
      expect(resultOf(log, one).hits).toBe(meant.length);
    }
  });

  it("has as many items as it says, and hides no line that is not counted", () => {
    for (const seed of seeds(60)) {
      const one = { ...queries(seed), lines: "context" as const };
      const log = new Log(someRows(seed, 80));
      const items = itemsOf(log, one);
      const { total, shown, hits } = resultOf(log, one);
      expect(items).toHaveLength(total);
      expect(items.filter(isLine)).toHaveLength(shown);
      const hidden = items.filter(isGap).reduce((sum, gap) => sum + gap[1], 0);
      if (hits > 0) expect(shown + hidden).toBe(80);
    }
  });

  it("in context shows the lines round each hit, and no others", () => {
    for (const seed of seeds(60)) {
      const rows = someRows(seed, 80);
      const one = {
        ...queries(seed),
        lines: "context" as const,
        context: 2,
        is_newest_first: false,
      };
      const meant = rows.filter((item) => isMeant(one, item)).map(([seq]) => seq);
      const shown = itemsOf(new Log(rows), one).filter(isLine);
      expect(shown.map(([seq]) => seq)).toEqual(
        rows.map(([seq]) => seq).filter((seq) => meant.some((hit) => Math.abs(hit - seq) <= 2)),
      );
    }
  });

  it("shows what was opened in place, from a line on or up to it", () => {
    const log = new Log(Array.from({ length: 30 }, (_, i) => line(i, i === 15 ? "reset" : "ok")));
    const opened = query({
      text: "reset",
      lines: "context",
      context: 0,
      opened: [
        [0, 3],
        [14, -2],
        [99, 5],
      ],
    });
    expect(list(log, opened)).toEqual([0, 1, 2, "10 hidden", 13, 14, 15, "14 hidden"]);
    expect(list(log, { ...opened, is_newest_first: true, opened: [[29, 3]] })).toEqual([
      29,
      28,
      27,
      "11 hidden",
      15,
      "15 hidden",
    ]);
  });

  it("counts over time every line that fits, whatever its time", () => {
    const log = new Log(someRows(3, 80));
    const { bins } = resultOf(log, query({ text: "time:12:00:10..12:00:20", lines: "hits" }));
    const sum = (counts: number[]) => counts.reduce((all, n) => all + n, 0);
    expect(sum(bins.other) + sum(bins.warning) + sum(bins.error)).toBe(80);
  });

  it("marks the minimap where errors, warnings and hits stand", () => {
    const rows = Array.from({ length: 400 }, (_, i) =>
      line(i, i === 100 ? "reset" : "ok", { level: i === 10 ? 40 : i === 399 ? 30 : 20 }),
    );
    expect(resultOf(new Log(rows), query({ text: "reset" })).marks).toEqual({
      error: [5],
      warning: [199],
      hit: [50],
    });
    const hits = query({ text: "reset", lines: "hits" });
    expect(resultOf(new Log(rows), hits).marks).toEqual({ error: [], warning: [], hit: [] });
  });

  it("that finds nothing is given advice", () => {
    expect(resultOf(new Log(lines(0, 3)), query({ text: "task:laod" })).advice).toContain(
      "Did you mean task:load?",
    );
  });

  it("stays at a line, or goes to the first hit from it on", () => {
    const rows = Array.from({ length: 9 }, (_, i) => line(i, i % 4 === 1 ? "reset" : "ok"));
    const log = new Log(rows);
    const all = query({ text: "reset" });
    expect(resultOf(log, all, 2)).toMatchObject({ at: 2, hit: { place: 5, seq: 5, nth: 2 } });
    expect(resultOf(log, all, 8).hit).toMatchObject({ seq: 1, nth: 1 });
    expect(resultOf(log, { ...all, lines: "hits" }, 2)).toMatchObject({ at: 0 });
    const [rowsFirst] = done(log.query({ kind: "query", query: all, near: 2, count: 4 }));
    expect((rowsFirst as Say<"rows">).window.start).toBe(3);
  });
});

describe("repeated lines", () => {
  const words = "a a a b b a".split(" ");
  const log = new Log(words.map((word, i) => line(i, word)));
  const folded = query({ folds_repeats: true });

  it("are one item that says for how many it stands", () => {
    expect(list(log, folded)).toEqual(["0 ×3", "3 ×2", 5]);
    expect(resultOf(log, folded)).toMatchObject({ hits: 6, shown: 3, total: 3 });
  });

  it("are equal in message, level, task and logger", () => {
    const rows = [line(0, "x"), line(1, "x", { level: 30 }), line(2, "x", { task: "tidy" })];
    expect(list(new Log(rows), folded)).toEqual([0, 1, 2]);
    expect(list(new Log([line(0, "x", { length: 9 }), line(1, "x")]), folded)).toEqual([0, 1]);
  });

  it("are folded over hidden lines, but not over a gap that is shown", () => {
    const rows = "reset x reset reset".split(" ").map((word, i) => line(i, word));
    const some = new Log(rows);
    const hits = query({ text: "reset", lines: "hits", folds_repeats: true });
    expect(list(some, hits)).toEqual(["0 ×3"]);
    expect(list(some, { ...hits, lines: "context", context: 0 })).toEqual([0, "1 hidden", "2 ×2"]);
  });

  it("are gone through item by item, and hits are counted line by line", () => {
    const rows = "a a b a".split(" ").map((word, i) => line(i, word));
    const some = new Log(rows);
    const one = query({ text: "a", folds_repeats: true });
    expect(find(some, one, "hit", null)).toMatchObject({ place: 0, seq: 0, nth: 1 });
    expect(find(some, one, "hit", 0)).toMatchObject({ place: 2, seq: 3, nth: 3 });
    expect(find(some, { ...one, is_newest_first: true }, "hit", 3)).toMatchObject({
      seq: 0,
      nth: 2,
    });
  });

  it("lead to a pin that is folded into one, and to none that is hidden", () => {
    expect(find(log, folded, "pin", null, 1, [4])).toMatchObject({ place: 1, seq: 3 });
    const hits = query({ text: "a", lines: "hits", folds_repeats: true });
    expect(find(log, hits, "pin", null, 1, [4])).toMatchObject({ place: null });
    const nothing = query({ text: "zzz", lines: "hits", folds_repeats: true });
    expect(find(log, nothing, "pin", null, 1, [4])).toMatchObject({ place: null });
  });

  it("are each copied, and each in a file", () => {
    expect(done(log.shown(folded)).map(([seq]) => seq)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe("attempts", () => {
  const tasks = [
    row("load", {
      attempts: 2,
      spans: [second(0), second(2), 2, second(2), second(4), 3, second(4), second(9), 1],
    }),
  ];
  const rows = lines(0, 8);
  const log = new Log(rows, begunOf(tasks, rows));

  it("are divided, and can be asked for", () => {
    expect(list(log, query())).toEqual([0, 1, 2, 3, "attempt 2 of 2", 4, 5, 6, 7]);
    expect(list(log, query({ text: "attempt:1", lines: "hits" }))).toEqual([0, 1, 2, 3]);
  });
});

describe("a log of which only some lines are there", () => {
  const held = [5, 6, 7, 40, 41].map((seq) => line(seq));
  const log = new Log(held, { total: 100 });

  it("says what is missing between them where all lines are shown", () => {
    expect(list(log, query())).toEqual(["5 missing", 5, 6, 7, "32 missing", 40, 41, "58 missing"]);
    expect(list(log, query({ text: "message", lines: "hits" }))).toEqual([5, 6, 7, 40, 41]);
  });

  it("says how many were searched, and gives no whole file", () => {
    expect(resultOf(log, query()).searched).toBe(5);
    expect([log.isComplete, log.isWhole]).toEqual([false, false]);
    expect(new Log(held).isWhole).toBe(true);
    expect(new Log([line(0, "abc", { length: 6 })]).isWhole).toBe(false);
    expect(resultOf(new Log(held), query())).not.toHaveProperty("searched");
  });
});

describe("the next one", () => {
  const rows = ["ok", "reset", "ok", "reset", "ok"].map((word, i) =>
    line(i, word, { level: i === 4 ? 40 : 20, at: [10, 20, 30, 40, 50][i] as number }),
  );
  const log = new Log(rows);
  const one = query({ text: "reset", lines: "hits" });

  it("is found round the end, either way", () => {
    expect(find(log, one, "hit", null)).toMatchObject({ place: 0, seq: 1, nth: 1 });
    expect(find(log, one, "hit", 1)).toMatchObject({ place: 1, seq: 3, nth: 2 });
    expect(find(log, one, "hit", 3)).toMatchObject({ place: 0, seq: 1, nth: 1 });
    expect(find(log, one, "hit", 1, -1)).toMatchObject({ place: 1, seq: 3, nth: 2 });
    expect(find(log, one, "hit", 99)).toMatchObject({ seq: 1 });
  });

  it("is the one below it where the newest are first", () => {
    const newest = { ...one, is_newest_first: true };
    expect(find(log, newest, "hit", 3)).toMatchObject({ place: 1, seq: 1, nth: 2 });
  });

  it("error, or pin, is one that is shown", () => {
    expect(find(log, one, "error", null)).toMatchObject({ place: null, seq: null, nth: null });
    expect(find(log, query(), "error", null)).toMatchObject({ place: 4, nth: 1 });
    expect(find(log, query(), "pin", null, 1, [2, 77])).toMatchObject({ place: 2, nth: 1 });
    expect(find(log, one, "pin", null, 1, [2])).toMatchObject({ place: null });
  });

  it("line from a time on, or nearest to a line that is hidden", () => {
    expect(find(log, query(), "time", 15)).toMatchObject({ place: 1, seq: 1 });
    expect(find(log, query(), "time", 20)).toMatchObject({ place: 1, seq: 1 });
    expect(find(log, query(), "time", 99)).toMatchObject({ place: 4, seq: 4 });
    expect(find(log, one, "line", 0)).toMatchObject({ place: 0, seq: 1, nth: 1 });
    expect(find(log, one, "line", 77)).toMatchObject({ place: null });
    expect(find(log, query({ text: "reset" }), "line", 0)).toMatchObject({ place: 0, nth: null });
  });

  it("is found by arrival numbers that are out of order", () => {
    const turned = new Log(
      [line(7, "a"), line(3, "reset"), line(5, "b")].map((item, i) => {
        const next = [...item] as LogRow;
        next[8] = i;
        return next;
      }),
    );
    expect(find(turned, query(), "line", 5)).toMatchObject({ place: 2, seq: 5 });
  });
});

describe("lines", () => {
  it("are given whole where they are held whole", () => {
    const log = new Log([line(0, "abc", { length: 6 }), line(1, "🦩 whole")]);
    expect(log.line({ kind: "line", seq: 0 })).toEqual([]);
    expect(log.line({ kind: "line", seq: 1 })).toEqual([
      { kind: "line", seq: 1, message: "🦩 whole" },
    ]);
  });

  it("travel cut, and say how long they are", () => {
    const [item] = itemsOf(new Log([line(0, "😀".repeat(1500))]), query()) as [LogRow];
    expect([[...item[6]].length, item[7]]).toEqual([1000, 1500]);
  });

  it("that are chosen are copied in the order shown, without what is no line", () => {
    const log = new Log(lines(0, 9), { total: 20 });
    const selection = { query: query({ is_newest_first: true }), from: 0, to: 2 };
    const [answer, buffer] = done(log.text({ kind: "text", selection }));
    expect(answer).toEqual({ kind: "text", part: 0, parts: 1, lines: 2 });
    const words = new TextDecoder().decode(buffer).split("\n");
    expect(words.map((one) => one.split(": ").at(-1))).toEqual(["message 8", "message 7", ""]);
  });

  it("have a length in characters, where a pair counts once", () => {
    expect(["a", "é", "😀a", "\udc00"].map(lengthOf)).toEqual([1, 1, 2, 0]);
  });
});

describe("patterns", () => {
  const facts: LogFacts = {
    templates: [
      ["message <int>", "/message/"],
      ["never", "/never/"],
      ["rare", "/rare/"],
    ],
    patterns: [0, 0, 2, -1, 0],
  };
  const rows = lines(0, 5).map(
    (item, i) => item.with(2, [20, 40, 30, 20, null][i] ?? null) as LogRow,
  );
  const log = new Log(rows, facts);
  const templates = (one: LogQuery, most = 9) =>
    done(log.templates({ kind: "templates", query: one }, most))[0];

  it("are those of the lines that match, the most frequent first", () => {
    expect(templates(query())).toEqual({
      kind: "templates",
      lines: 5,
      rows: [
        ["message <int>", 3, second(0), second(4), 40, "/message/"],
        ["rare", 1, second(2), second(2), 30, "/rare/"],
      ],
    });
    expect(templates(query({ text: "level:warning", lines: "hits" }))).toMatchObject({
      lines: 1,
      rows: [["rare", 1, second(2), second(2), 30, "/rare/"]],
    });
    expect(templates(query(), 1)).toMatchObject({ rows: [expect.anything()] });
  });

  it("are not known where they did not travel with the lines", () => {
    expect([log.hasTemplates, new Log(rows).hasTemplates]).toEqual([true, false]);
  });
});

it("what is found is kept for the last few queries", () => {
  const log = new Log(someRows(1, 5000));
  const steps = (one: LogQuery) => {
    const work = log.window({ kind: "rows", query: one, start: 0, count: 1 });
    let n = 0;
    while (!work.next().done) n++;
    return n;
  };
  const one = query({ text: "reset" });
  expect([steps(one), steps({ ...one })]).toEqual([2, 0]);
  for (const text of ["a", "b", "c", "d"]) steps(query({ text }));
  expect(steps(one)).toBe(2);
});

it("names at the caret are those of the log, the most frequent first", () => {
  const log = new Log([line(0, "x", { task: "tidy" }), line(1), line(2)]);
  const [answer] = log.suggest({ kind: "suggest", text: "task:", caret: 5 });
  expect(answer).toMatchObject({
    items: [
      ['task="load"', "2 lines"],
      ['task="tidy"', "1 line"],
    ],
  });
});
