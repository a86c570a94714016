/** The cases that the filter text of Python and that of the page share. */

import { readFileSync } from "node:fs";
import type { LogRow } from "../src/protocol/wire";
import { parseQuery } from "../src/query/parse";

export interface Line {
  seq: number;
  at: string;
  level: number | null;
  task: string | null;
  logger: string | null;
  run: string | null;
  attempt: number | null;
  message: string | null;
}

export interface Case {
  text: string;
  tz?: string;
  first_day?: string;
  lines?: string;
  messages?: string[];
  hits?: number[];
  error?: { position: number; message: string };
}

export interface Rewrite {
  do: "with" | "without" | "without_key";
  text: string;
  with: string;
  gives: string;
}

interface Shared {
  sets: Record<string, { lines: Line[] }>;
  cases: Case[];
  rewrites: Rewrite[];
}

export const SHARED: Shared = JSON.parse(
  readFileSync(new URL("../../tests/fixtures/filter_cases.json", import.meta.url), "utf8"),
);

function micros(at: string): number {
  const [whole = "", fraction = ""] = at.replace("Z", "").split(".");
  return Date.parse(`${whole}Z`) * 1000 + Number(fraction.padEnd(6, "0"));
}

export function rowOf({ seq, at, level, task, logger, message }: Line): LogRow {
  const text = message ?? "";
  return [seq, micros(at), level, null, task, logger, text, text.length, seq, true, 1];
}

const lineSaying = (message: string, seq: number): Line => ({
  seq,
  at: "2026-01-01T00:00:00Z",
  level: 20,
  task: null,
  logger: null,
  run: null,
  attempt: null,
  message,
});

export const linesOf = ({ messages, lines = "none" }: Case): Line[] =>
  messages?.map(lineSaying) ?? SHARED.sets[lines]?.lines ?? [];

export const queryOf = ({ text, tz, first_day }: Case) =>
  parseQuery(text, { tz, firstDay: first_day });
