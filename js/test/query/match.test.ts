/** Which lines fit a filter text, and what is marked in them. */

import { describe, expect, it } from "vitest";
import { isPlainText, type Known, markers, matcher } from "../../src/query/match";
import { parseQuery, read } from "../../src/query/parse";
import { linesOf, queryOf, rowOf, SHARED } from "../filter-cases";
import { line } from "../samples";

const finding = SHARED.cases.filter(({ hits }) => hits);

describe("a filter text", () => {
  it("finds what the cases shared with Python say", () => {
    expect(finding.length).toBeGreaterThan(100);
    for (const each of finding) {
      const lines = linesOf(each);
      const known: Known = {
        run: (index) => lines[index]?.run ?? null,
        attempt: (index) => lines[index]?.attempt ?? null,
      };
      const fits = matcher(queryOf(each), known);
      const hits = lines.map(rowOf).filter(fits);
      expect({ ...each, hits: hits.map(([seq]) => seq) }).toEqual(each);
    }
  });

  it("finds no attempt where none is known", () => {
    const fits = matcher(parseQuery("attempt>=0"));
    expect(fits(line(0), 0)).toBe(false);
    expect(matcher(parseQuery("-attempt:1"))(line(0), 0)).toBe(true);
  });
});

describe("what is marked", () => {
  const marked = (query: string, text: string, most = 200) =>
    markers(parseQuery(query)).map((marker) =>
      marker(text, most).map(({ from, to }) => text.slice(from, to)),
    );

  it("is each word and expression that is looked for, whatever its case", () => {
    expect(marked("ß -b /s+t/ task:x level:error", "Straẞe sſT")).toEqual([["ẞ"], ["St", "sſT"]]);
  });

  it("is as many places as there may be, and no more", () => {
    expect(marked("a /b/", "a b ".repeat(500), 3)).toEqual([
      ["a", "a", "a"],
      ["b", "b", "b"],
    ]);
  });
});

describe("a text of words alone", () => {
  it.each([
    ["reset", true],
    ['reset "by peer" /x+/', true],
    ["reset level:error", false],
    ["-reset", false],
    ["", false],
  ])("hides no line: %s", (text, isPlain) => {
    expect(isPlainText(read(text))).toBe(isPlain);
  });
});
