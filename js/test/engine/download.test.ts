/** Lines as a file. */

import { expect, it } from "vitest";
import { fileNameOf, fileOf } from "../../src/engine/download";
import type { FileFormat } from "../../src/protocol/wire";
import { line } from "../samples";
import { second } from "../task-samples";

const rows = [
  line(3, 'a "b"\nc', { at: second(1) + 7, task: null, logger: null, level: null }),
  line(4, "é"),
];
const file = (format: FileFormat) => new TextDecoder().decode(fileOf(rows, format));

it("CSV has text in quotes, and nothing where something is missing", () => {
  expect(file("csv")).toBe(
    `"timestamp","level","level_name","task","logger","message","seq"
"2026-11-21T12:00:01.000007Z",,,,,"a ""b""
c",3
"2026-11-21T12:00:04.000000Z",20,"INFO","load","prefect","é",4
`,
  );
});

it("JSON lines have null there", () => {
  expect(
    file("jsonl")
      .split("\n")
      .slice(0, 1)
      .map((one) => JSON.parse(one)),
  ).toEqual([
    {
      timestamp: "2026-11-21T12:00:01.000007Z",
      level: null,
      level_name: null,
      task: null,
      logger: null,
      message: 'a "b"\nc',
      seq: 3,
    },
  ]);
});

it("text is what is copied", () => {
  expect(file("txt")).toContain("2026-11-21 12:00:04.000Z INFO     load: é\n");
});

it.each([
  ["amber-heron", "amber-heron-logs"],
  ["../a b/Ünder", "a-b-nder-logs"],
  ["...", "5f0c-logs"],
  [null, "5f0c-logs"],
  ["x".repeat(200), `${"x".repeat(100)}-logs`],
])("a file of the run %s is called %s", (name, expected) => {
  expect(fileNameOf({ name, id: "5f0c" })).toBe(expected);
});
