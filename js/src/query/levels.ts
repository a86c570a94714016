/** Levels as terms of a filter text. */

import { LEVELS, type Level } from "../format/level";
import type { LogRow } from "../protocol/wire";
import { matcher } from "./match";
import { read } from "./parse";
import { withoutKey, withTerm } from "./rewrite";

const numberOf = (level: Level) => 50 - 10 * LEVELS.indexOf(level);

/** The levels that the terms of a text let through; null if it has no such term or cannot be read. */
export function levelsIn(text: string): Set<Level> | null {
  const { terms, error } = read(text);
  const levels = terms.filter(({ key }) => key === "level");
  if (error || levels.length === 0) return null;
  const fits = matcher({ terms: levels });
  const row = (level: Level) => ({ 2: numberOf(level) }) as LogRow;
  return new Set(LEVELS.filter((level) => fits(row(level), 0)));
}

/**
 * The text after a press on a level: alone at the first press, then in and out beside the others. All that occur,
 * or none, is no term.
 */
export function withLevel(text: string, pressed: Level, occurring: readonly Level[]): string {
  const shown = levelsIn(text) ?? new Set();
  if (!shown.delete(pressed)) shown.add(pressed);
  const left = occurring.filter((level) => shown.has(level));
  const bare = withoutKey(text, "level");
  if (left.length === occurring.length) return bare;
  return left.reduce((done, level) => withTerm(done, `level:${level}`), bare);
}
