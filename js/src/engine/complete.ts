/** Completions at the caret of a filter text; `flowrun_widgets/query/complete.py` is the same in Python. */

import { exactCount } from "../format/number";
import { exactly } from "../query/rewrite";

const MOST = 12;
const LONGEST = 1000;
const TERM = /-?(?:\/(?:[^\\/]|\\.)*\/?[^ \t-\r]*|(?:"(?:[^"\\]|\\.)*"?|[^ \t-\r"])*)/sy;
const KEYED = /^([A-Za-z_]{1,40})(:|>=|<=|=|>|<)/;
const HINTS = {
  level: "level:error, level>=warning",
  task: 'task:load, task="load[7]"',
  logger: "logger:prefect",
  attempt: "attempt:2, attempt>1",
  time: "time:02:29..02:33",
};
const LEVELS = { critical: 50, error: 40, warning: 30, info: 20, debug: 10 };

type Suggestion = [text: string, hint: string];
export type Counts = ReadonlyMap<string | null, number>;

const lines = (n: number) => `${exactCount(n)} line${n === 1 ? "" : "s"}`;

/** The start and end of the term at the caret. */
function termAt(text: string, caret: number): [start: number, end: number] {
  for (let at = 0; at < text.length && at <= caret; ) {
    if (/[ \t-\r]/.test(text[at] as string)) {
      at++;
      continue;
    }
    TERM.lastIndex = at;
    const end = Math.max(at + 1, at + (TERM.exec(text)?.[0].length ?? 0));
    if (caret <= end) return [at, end];
    at = end;
  }
  return [caret, caret];
}

function levelsOf(typed: string, op: string, counts: ReadonlyMap<number, number>): Suggestion[] {
  return Object.entries(LEVELS)
    .filter(([name]) => name.startsWith(typed))
    .map(([name, bound]) => {
      let sum = 0;
      for (const [level, n] of counts)
        if (
          level === bound ? op === ":" || op.includes("=") : op[0] === (level > bound ? ">" : "<")
        )
          sum += n;
      return [`level${op}${name}`, lines(sum)];
    });
}

function namesOf(key: "task" | "logger", typed: string, counts: Counts): Suggestion[] {
  const wanted = typed.replace(/^"/, "").replace(/"$/, "");
  return [...counts]
    .filter(([name]) => {
      const text = name ?? "";
      return text.toLowerCase().includes(wanted) && [...text].length <= LONGEST;
    })
    .map(([name, n]) => [exactly(key, name ?? ""), lines(n)]);
}

/** At most 12 terms or keys that complete the text before the caret; none that is already complete there. */
export function complete(
  text: string,
  caret: number,
  levels: ReadonlyMap<number, number>,
  names: Record<"task" | "logger", Counts>,
): { start: number; end: number; items: Suggestion[] } {
  const at = Math.max(0, Math.min(caret, text.length));
  let [start, end] = termAt(text, at);
  if (start < at && text[start] === "-") start++;
  const typed = text.slice(start, at);
  const [whole, name, op] = KEYED.exec(typed) ?? [];
  const key = name?.toLowerCase();
  const rest = typed.slice(whole?.length ?? 0).toLowerCase();
  let found: Suggestion[] = [];
  if (!key || !op)
    found = Object.entries(HINTS).flatMap(([word, hint]) =>
      word.startsWith(rest) ? [[`${word}:`, hint]] : [],
    );
  else if (key === "level") found = levelsOf(rest, op, levels);
  else if ((key === "task" || key === "logger") && /^[:=]$/.test(op))
    found = namesOf(key, rest, names[key]);
  const items = found.filter(([word]) => word !== text.slice(start, end)).slice(0, MOST);
  return { start, end, items };
}
