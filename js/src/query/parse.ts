/** Parses a filter text into terms; `flowrun_widgets/query/grammar.py` is the same in Python. */

import { range } from "./clock";
import { translated } from "./pattern";
import {
  type Clock,
  ESCAPES,
  fail,
  type Grammar,
  type Key,
  LINES,
  type Query,
  QuerySyntaxError,
  type Term,
  tooLong,
} from "./terms";

const LEVELS = "notset debug info warning error critical".split(" ");
const TERM = /(-?)(?:([a-z_]{1,40})(:|>=|<=|=|>|<))?("(?:[^"\\]|\\[\s\S])*"|[^ \t-\r"]*)/iy;
const PATTERN = /((?:[^\\/]|\\[\s\S])*)\//y;

const isEnd = (text: string, at: number) => !/[^ \t-\r]/.test(text[at] ?? "");

function numberOf(key: Key, value: string, at: number): number {
  if (/^\d{1,9}$/.test(value)) return +value;
  if (key !== "level") return fail(`Not a number: ${value}.`, at);
  const name = value
    .toLowerCase()
    .replace(/^warn$/, "warning")
    .replace(/^fatal$/, "critical");
  const tenth = LEVELS.indexOf(name);
  if (tenth < 0)
    fail(`Unknown level: ${value}. Levels: ${LEVELS.slice(1).join(", ")}, or a number.`, at);
  return tenth * 10;
}

/** Converts a time or a regular expression at a position to the value in a term. */
type Resolve = (key: Key, value: string, from: number) => Term["value"];

/** Parses the term at a position, which is neither a space nor the end. */
function termAt(text: string, start: number, resolve: Resolve, grammar: Grammar): Term {
  TERM.lastIndex = start;
  const [all, dash = "", name, sign = "", raw = ""] = TERM.exec(text) as RegExpExecArray;
  let key = (name?.toLowerCase() ?? "text") as Key;
  let op = sign;
  let end = start + all.length;
  let from = end - raw.length;
  let value: Term["value"];
  const at = start + dash.length;
  const isName = grammar.names.includes(key);
  const compares = grammar.numbers.includes(key);
  const isKnown = isName || compares || key === "time";
  if (dash && (isEnd(text, at) || text[at] === "-")) fail("A term must follow the -.", start);
  if (text[at] === "/") {
    PATTERN.lastIndex = at + 1;
    value =
      PATTERN.exec(text)?.[1] ??
      fail("The / is never closed. To find text, put it in quotes.", at, true);
    key = "regex";
    from = at;
    end = PATTERN.lastIndex;
  } else {
    const isQuoted = text[from] === '"';
    if (isKnown && !compares && op !== ":" && !(isName && op === "="))
      fail(`${key} takes ${isName ? ": or =" : ":"}`, from - op.length);
    if (name && !isKnown) {
      if (isQuoted || (op === ":" && !isEnd(text, from) && !raw.startsWith("//")))
        fail(`Unknown key: ${name}. Keys: ${grammar.hint}.`, at);
      key = "text";
      op = "";
      from = at;
    }
    if (isQuoted && !raw) fail("The quote is never closed.", from, true);
    value = isQuoted
      ? raw
          .slice(1, -1)
          .replace(
            /\\([\s\S])/gu,
            (_, escaped: string, i: number) =>
              ESCAPES[1][ESCAPES[0].indexOf(escaped)] ??
              fail(`Unknown escape: \\${escaped}. A backslash is written \\\\.`, from + 1 + i),
          )
      : text.slice(from, end);
  }
  if (!isEnd(text, end)) fail("A space is missing here.", end);
  if ([...value].length > 1e3) tooLong(from);
  if (!value && !(op === "=" && isName && raw)) fail("Nothing to look for.", from);
  if (key === "regex" || key === "time")
    value = resolve(key, value, from + (key === "regex" || text[from] === '"' ? 1 : 0));
  else if (compares) {
    value = numberOf(key, value, from);
    op = op === ":" ? "=" : op;
  }
  return { key, op, value, not: !!dash, start, end };
}

/** All terms, or the terms before an error and the error; times and regular expressions stay as written. */
export function read(
  text: string,
  resolve: Resolve = (_, value) => value,
  grammar: Grammar = LINES,
): Query & { error?: QuerySyntaxError } {
  const terms: Term[] = [];
  try {
    for (let at = 0; at < text.length; at++) {
      if (isEnd(text, at)) continue;
      const term = termAt(text, at, resolve, grammar);
      terms.push(term);
      at = term.end;
    }
  } catch (error) {
    if (error instanceof QuerySyntaxError) return { terms, error };
    throw error;
  }
  return { terms };
}

/** The query that a filter text asks; throws a `QuerySyntaxError`. */
export function parseQuery(text: string, clock: Clock = {}, grammar: Grammar = LINES): Query {
  const resolve: Resolve = (key, value, from) => {
    if (key === "time") return range(value, from, clock);
    translated(value, from);
    return value;
  };
  const { terms, error } = read(text, resolve, grammar);
  if (error) throw error;
  return { terms };
}
