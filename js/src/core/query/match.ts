import type { LogRow } from "../wire";
import { translated } from "./pattern";
import { type Ends, literal, type Query, type Term } from "./terms";

type Test = (row: LogRow) => boolean;

/** What a row does not say by itself. */
export interface Known {
  run?: (row: LogRow) => string | null;
  attempt?: (row: LogRow) => number | null;
}

const isSaid = ({ key }: Term) => key === "text" || key === "regex";

const regExp = ({ key, value }: Term, flags = "") =>
  key === "regex"
    ? new RegExp(translated(value as string, 0), `u${flags}`)
    : new RegExp(literal(value as string), `iu${flags}`);

function test(term: Term, known: Known): Test {
  const { key, op, value } = term;
  if (key === "time") {
    const [from, to] = value as Ends;
    return ([, at]) => at >= (from ?? at) && at <= (to ?? at);
  }
  if (key === "level" || key === "attempt")
    return (row) => {
      const n = key === "level" ? row[2] : known.attempt?.(row);
      if (n == null) return false;
      return n === value ? op.includes("=") : op.startsWith(n > (value as number) ? ">" : "<");
    };
  const column = { task: 4, logger: 5, run: 0, text: 6, regex: 6 }[key];
  const of = (row: LogRow) => ((column ? row[column] : known.run?.(row)) ?? "") as string;
  if (op === "=") return (row) => of(row) === value;
  const pattern = regExp(term);
  return (row) => pattern.test(of(row));
}

/** Tells whether a row fits all terms; several values of one key are alternatives. */
export function matcher({ terms }: Query, known: Known = {}): Test {
  const all: Test[] = [];
  const groups = new Map<string, [values: Test[], bounds: Test[]]>();
  for (const term of terms) {
    const holds = test(term, known);
    if (term.not) all.push((row) => !holds(row));
    else if (isSaid(term)) all.push(holds);
    else {
      const group = groups.get(term.key) ?? [[], []];
      groups.set(term.key, group);
      group[/[<>]/.test(term.op) ? 1 : 0].push(holds);
    }
  }
  for (const [values, bounds] of groups.values()) {
    if (bounds.length) values.push((row) => bounds.every((holds) => holds(row)));
    all.push((row) => values.some((holds) => holds(row)));
  }
  return (row) => all.every((holds) => holds(row));
}

/** Whether an expression could keep this page busy for long; RE2, which the kernel has, knows no such. */
export const isSlow = ({ terms }: Query): boolean =>
  terms.some(
    ({ key, value }) =>
      key === "regex" &&
      (/\)[*+{]/.test(value as string) || (value as string).split(/[*+}]/).length > 4),
  );

/** What to mark in the messages of lines that fit. */
export const marks = (query: Query): RegExp[] =>
  isSlow(query)
    ? []
    : query.terms.filter((term) => isSaid(term) && !term.not).map((term) => regExp(term, "g"));
