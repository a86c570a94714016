/** What a row shows of a message, and its pieces. */

import { describe, expect, it } from "vitest";
import { firstLine, glimpse, isCut, jsonOf, piecesOf, trimmedEnd } from "../../src/format/message";
import { markers } from "../../src/query/match";
import { parseQuery } from "../../src/query/parse";
import { line } from "../samples";

const marking = (text: string) => markers(parseQuery(text));

describe("a message in a row", () => {
  it("shows its first line and counts the others", () => {
    expect(glimpse(line(1, "one\r\ntwo\nthree\n"))).toEqual({
      first: "one",
      more: "3 lines",
      isTraceback: false,
    });
  });

  it("says how many characters were cut, where nobody knows how many lines", () => {
    expect(glimpse(line(1, "abc", { length: 10 })).more).toBe("+7 characters");
    expect(glimpse(line(1, "a\nb", { length: 10 })).more).toBe("+9 characters");
    expect(glimpse(line(1, "abc")).more).toBeNull();
    expect([isCut(line(1, "😀😀")), isCut(line(1, "😀😀", { length: 3 }))]).toEqual([false, true]);
  });

  it("says what was raised, where it is a traceback alone", () => {
    const trace = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1';
    expect(glimpse(line(1, trace))).toEqual({
      first: "KeyError: 1",
      more: "3 lines",
      isTraceback: true,
    });
    expect(glimpse(line(1, `Failed\n${trace}`))).toMatchObject({
      first: "Failed",
      isTraceback: true,
    });
    expect(glimpse(line(1, trace, { length: 999 })).first).toBe(
      "Traceback (most recent call last):",
    );
  });

  it("shows the first fields of JSON on one line", () => {
    expect(glimpse(line(1, '{"a": 1, "b": [2], "c": 3, "d": 4}'))).toMatchObject({
      first: '{ "a": 1, "b": [ 2 ], "c": 3 }',
      more: "1 more key",
    });
    expect(glimpse(line(1, "[1,2,3,4,5]"))).toMatchObject({
      first: "[ 1, 2, 3 ]",
      more: "2 more items",
    });
    expect(glimpse(line(1, '{"a": 1}')).more).toBeNull();
    expect(glimpse(line(1, '{\n"a": 1\n}'))).toMatchObject({ first: '{ "a": 1 }', more: "unfold" });
    expect(glimpse(line(1, '{"a": 1')).more).toBeNull();
  });
});

describe("JSON", () => {
  it("is an object or a list", () => {
    expect(jsonOf(' {"a": 1}')).toEqual({ a: 1 });
    expect([jsonOf("1"), jsonOf('"a"'), jsonOf("{a}"), jsonOf("null")]).toEqual(
      new Array(4).fill(undefined),
    );
  });
});

describe("the pieces of a message", () => {
  const said = (text: string, query: string, room?: number) =>
    piecesOf(text, query ? marking(query) : [], room).map(({ text: piece, isHit }) =>
      isHit ? `[${piece}]` : piece,
    );

  it("are those that are found, and the rest between them", () => {
    expect(said("Connection reset by peer", "reset /p\\w+/")).toEqual([
      "Connection ",
      "[reset]",
      " by ",
      "[peer]",
    ]);
  });

  it("are found across a change of colour", () => {
    expect(piecesOf("re\x1b[31mset", marking("reset"))).toMatchObject([
      { text: "re", style: "", isHit: true },
      { text: "set", style: "ansi-failed", isHit: true },
    ]);
  });

  it("keep the first hit in sight where there is little room", () => {
    const text = `${"a".repeat(60)} reset`;
    expect(said(text, "reset", 30)).toEqual(["a".repeat(15), "…", "[reset]"]);
    expect(said(text, "", 30)).toEqual([text]);
  });

  it("have addresses as links, without the full stop behind them", () => {
    const pieces = piecesOf("see https://a.example/x?y=1. or ftp://b", []);
    expect(pieces.map(({ text, link }) => [text, link])).toEqual([
      ["see ", null],
      ["https://a.example/x?y=1", "https://a.example/x?y=1"],
      [". or ftp://b", null],
    ]);
  });

  it("are put together the whole text, whatever is marked", () => {
    const text = "a \x1b[1mbold\x1b[0m https://x.example/b b";
    expect(
      piecesOf(text, marking("b /o/"))
        .map((piece) => piece.text)
        .join(""),
    ).toBe("a bold https://x.example/b b");
  });

  it("end somewhere where a text has very many hits", () => {
    expect(piecesOf("ab".repeat(5000), marking("a")).filter(({ isHit }) => isHit)).toHaveLength(
      200,
    );
  });
});

it("trims the end in time that grows with the text", () => {
  expect(trimmedEnd("a\n\n\n", "\n")).toBe("a");
  expect(trimmedEnd("\n", "\n")).toBe("");
  expect(firstLine("\x1b[31ma\x1b[0m\nb")).toBe("a");
});
