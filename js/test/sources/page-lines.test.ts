/** A log as an exported page holds it. */

import { expect, it } from "vitest";
import { addLines, noLines } from "../../src/sources/page-lines";
import { blocksOf } from "../exported-page";
import { line } from "../samples";
import { second } from "../task-samples";

it("the lines of its blocks are those that were exported, numbered from 0", () => {
  const rows = Array.from({ length: 120 }, (_, i) =>
    line(i * 2, `message ${i} 😀`, {
      at: second(i / 7),
      level: [20, 40, null][i % 3] ?? null,
      task: i % 4 ? `load[${i % 5}]` : null,
      logger: i % 2 ? "prefect" : null,
      position: i,
    }),
  );
  const { names, blocks } = blocksOf(rows);
  expect(blocks.length).toBeGreaterThan(2);
  const begun = names[2].map(() => null);
  const lines = noLines(names, begun);
  for (const block of blocks) addLines(lines, names, block);
  expect(lines.rows).toEqual(rows);
  expect(lines.begun).toBe(begun);
  expect(lines.templates).toEqual([["message <int>", "/^message \\d+$/"]]);
  expect([lines.patterns.length, lines.places.length]).toEqual([120, 120]);
  expect(lines.places.map((place) => names[2][place]?.[1] ?? null)).toEqual(
    rows.map((row) => row[4]),
  );
});

it("a message that is missing is empty", () => {
  const { names, blocks } = blocksOf([line(0, "x")]);
  const lines = noLines(names, []);
  const [columns] = blocks;
  if (columns) columns[6] = [null];
  for (const block of blocks) addLines(lines, names, block);
  expect(lines.rows[0]?.slice(6, 8)).toEqual(["", 0]);
});
