/** Levels of log lines, and their names. */

import type { LogRow, Logs } from "../protocol/wire";

export type Level = keyof Logs["levels"];

export const LEVELS: readonly Level[] = ["critical", "error", "warning", "info", "debug"];

/** The family of a numeric level of Python's `logging`; a line without a level counts as info. */
export function levelOf(row: Pick<LogRow, 2>): Level {
  const value = row[2] ?? 20;
  if (value >= 50) return "critical";
  if (value >= 40) return "error";
  if (value >= 30) return "warning";
  return value >= 20 ? "info" : "debug";
}

/** The level's name in a row: the name that the line came with; WARNING and CRITICAL are shortened. */
export function levelWord(row: Pick<LogRow, 2 | 3>): string {
  const name = row[3]?.trim() || levelOf(row);
  const word = name.toUpperCase();
  return { WARNING: "WARN", CRITICAL: "CRIT" }[word] ?? word;
}
