/** Suggestions for misspelled names; `flowrun_widgets/query/suggest.py` is the same in Python. */

import { exactly } from "../query/rewrite";
import { literal, type Query } from "../query/terms";

const MOST = 2000;
const CUTOFF = 0.6;

/** The number of characters that two texts share in the same order, found through their longest common parts. */
function shared(a: readonly string[], b: readonly string[]): number {
  let [from, at, size] = [0, 0, 0];
  let before: number[] = [];
  a.forEach((character, i) => {
    const lengths: number[] = [];
    b.forEach((other, j) => {
      if (character !== other) return;
      const length = (before[j - 1] ?? 0) + 1;
      lengths[j] = length;
      if (length > size) [from, at, size] = [i - length + 1, j - length + 1, length];
    });
    before = lengths;
  });
  if (size === 0) return 0;
  const [left, right] = [shared(a.slice(0, from), b.slice(0, at)), from + size];
  return left + size + shared(a.slice(right), b.slice(at + size));
}

/** An upper bound of the similarity of two texts: the characters that both have, in any order. */
function atMost(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>();
  for (const character of b) left.set(character, (left.get(character) ?? 0) + 1);
  let both = 0;
  for (const character of a) {
    const n = left.get(character) ?? 0;
    if (n > 0) both++;
    left.set(character, n - 1);
  }
  return (2 * both) / (a.length + b.length || 1);
}

/** The name most similar to another, ignoring case; children of one mapped task are compared by the task's name. */
function nearest(name: string, names: Iterable<string>): string | null {
  const known = new Map<string, string>();
  for (const candidate of names) {
    const short = /\[\d+\]$/.test(name) ? candidate : candidate.replace(/\[\d+\]$/, "");
    known.set(short.toLowerCase(), short);
    if (known.size >= MOST) break;
  }
  const wanted = [...name.toLowerCase()];
  let best: [likeness: number, name: string] = [CUTOFF, ""];
  for (const key of known.keys()) {
    const letters = [...key];
    if (atMost(letters, wanted) < best[0]) continue;
    const likeness = (2 * shared(letters, wanted)) / (letters.length + wanted.length || 1);
    if (likeness > best[0] || (likeness === best[0] && key > best[1])) best = [likeness, key];
  }
  return known.get(best[1]) ?? null;
}

const contains = (key: string, name: string) =>
  /[ \t-\r"]/.test(name) || name === ""
    ? exactly(key as "task", name).replace("=", ":")
    : `${key}:${name}`;

/** A sentence about the first name in the query that no line has; null if every name is known. */
export function adviceOn(
  { terms }: Query,
  names: Record<"task" | "logger", ReadonlyMap<string | null, number>>,
): string | null {
  for (const key of ["task", "logger"] as const) {
    const known = [...names[key].keys()].filter((name) => name !== null);
    for (const term of terms) {
      const name = term.value as string;
      if (term.key !== key || term.not || name === "") continue;
      const pattern = new RegExp(literal(name), "iu");
      if (known.some((one) => (term.op === "=" ? one === name : pattern.test(one)))) continue;
      const near = nearest(name, known);
      const meant = near && (term.op === "=" ? exactly(key, near) : contains(key, near));
      return `No ${key} is called ${name}.${meant ? ` Did you mean ${meant}?` : ""}`;
    }
  }
  return null;
}
