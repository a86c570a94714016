/** Lines as they are copied. */

import { describe, expect, it } from "vitest";
import { lineText, textOf } from "../../src/engine/text";
import type { LogRow } from "../../src/protocol/wire";
import { line } from "../samples";
import { second } from "../task-samples";

describe("a line that is copied", () => {
  it("is its day and time in UTC, level, task and message", () => {
    const row = line(7, "Committed batch", { at: second(1.5), task: "load[7]" });
    expect(lineText(row)).toBe("2026-11-21 12:00:01.500Z INFO     load[7]: Committed batch");
    expect(lineText(row, "the whole of it")).toContain("load[7]: the whole of it");
  });

  it("has the further lines of its message indented", () => {
    expect(lineText(line(0, "a\nb\r\nc\u2028d"))).toMatch(/: a\n {4}b\n {4}c\n {4}d$/);
  });

  it("cannot colour a terminal, ring its bell, or turn a line round", () => {
    const hostile = "\x1b[31mred\x1b[0m\x07 \u202egnp\u202c \x1b]0;title\x07 \ud800.";
    expect(lineText(line(0, hostile))).toMatch(/: red gnp {2}\.$/);
  });

  it("has a name on one line, cut where it is very long", () => {
    const row = line(0, "x", { task: `a\nb${"x".repeat(400)}` }).with(3, null) as LogRow;
    const text = lineText(row);
    expect(text).not.toContain("\n");
    expect(text).toMatch(/^2026-11-21 12:00:00\.000Z {10}a bx{296}…: x$/);
  });
});

it("lines stand one under the other; one of the flow says so", () => {
  const rows = [line(0, "a", { task: null, level: 30 }), line(1, "b")];
  expect(textOf(rows)).toBe(
    "2026-11-21 12:00:00.000Z WARNING  flow: a\n2026-11-21 12:00:01.000Z INFO     load: b\n",
  );
});
