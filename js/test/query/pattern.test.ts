/** Regular expressions as RE2 reads them, with case ignored. */

import { describe, expect, it } from "vitest";
import { translated } from "../../src/query/pattern";
import { QuerySyntaxError } from "../../src/query/terms";

const finds = (source: string, text: string) =>
  new RegExp(translated(source, 0), "u").exec(text)?.[0];

describe("an expression", () => {
  it.each([
    ["reset", "RESET", "RESET"],
    ["straße", "STRAẞE", "STRAẞE"],
    ["[k-m]", "K", "K"],
    ["\\w+", "größe", "gr"],
    ["\\d", "٣", undefined],
    ["\\bin", "ßin", "in"],
    [".", "\n", undefined],
    ["a.c", "a\u2028c", "a\u2028c"],
    ["\\s", "\u00a0", undefined],
    ["[^a]", "A", undefined],
    ["\\x41+", "aA", "aA"],
    ["a{2}", "aaa", "aa"],
  ])("/%s/ in %j finds %j", (source, text, found) => {
    expect(finds(source, text)).toBe(found);
  });

  it.each([
    ["(a", 0],
    ["a)", 1],
    ["[a", 0],
    ["[]]", 0],
    ["a\\", 1],
    ["*a", 0],
    ["a**", 2],
    ["a{2,1}", 1],
    ["(?=a)", 0],
    ["(?i)a", 0],
    ["\\1", 0],
    ["\\p{L}", 0],
    ["[z-a]", 0],
  ])("/%s/ is refused, and where is said", (source, position) => {
    try {
      translated(source, 100);
    } catch (error) {
      if (!(error instanceof QuerySyntaxError)) throw error;
      expect(error.position).toBe(100 + position);
      return;
    }
    expect.fail("nothing was refused");
  });

  it("may be large, but not without bounds", () => {
    expect(translated("a{1000}", 0)).toContain("{1000}");
    expect(() => translated("(a{100}){100}", 0)).toThrow("too long");
    expect(() => translated("(".repeat(51) + ")".repeat(51), 0)).toThrow("too long");
  });
});
