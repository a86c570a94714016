/** What could stand at the caret of a filter text. */

import { describe, expect, it } from "vitest";
import { complete } from "../../src/engine/complete";

const LEVELS = new Map([
  [20, 70],
  [40, 3],
  [30, 1],
]);
const NAMES = {
  task: new Map<string | null, number>([
    ["load", 50],
    ["load[7]", 2],
    ["tidy up", 1],
    [null, 9],
  ]),
  logger: new Map<string | null, number>([["prefect.flow", 62]]),
};
const at = (text: string, caret = text.length) => complete(text, caret, LEVELS, NAMES);
const texts = (text: string, caret?: number) => at(text, caret).items.map(([words]) => words);

describe("at the caret", () => {
  it("keys stand that begin as what is typed, with an example", () => {
    expect(at("reset ta")).toEqual({
      start: 6,
      end: 8,
      items: [["task:", 'task:load, task="load[7]"']],
    });
    expect(texts("")).toEqual(["level:", "task:", "logger:", "attempt:", "time:"]);
  });

  it("levels stand with how many lines they let through", () => {
    expect(at("level>=w").items).toEqual([["level>=warning", "4 lines"]]);
    expect(at("LEVEL:e").items).toEqual([["level:error", "3 lines"]]);
    expect(at("level<i").items).toEqual([["level<info", "0 lines"]]);
  });

  it("names stand in quotes that have what is typed in them, and those that have none", () => {
    expect(texts("task:OA")).toEqual(['task="load"', 'task="load[7]"']);
    expect(texts('task="tidy u')).toEqual(['task="tidy up"']);
    expect(texts("task:")).toContain('task=""');
    expect(at("logger:fl").items).toEqual([['logger="prefect.flow"', "62 lines"]]);
  });

  it("what is negated stays negated, and what stands there already is not proposed", () => {
    expect(at("-ta")).toMatchObject({ start: 1, end: 3, items: [["task:", expect.anything()]] });
    expect(texts('task="load"')).toEqual(['task="load[7]"']);
  });

  it("only the term that the caret touches counts", () => {
    expect(at("level:error ta reset", 14)).toMatchObject({ start: 12, end: 14 });
    expect(at("a  b", 2)).toMatchObject({ start: 2, end: 2 });
    expect(texts("/ta/")).toEqual([]);
    expect(at("ta", 99)).toMatchObject({ start: 0, end: 2 });
  });

  it("at most twelve stand there", () => {
    const task = new Map(Array.from({ length: 50 }, (_, i) => [`load[${i}]`, 1] as const));
    expect(complete("task:lo", 7, LEVELS, { ...NAMES, task }).items).toHaveLength(12);
  });
});
