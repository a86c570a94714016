import { describe, expect, it } from "vitest";
import { plainOf, runsOf } from "../src/core/ansi";
import { safeLink } from "../src/core/links";
import { glimpse } from "../src/core/message";
import { errorParts, tracebackOf } from "../src/core/traceback";
import { line } from "./sample";

describe("terminal text", () => {
  it("becomes runs of one style", () => {
    expect(runsOf("\x1b[1;32m✓\x1b[0m staged \x1b[36morders\x1b[0m")).toEqual([
      { text: "✓", style: "hue c-done a-bold" },
      { text: " staged ", style: "" },
      { text: "orders", style: "hue c-cached" },
    ]);
  });
  it("keeps its hue in the long spellings", () => {
    expect(runsOf("\x1b[38;5;196mx")[0]?.style).toBe("hue c-failed");
    expect(runsOf("\x1b[38;2;40;200;60mx")[0]?.style).toBe("hue c-done");
    expect(runsOf("\x1b[38:5:33mx")[0]?.style).toBe("hue c-running");
    expect(runsOf("\x1b[48;5;196;1mx")[0]?.style).toBe("a-bold");
    expect(runsOf("\x1b[mx")[0]?.style).toBe("");
  });
  it("loses every other escape sequence", () => {
    expect(plainOf("a\x1b[2Jb\x1b[10;5Hc\x1b]0;title\x07d\x1b(Be\x1b7f")).toBe("abcdef");
    expect(plainOf("see \x1b]8;;javascript:alert(1)\x1b\\here\x1b]8;;\x1b\\.")).toBe("see here.");
    expect(plainOf("\x9b31mred\x1b")).toBe("red");
  });
  it("shows control characters as pictures", () => {
    expect(plainOf("a\x00b\x07c\rd\x7f\r\n\te")).toBe("a␀b␇c␍d␡\n\te");
  });
  it("that is unfinished takes nothing else away", () => {
    expect(plainOf("before \x1b[3")).toContain("before ");
    expect(plainOf("a\x1b]0;never ended")).toBe("a0;never ended");
    expect(plainOf("x".repeat(50_000))).toHaveLength(50_000);
  });
});

describe("a message in a row", () => {
  it("shows its first line and counts the others", () => {
    expect(glimpse(line(1, "one\ntwo\nthree\n"))).toEqual({
      first: "one",
      more: "3 lines",
      isTraceback: false,
    });
  });
  it("says how many characters were cut", () => {
    expect(glimpse(line(1, "abc", { length: 10 })).more).toBe("+7 characters");
    expect(glimpse(line(1, "a\nb", { length: 10 })).more).toBe("≥ 2 lines");
    expect(glimpse(line(1, "abc")).more).toBeNull();
  });
  it("tells a traceback", () => {
    expect(glimpse(line(1, "E\nTraceback (most recent call last):\n  …")).isTraceback).toBe(true);
  });
});

describe("a traceback", () => {
  const lines = [
    "Traceback (most recent call last):",
    '  File "a.py", line 1, in f',
    "    g()",
    '  File "b.py", line 2, in g',
    "    raise Exception",
    "    ^^^^^",
    "Exception: no",
  ];
  it("falls into frames, without its head line", () => {
    expect(tracebackOf(lines)).toEqual({
      before: [],
      frames: [
        { where: 'File "a.py", line 1, in f', code: ["    g()"] },
        { where: 'File "b.py", line 2, in g', code: ["    raise Exception", "    ^^^^^"] },
      ],
      after: ["Exception: no"],
    });
  });
  it("that is none is kept as it is", () => {
    expect(tracebackOf(["exit code 1"])).toEqual({
      before: ["exit code 1"],
      frames: [],
      after: [],
    });
  });
  it("has the error's name apart from its words", () => {
    expect(errorParts("ConnectionResetError: [Errno 104] x")).toEqual([
      "ConnectionResetError",
      ": [Errno 104] x",
    ]);
    expect(errorParts("the flow stopped: no")).toEqual(["", "the flow stopped: no"]);
  });
});

describe("links", () => {
  it("lead to http and https only", () => {
    expect(safeLink("https://prefect.example.com/x")).toBe("https://prefect.example.com/x");
    for (const bad of [
      "javascript:alert(1)",
      "data:text/html,x",
      " \tjavascript:x",
      "/relative",
      "",
      null,
    ]) {
      expect(safeLink(bad)).toBeNull();
    }
  });
});
