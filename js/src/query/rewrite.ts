/** Changes to a filter text that keep what the reader has typed. */

import { read } from "./parse";
import { ESCAPES, type Key, type Term } from "./terms";

const terms = (text: string) => read(text).terms;
const trimmed = (text: string) => text.replace(/[ \t-\r]+$/, "");
const isSame = (a: Term, b: Term) =>
  a.key === b.key && a.op === b.op && String(a.value) === String(b.value);

function without(text: string, leaves: (term: Term) => boolean): string {
  let left = text;
  for (const { start, end } of terms(text).filter(leaves).reverse())
    left = left.slice(0, start) + left.slice(end).replace(/^[ \t-\r]+/, "");
  return left === text ? text : trimmed(left);
}

/** The text without the terms of a key, negated ones included. */
export const withoutKey = (text: string, key: Key) => without(text, (term) => term.key === key);

/** The text without a term. */
export const withoutTerm = (text: string, term: string) => {
  const [gone] = terms(term);
  return gone ? without(text, (t) => t.not === gone.not && isSame(t, gone)) : text;
};

/** The text with a term added at its end, once, and its negation removed. A part that cannot be parsed stays last. */
export function withTerm(text: string, term: string): string {
  const [added] = terms(term);
  if (!added) return text;
  const kept = without(text, (t) => t.not !== added.not && isSame(t, added));
  const { terms: before, error } = read(kept);
  if (before.some((t) => isSame(t, added))) return kept;
  return error ? `${term} ${kept}` : before.length ? `${trimmed(kept)} ${term}` : term;
}

/** A text in quotes, as a term or as the value of a key. */
export const quoted = (text: string) =>
  `"${text.replace(/["\\\n\r\t]/g, (c) => `\\${ESCAPES[0][ESCAPES[1].indexOf(c)]}`)}"`;

/** `task="load"`: what a click writes. */
export const exactly = (key: "task" | "logger" | "run", name: string) => `${key}=${quoted(name)}`;
