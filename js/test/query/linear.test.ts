/** Regular expressions in time that grows with the text alone. */

import { describe, expect, it } from "vitest";
import { LinearRegExp } from "../../src/query/linear";
import { translated } from "../../src/query/pattern";
import { type Random, random } from "../random";

const PIECES = "a b . \\d [ab] [^a] ^ $ \\b \\w x é 😀 \\. \\s".split(" ");
const TIMES = ["", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}", "*?", "+?"];
const TEXTS = "a ab abb ba bab xx a.b 12 ab12 é aé 😀😀 a😀b".split(" ").concat("", "a b", "x\ny");

function someExpression(from: Random, depth = 0): string {
  let written = "";
  for (let i = from.below(3); i >= 0; i--) {
    const isGroup = depth < 2 && from.next() < 0.3;
    const inner = () => someExpression(from, depth + 1);
    const piece = isGroup ? `(${inner()}|${inner()})` : from.oneOf(PIECES);
    written += piece + (/^(\^|\$|\\b)$/.test(piece) ? "" : from.oneOf(TIMES));
  }
  return written;
}

const expression = (source: string) => new LinearRegExp(translated(source, 0));
const found = (source: string, text: string, most = 200) =>
  expression(source)
    .matches(text, most)
    .map(({ from, to }) => text.slice(from, to));

/** The longest match from each place on, one after the other, by trying every end with the browser's own engine. */
function slowly(source: string, text: string): string[] {
  const pattern = translated(source, 0);
  const characters = [...text];
  const matches: string[] = [];
  for (let from = 0; from < characters.length; from++) {
    let to = characters.length;
    while (to > from && !isWhole(pattern, characters, from, to)) to--;
    if (to === from) continue;
    matches.push(characters.slice(from, to).join(""));
    from = to - 1;
  }
  return matches;
}

/** Whether an expression fits exactly the characters between two places. */
function isWhole(pattern: string, characters: readonly string[], from: number, to: number) {
  const after = characters.length - to;
  const exactly = `(?<=^[^]{${from}})(?:${pattern})(?=[^]{${after}}$)`;
  return new RegExp(exactly, "u").test(characters.join(""));
}

describe("an expression", () => {
  it("is found where the browser's own engine finds it", () => {
    const from = random(7);
    for (let i = 0; i < 1000; i++) {
      const source = someExpression(from);
      const own = new RegExp(translated(source, 0), "u");
      const linear = expression(source);
      for (const text of TEXTS)
        expect([source, text, linear.test(text)]).toEqual([source, text, own.test(text)]);
    }
  });

  it("is marked from its first place to its longest end, one match after the other", () => {
    const from = random(11);
    for (let i = 0; i < 300; i++) {
      const source = someExpression(from);
      for (const text of TEXTS)
        expect([source, text, found(source, text)]).toEqual([source, text, slowly(source, text)]);
    }
  });

  it("marks every match up to a number, and none that is empty", () => {
    expect(found("r\\w+t", "Reset, resets: rt RESORT")).toEqual(["Reset", "reset", "RESORT"]);
    expect(found("a", "aaaa", 2)).toEqual(["a", "a"]);
    expect(found("x*", "abc")).toEqual([]);
    expect(found("\\bin\\b", "in bin in")).toEqual(["in", "in"]);
    expect(found("é+", "😀éé")).toEqual(["éé"]);
  });

  it("goes on when it has met more states than it keeps", () => {
    const many = expression("(a|b)*a(a|b){12}c");
    const from = random(3);
    const text = Array.from({ length: 20_000 }, () => from.oneOf(["a", "b"])).join("");
    expect(many.test(text)).toBe(false);
    expect(many.test(`${text}a${"b".repeat(12)}c`)).toBe(true);
  });
});

describe("the time of an expression", () => {
  /** Milliseconds of the processor, which nothing else has: the least of some tries. */
  function least(work: () => unknown): number {
    const times = Array.from({ length: 5 }, () => {
      const begun = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(begun);
      return (user + system) / 1000;
    });
    return Math.min(...times);
  }

  it.each([
    [".*error", "x"],
    ["x*x*x*y", "x"],
    ["(a+)+b", "a"],
    ["(x+x+)+y", "x"],
    ["(x.*y)?", "x"],
    ["x|x.*y", "x"],
    ["^(\\w+\\s?)*$", "word "],
  ])("/%s/ grows with the text, and not faster", (source, piece) => {
    const text = piece.repeat(60_000 / piece.length);
    const linear = expression(source);
    linear.matches(text, 20);
    for (const search of [
      (part: string) => linear.test(part),
      (part: string) => linear.matches(part, 20),
    ]) {
      const short = least(() => search(text.slice(0, 15_000)));
      const long = least(() => search(text));
      // Four times the text takes some four times as long; with its square it would be 16.
      expect(long).toBeLessThan(8 * short + 10);
    }
  });
});
