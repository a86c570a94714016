import { describe, expect, it } from "vitest";
import { isGap, isLine } from "../src/core/items";
import { type AnswerBody, type Local, localOf } from "../src/core/local";
import type { Item, LogRow, Look } from "../src/core/wire";
import { line, look } from "./sample";
import { numbers } from "./task-rows";

const CLOCK = { tz: "UTC", firstDay: "2026-11-21" };
const WORDS = ["reset", "committed", "slow slot", "ok"];
const LEVELS = [10, 20, 30, 40];
const TASKS = ["load", "tidy", null];

function someRows(seed: number, count: number): LogRow[] {
  const random = numbers(seed);
  const one = <T>(list: readonly T[]): T =>
    list[Math.floor(random.next().value * list.length)] as T;
  return Array.from({ length: count }, (_, i) =>
    line(i, one(WORDS), { level: one(LEVELS), task: one(TASKS) }),
  );
}

const said = <K extends AnswerBody["kind"]>(local: Local, asked: object, kind: K) =>
  local.answer(asked as never).filter((one) => one.kind === kind) as Extract<
    AnswerBody,
    { kind: K }
  >[];
const see = (local: Local, one: Look, near: number | null = null) =>
  said(local, { kind: "look", look: one, near, count: 60 }, "looked")[0] as Extract<
    AnswerBody,
    { kind: "looked" }
  >;
const itemsOf = (local: Local, one: Look): Item[] =>
  said(local, { kind: "rows", look: one, start: 0, count: 1e6 }, "rows").flatMap(
    ({ window }) => window.items,
  );
const find = (local: Local, one: Look, what: string, at: number | null, step = 1) =>
  said(local, { kind: "find", look: one, what, at, step }, "found")[0];

const seeds = Array.from({ length: 60 }, (_, i) => i + 1);
const looks = (seed: number): Look =>
  look({
    text: ["reset", "level>=warning", "task:load slow", "-reset level:error", ""][seed % 5] ?? "",
    context: [null, 0, 1, 2][seed % 4] ?? null,
    is_newest_first: seed % 3 === 0,
  });
const isMeant = ({ text }: Look, [, , level, , task, , message]: LogRow): boolean =>
  ({
    reset: message.includes("reset"),
    "level>=warning": (level ?? 0) >= 30,
    "task:load slow": task === "load" && message.includes("slow"),
    "-reset level:error": level === 40 && !message.includes("reset"),
    "": true,
  })[text] ?? false;

describe("the lines held here answer", () => {
  it("with the lines that fit, each once, in the order asked for", () => {
    for (const seed of seeds) {
      const rows = someRows(seed, 80);
      const one = looks(seed);
      const local = localOf(rows, 80, CLOCK);
      const hits = itemsOf(local, one)
        .filter(isLine)
        .filter((row) => row[9]);
      const meant = rows.filter((row) => isMeant(one, row)).map(([seq]) => seq);
      expect(hits.map(([seq]) => seq)).toEqual(one.is_newest_first ? meant.reverse() : meant);
      expect(see(local, one).hits).toBe(meant.length);
    }
  });

  it("with as many items as they say, and hide no line that they do not count", () => {
    for (const seed of seeds) {
      const one = { ...looks(seed), context: seed % 3 };
      const local = localOf(someRows(seed, 80), 80, CLOCK);
      const items = itemsOf(local, one);
      const { total, shown, hits } = see(local, one);
      expect(items).toHaveLength(total);
      expect(items.filter(isLine)).toHaveLength(shown);
      const hidden = items.filter(isGap).reduce((sum, gap) => sum + gap[1], 0);
      if (hits > 0) expect(shown + hidden).toBe(80);
    }
  });

  it("with the lines round a hit, and no others", () => {
    for (const seed of seeds) {
      const rows = someRows(seed, 80);
      const one = { ...looks(seed), context: 2, is_newest_first: false };
      const meant = rows.filter((row) => isMeant(one, row)).map(([seq]) => seq);
      const shown = itemsOf(localOf(rows, 80, CLOCK), one).filter(isLine);
      expect(shown.map(([seq]) => seq)).toEqual(
        rows.map(([seq]) => seq).filter((seq) => meant.some((hit) => Math.abs(hit - seq) <= 2)),
      );
    }
  });

  it("with what was opened in place, from a line on or up to it", () => {
    const rows = Array.from({ length: 30 }, (_, i) => line(i, i === 15 ? "reset" : "ok"));
    const local = localOf(rows, 30, CLOCK);
    const opened = look({
      text: "reset",
      context: 0,
      opened: [
        [0, 3],
        [14, -2],
      ],
    });
    expect(
      itemsOf(local, opened).map((item) => (isLine(item) ? item[0] : `${item[1]} hidden`)),
    ).toEqual([0, 1, 2, "10 hidden", 13, 14, 15, "14 hidden"]);
  });

  it("where the next one is, round the end", () => {
    const rows = ["ok", "reset", "ok", "reset", "ok"].map((word, i) => line(i, word));
    const local = localOf(rows, 5, CLOCK);
    const one = look({ text: "reset" });
    expect(find(local, one, "hit", null)).toMatchObject({ place: 0, seq: 1, nth: 1 });
    expect(find(local, one, "hit", 1)).toMatchObject({ place: 1, seq: 3, nth: 2 });
    expect(find(local, one, "hit", 3)).toMatchObject({ place: 0, seq: 1, nth: 1 });
    expect(find(local, one, "hit", 1, -1)).toMatchObject({ place: 1, seq: 3, nth: 2 });
    const newest = { ...one, is_newest_first: true };
    expect(find(local, newest, "hit", 3)).toMatchObject({ place: 1, seq: 1, nth: 2 });
    expect(find(local, one, "error", null)).toMatchObject({ place: null, seq: null, nth: null });
    expect(see(local, one, 2).at).toBe(0);
  });

  it("a time with the first line from then on", () => {
    const rows = [10, 20, 30].map((at, i) => line(i, "ok", { at }));
    const local = localOf(rows, 3, CLOCK);
    expect(find(local, look(), "time", 15)).toMatchObject({ place: 1, seq: 1 });
    expect(find(local, look(), "time", 99)).toMatchObject({ place: 2, seq: 2 });
  });

  it("every line at its own place where only some are held", () => {
    const held = [5, 6, 7, 40, 41].map((seq) => line(seq));
    const local = localOf(held, 100, CLOCK);
    const windows = said(local, { kind: "rows", look: look(), start: 6, count: 50 }, "rows");
    expect(windows.map(({ window }) => [window.start, window.items.length])).toEqual([
      [6, 2],
      [40, 2],
    ]);
    expect(see(local, look()).total).toBe(100);
  });

  it("counts over time of all that fit, whatever their time", () => {
    const rows = someRows(3, 80);
    const { bins } = see(localOf(rows, 80, CLOCK), look({ text: "time:12:00:10..12:00:20" }));
    const sum = (list: number[]) => list.reduce((all, n) => all + n, 0);
    expect(sum(bins.other) + sum(bins.warning) + sum(bins.error)).toBe(80);
    expect(bins.at).toHaveLength(bins.other.length + 1);
  });

  it("a whole message only if it is held whole", () => {
    const local = localOf([line(0, "abc", { length: 6 }), line(1, "🦩 whole")], 2, CLOCK);
    expect(local.answer({ kind: "line", seq: 0 })).toEqual([]);
    expect(local.answer({ kind: "line", seq: 1 })).toEqual([
      { kind: "line", seq: 1, message: "🦩 whole" },
    ]);
  });
});
