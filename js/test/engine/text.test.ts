/** Lines as they are copied. */

import { expect, it } from "vitest";
import { lineText, textOf } from "../../src/engine/text";
import { line } from "../samples";
import { second } from "../task-samples";

it("a line is its time in UTC, level, task and message", () => {
  const row = line(7, "Committed batch", { at: second(1.5), task: "load[7]" });
  expect(lineText(row)).toBe("2026-11-21T12:00:01.5Z  INFO   load[7]  Committed batch");
  expect(lineText(row, "whole")).toContain("  whole");
});

it("lines stand one under the other; one of the flow says so", () => {
  const rows = [line(0, "a", { task: null, level: 30 }), line(1, "b")];
  expect(textOf(rows)).toBe(
    "2026-11-21T12:00:00Z  WARN   flow  a\n2026-11-21T12:00:01Z  INFO   load  b\n",
  );
});
