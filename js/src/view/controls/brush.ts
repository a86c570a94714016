/** Time ranges as terms of the filter text. */

import { utc } from "../../format/time";
import { parseQuery } from "../../query/parse";
import { withoutKey, withTerm } from "../../query/rewrite";
import { type Clock, type Ends, LINES } from "../../query/terms";

/** The time range of a text, if it has exactly one. */
export function timeIn(text: string, clock: Clock, grammar = LINES): Ends | undefined {
  if (!/time:/i.test(text)) return undefined;
  const { terms } = parseQuery(text, clock, grammar);
  const [only, more] = terms.filter(({ key }) => key === "time");
  return more || only?.not ? undefined : (only?.value as Ends | undefined);
}

const UNITS = [6e7, 1e7, 1e6, 1e5, 1e4, 1e3, 100, 10, 1];

/** Rounds a time to the resolution of an axis, given in microseconds per pixel. */
export function rounded(at: number, perPixel: number): number {
  const unit = UNITS.find((one) => one <= perPixel) ?? 1;
  return Math.round(at / unit) * unit;
}

/** `time:…Z..…Z`, both ends included; the second end leaves out what it shares with the first. */
export function between([from, to]: Ends): string {
  const [first, last] = [utc(from) ?? "", utc(to) ?? ""];
  const day = first.slice(0, 11);
  const isSameDay = day !== "" && last.startsWith(day);
  return `time:${short(first)}..${short(isSameDay ? last.slice(11) : last)}`;
}

/** Leaves out seconds that are 0, since a clock time without seconds means the full minute. */
const short = (time: string) => time.replace(/(\d\d:\d\d):00Z$/, "$1Z");

/** Replaces the time range of a text. */
export function withTime(text: string, ends: Ends | null, grammar = LINES): string {
  const bare = withoutKey(text, "time", grammar);
  return ends ? withTerm(bare, between(ends), grammar) : bare;
}
