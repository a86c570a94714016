/** Changes to a filter text that keep what the reader has typed. */

import { read } from "./parse";
import { ESCAPES, type Grammar, type Key, LINES, type Term } from "./terms";

const parsed = (text: string, grammar: Grammar) => read(text, undefined, grammar);
const trimmed = (text: string) => text.replace(/[ \t-\r]+$/, "");
const isSame = (a: Term, b: Term) =>
  a.key === b.key && a.op === b.op && String(a.value) === String(b.value);

function without(text: string, leaves: (term: Term) => boolean, grammar: Grammar): string {
  let left = text;
  for (const { start, end } of parsed(text, grammar).terms.filter(leaves).reverse())
    left = left.slice(0, start) + left.slice(end).replace(/^[ \t-\r]+/, "");
  return left === text ? text : trimmed(left);
}

/** The text without the terms of a key, negated ones included. */
export const withoutKey = (text: string, key: Key, grammar = LINES) =>
  without(text, (term) => term.key === key, grammar);

/** The text without a term. */
export const withoutTerm = (text: string, term: string, grammar = LINES) => {
  const [gone] = parsed(term, grammar).terms;
  return gone ? without(text, (t) => t.not === gone.not && isSame(t, gone), grammar) : text;
};

/** The text with a term added at its end, once, and its negation removed. A part that cannot be parsed stays last. */
export function withTerm(text: string, term: string, grammar = LINES): string {
  const [added] = parsed(term, grammar).terms;
  if (!added) return text;
  const kept = without(text, (t) => t.not !== added.not && isSame(t, added), grammar);
  const { terms: before, error } = parsed(kept, grammar);
  if (before.some((t) => isSame(t, added))) return kept;
  return error ? `${term} ${kept}` : before.length ? `${trimmed(kept)} ${term}` : term;
}

/** A text in quotes, as a term or as the value of a key. */
export const quoted = (text: string) =>
  `"${text.replace(/["\\\n\r\t]/g, (c) => `\\${ESCAPES[0][ESCAPES[1].indexOf(c)]}`)}"`;

/** `task="load"`: what a click writes. */
export const exactly = (key: Key, name: string) => `${key}=${quoted(name)}`;
