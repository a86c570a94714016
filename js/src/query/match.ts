/** Which lines match a query, and what to mark in them. */

import type { LogRow } from "../protocol/wire";
import { LinearRegExp, type Stretch } from "./linear";
import { translated } from "./pattern";
import { type Ends, literal, type Query, type Term } from "./terms";

/** Whether a row matches; `index` is its index in the rows that are searched. */
export type Test = (row: LogRow, index: number) => boolean;

/** Facts that a row does not contain. */
export interface Known {
  run?: (index: number) => string | null;
  attempt?: (index: number) => number | null;
}

const COLUMNS: Partial<Record<Term["key"], number>> = { task: 4, logger: 5, text: 6, regex: 6 };

const isSaid = ({ key }: Term) => key === "text" || key === "regex";

const words = (value: string, flags = "") => new RegExp(literal(value), `iu${flags}`);
const expression = (value: string) => new LinearRegExp(translated(value, 0));

function test(term: Term, known: Known): Test {
  const { key, op, value } = term;
  if (key === "time") {
    const [from, to] = value as Ends;
    return ([, at]) => at >= (from ?? at) && at <= (to ?? at);
  }
  if (key === "level" || key === "attempt")
    return (row, index) => {
      const n = key === "level" ? row[2] : known.attempt?.(index);
      if (n == null) return false;
      return n === value ? op.includes("=") : op.startsWith(n > (value as number) ? ">" : "<");
    };
  const column = COLUMNS[key];
  const of = (row: LogRow, index: number) =>
    ((column ? row[column] : known.run?.(index)) ?? "") as string;
  const fits = textTest(term);
  return (row, index) => fits(of(row, index));
}

/** Returns a test whether a text is the value of a term, or contains it. */
export function textTest({ key, op, value }: Term): (text: string) => boolean {
  if (op === "=") return (text) => text === value;
  const pattern = key === "regex" ? expression(value as string) : words(value as string);
  return (text) => pattern.test(text);
}

/** Returns a test whether a line matches all terms. */
export const matcher = (query: Query, known: Known = {}): Test =>
  combined(query, (term) => test(term, known));

/** Returns a test whether a row matches all terms; several values of one key are alternatives. */
export function combined<Row>(
  { terms }: Query,
  testOf: (term: Term) => (row: Row, index: number) => boolean,
): (row: Row, index: number) => boolean {
  type Test = (row: Row, index: number) => boolean;
  const all: Test[] = [];
  const groups = new Map<string, [values: Test[], bounds: Test[]]>();
  for (const term of terms) {
    const holds = testOf(term);
    if (term.not) all.push((row, index) => !holds(row, index));
    else if (isSaid(term)) all.push(holds);
    else {
      const group = groups.get(term.key) ?? [[], []];
      groups.set(term.key, group);
      group[/[<>]/.test(term.op) ? 1 : 0].push(holds);
    }
  }
  for (const [values, bounds] of groups.values()) {
    if (bounds.length) values.push((row, index) => bounds.every((holds) => holds(row, index)));
    all.push((row, index) => values.some((holds) => holds(row, index)));
  }
  return (row, index) => all.every((holds) => holds(row, index));
}

/** Whether a query has only words and expressions: such a text marks lines, and hides none. */
export const isPlainText = ({ terms }: Query): boolean =>
  terms.length > 0 && terms.every((term) => isSaid(term) && !term.not);

/** Finds the parts of a text to mark. */
export type Marker = (text: string, most: number) => Stretch[];

export const markers = (query: Query): Marker[] =>
  query.terms
    .filter((term) => isSaid(term) && !term.not)
    .map(({ key, value }): Marker => {
      if (key === "regex") {
        const pattern = expression(value as string);
        return (text, most) => pattern.matches(text, most);
      }
      const pattern = words(value as string, "g");
      return (text, most) => {
        const found: Stretch[] = [];
        for (const { index, 0: hit } of text.matchAll(pattern)) {
          if (found.push({ from: index, to: index + hit.length }) === most) break;
        }
        return found;
      };
    });
