import { matcher } from "./query/match";
import { parseQuery } from "./query/parse";
import { withoutKey, withTerm } from "./query/rewrite";
import { QuerySyntaxError } from "./query/terms";
import type { LogRow, Logs } from "./wire";

export type Level = keyof Logs["levels"];

/** Each with the class of its shape. */
export const LEVELS: readonly [level: Level, shape: string][] = [
  ["critical", "di"],
  ["error", "sq"],
  ["warning", "tri"],
  ["info", "ci"],
  ["debug", "ri"],
];

/** The family of a numeric level of Python's logging; a line without a level counts as info. */
export function levelOf(row: Pick<LogRow, 2>): Level {
  const value = row[2] ?? 20;
  if (value >= 50) return "critical";
  if (value >= 40) return "error";
  if (value >= 30) return "warning";
  return value >= 20 ? "info" : "debug";
}

/** The class of a level's colour. */
export const hueOfLevel = (level: Level): string => `l-${level.replace("critical", "error")}`;

/** The word in a row: the name that the line came with, in five letters where it is a common one. */
export function levelWord(row: Pick<LogRow, 2 | 3>): string {
  const name = row[3]?.trim() || levelOf(row);
  const word = name.toUpperCase();
  return { WARNING: "WARN", CRITICAL: "CRIT" }[word] ?? word;
}

const numberOf = (level: Level) => 50 - 10 * LEVELS.findIndex(([one]) => one === level);

/** The levels that the terms of a text let through; null if it has no such term or cannot be read. */
export function levelsIn(text: string): Set<Level> | null {
  try {
    const terms = parseQuery(text.replace(/(^|\s)-?time:\S+/g, "")).terms.filter(
      ({ key }) => key === "level",
    );
    if (terms.length === 0) return null;
    const fits = matcher({ terms });
    const row = (level: Level) => ({ 2: numberOf(level) }) as LogRow;
    return new Set(LEVELS.map(([level]) => level).filter((level) => fits(row(level))));
  } catch (error) {
    if (error instanceof QuerySyntaxError) return null;
    throw error;
  }
}

/**
 * The text after a press on a level: alone at the first press, then in and out beside the others. All that occur,
 * or none, is no term.
 */
export function withLevel(text: string, pressed: Level, occur: readonly Level[]): string {
  const shown = levelsIn(text) ?? new Set();
  if (!shown.delete(pressed)) shown.add(pressed);
  const left = occur.filter((level) => shown.has(level));
  const bare = withoutKey(text, "level");
  if (left.length === occur.length) return bare;
  return left.reduce((done, level) => withTerm(done, `level:${level}`), bare);
}
