import { describe, expect, it } from "vitest";
import { translated } from "../src/core/query/pattern";
import { finder } from "../src/page/automaton";
import { numbers } from "./task-rows";

const PIECES = [
  "a",
  "b",
  ".",
  "\\d",
  "[ab]",
  "[^a]",
  "^",
  "$",
  "\\b",
  "\\w",
  "x",
  "é",
  "😀",
  "\\.",
];
const TIMES = ["", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}", "*?", "+?"];
const TEXTS = "a ab abb ba bab xx a.b 12 ab12 é aé 😀😀 a😀b".split(" ").concat("", "a b", "x\ny");

function someExpression(next: () => number, depth = 0): string {
  const one = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const count = 1 + Math.floor(next() * 3);
  let written = "";
  for (let i = 0; i < count; i++) {
    const isGroup = depth < 2 && next() < 0.3;
    const inner = () => someExpression(next, depth + 1);
    const piece = isGroup ? `(${inner()}|${inner()})` : one(PIECES);
    written += piece + (/^(\^|\$|\\b)$/.test(piece) ? "" : one(TIMES));
  }
  return written;
}

describe("an expression that is gone through all ways at once", () => {
  it("finds what the browser's own engine finds", () => {
    const random = numbers(7);
    const next = () => random.next().value as number;
    for (let i = 0; i < 1000; i++) {
      const source = someExpression(next);
      const own = new RegExp(translated(source, 0), "u");
      const finds = finder(source);
      for (const text of TEXTS)
        expect([source, text, finds(text)]).toEqual([source, text, own.test(text)]);
    }
  });

  it("ends where that one would not", () => {
    const finds = finder("(x+x+)+y");
    expect(finds("x".repeat(5000))).toBe(false);
    expect(finds(`${"x".repeat(5000)}y`)).toBe(true);
  });
});
