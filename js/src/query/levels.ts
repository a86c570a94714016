/** Levels as terms of a filter text. */

import { LEVELS, type Level } from "../format/level";
import type { LogRow } from "../protocol/wire";
import { matcher } from "./match";
import { read } from "./parse";
import { withoutKey, withTerm } from "./rewrite";

const numberOf = (level: Level) => 50 - 10 * LEVELS.indexOf(level);

/** The levels that match the level terms of a text; null if it has none or cannot be parsed. */
export function levelsIn(text: string): Set<Level> | null {
  const { terms, error } = read(text);
  const levels = terms.filter(({ key }) => key === "level");
  if (error || levels.length === 0) return null;
  const fits = matcher({ terms: levels });
  const row = (level: Level) => ({ 2: numberOf(level) }) as LogRow;
  return new Set(LEVELS.filter((level) => fits(row(level), 0)));
}

/**
 * The text after a click on a level. The first click selects that level alone; later clicks add or remove levels. If
 * all levels that occur are selected, or none is, the text has no level term.
 */
export function withLevel(text: string, pressed: Level, occurring: readonly Level[]): string {
  const shown = levelsIn(text) ?? new Set();
  if (!shown.delete(pressed)) shown.add(pressed);
  const left = occurring.filter((level) => shown.has(level));
  const bare = withoutKey(text, "level");
  if (left.length === occurring.length) return bare;
  return left.reduce((done, level) => withTerm(done, `level:${level}`), bare);
}
