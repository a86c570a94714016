/** Terminal text. */

import { describe, expect, it } from "vitest";
import { plainOf, runsOf } from "../../src/format/ansi";

const styles = (text: string) => runsOf(text).map(({ style }) => style);

describe("terminal text", () => {
  it("becomes runs of one style", () => {
    expect(runsOf("\x1b[1;32m✓\x1b[0m staged \x1b[36morders\x1b[0m")).toEqual([
      { text: "✓", style: "ansi-done ansi-bold" },
      { text: " staged ", style: "" },
      { text: "orders", style: "ansi-cached" },
    ]);
  });

  it("keeps its hue in the long spellings", () => {
    expect(styles("\x1b[38;5;196mx")).toEqual(["ansi-failed"]);
    expect(styles("\x1b[38;2;40;200;60mx")).toEqual(["ansi-done"]);
    expect(styles("\x1b[38:5:33mx")).toEqual(["ansi-running"]);
    expect(styles("\x1b[38;5;244mx")).toEqual(["ansi-dim"]);
    expect(styles("\x1b[48;5;196;1mx")).toEqual(["ansi-bold"]);
    expect(styles("\x1b[mx")).toEqual([""]);
  });

  it("ends a style where it is taken back", () => {
    expect(styles("\x1b[1;3;4;31ma\x1b[22mb\x1b[23mc\x1b[24md\x1b[39me")).toEqual([
      "ansi-failed ansi-bold ansi-italic ansi-underline",
      "ansi-failed ansi-italic ansi-underline",
      "ansi-failed ansi-underline",
      "ansi-failed",
      "",
    ]);
    expect(styles("\x1b[90ma\x1b[91mb")).toEqual(["ansi-dim", "ansi-failed"]);
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
