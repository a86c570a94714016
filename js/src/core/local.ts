import { isLine, isPlain, type Looked } from "./items";
import { matcher } from "./query/match";
import { parseQuery } from "./query/parse";
import type { Clock } from "./query/terms";
import type { Answer, Item, LogRow, Look, Question } from "./wire";

type Body<A> = A extends Answer ? Omit<A, "view" | "n" | "snapshot"> : never;
export type AnswerBody = Body<Answer>;
type QuestionBody<Q> = Q extends Question ? Omit<Q, "view" | "n" | "snapshot"> : never;
export type QuestionOf = QuestionBody<Question>;

const STEPS = 120;
const CELLS = 200;

interface Seen {
  look: Look;
  hits: number;
  /** Items by place, ascending; with holes where lines are not held. */
  items: [place: number, item: Item][];
  lines: [place: number, row: LogRow][];
  total: number;
  answer: Omit<Looked, "at" | "view" | "n" | "snapshot">;
}

/** Answers in place of a kernel, from the lines that the page holds: the same questions, the same answers. */
export type Local = ReturnType<typeof localOf>;

/** `total`: how many lines the log has, of which `lines` may be some. */
export function localOf(lines: Iterable<LogRow>, total: number, clock: Clock) {
  const held = [...lines].sort((a, b) => a[8] - b[8]);
  let known: Seen | null = null;

  /** The answers to a question; none to what cannot be answered from here. */
  const answer = (question: QuestionOf): AnswerBody[] => {
    if (question.kind === "line") {
      const row = held.find(([seq]) => seq === question.seq);
      if (!row || [...row[6]].length < row[7]) return [];
      return [{ kind: "line", seq: row[0], message: row[6] }];
    }
    if (question.kind === "look") {
      const seen = see(question.look);
      const found = question.near === null ? null : nearest(seen, question.near, "line");
      return [{ ...seen.answer, at: found?.[0] ?? null }];
    }
    if (question.kind === "rows") return windowsOf(question);
    return question.kind === "find" ? [find(question)] : [];
  };

  const windowsOf = ({
    look,
    start,
    count,
  }: Extract<QuestionOf, { kind: "rows" }>): AnswerBody[] => {
    const { items, total } = see(look);
    const windows: { start: number; items: Item[]; total: number }[] = [];
    for (const [place, item] of items) {
      if (place < start || place >= start + count) continue;
      const last = windows.at(-1);
      if (last && last.start + last.items.length === place) last.items.push(item);
      else windows.push({ start: place, items: [item], total });
    }
    return windows.map((window) => ({ kind: "rows", window }));
  };

  const find = ({ look, what, at, step }: Extract<QuestionOf, { kind: "find" }>): AnswerBody => {
    const seen = see(look);
    const candidates = seen.lines.filter(([, row]) =>
      what === "hit" ? row[9] : what !== "error" || (row[2] ?? 0) >= 40,
    );
    let found: [number, LogRow] | undefined;
    if (what === "line" || what === "time") {
      if (at !== null) found = nearest(seen, at, what);
    } else {
      const origin = held.find(([seq]) => seq === at)?.[8] ?? null;
      const way = look.is_newest_first ? -1 : 1;
      const ordered = step > 0 ? candidates : candidates.toReversed();
      found =
        ordered.find(([, row]) => origin !== null && (row[8] - origin) * way * step > 0) ??
        ordered[0];
    }
    const nth = found ? candidates.indexOf(found) + 1 : 0;
    return {
      kind: "found",
      what,
      place: found?.[0] ?? null,
      seq: found?.[1][0] ?? null,
      nth: nth || null,
    };
  };

  const nearest = (
    { lines }: Seen,
    at: number,
    what: "line" | "time",
  ): [number, LogRow] | undefined => {
    const column = what === "time" ? 1 : 8;
    const wanted = what === "time" ? at : held.find(([seq]) => seq === at)?.[8];
    if (wanted === undefined) return undefined;
    const far = ([, row]: [number, LogRow]) => {
      const distance = row[column] - wanted;
      return what === "time" && distance < 0 ? 4e15 - distance : Math.abs(distance);
    };
    return lines.reduce<[number, LogRow] | undefined>(
      (best, line) => (!best || far(line) < far(best) ? line : best),
      undefined,
    );
  };

  const see = (look: Look): Seen => {
    if (known?.look === look) return known;
    const fits = matcher(parseQuery(look.text, clock));
    const rows = held.map((row) => row.with(9, fits(row)) as LogRow);
    const hits = rows.filter((row) => row[9]);
    const shown = shownOf(rows, look);
    const isWhole = rows.length === total || !isPlain(look);
    let listed = isWhole ? withGaps(rows, shown, look.context !== null) : rows;
    if (look.is_newest_first) listed = listed.toReversed();
    const items = listed.map((item, i): [number, Item] => [
      isWhole ? i : ((item as LogRow)[8] as number),
      item,
    ]);
    const places = isWhole ? items.length : total;
    const lines = items.filter((entry): entry is [number, LogRow] => isLine(entry[1]));
    const cells = (is: (row: LogRow) => boolean) => [
      ...new Set(
        lines.filter(([, row]) => is(row)).map(([place]) => Math.floor((place / places) * CELLS)),
      ),
    ];
    const untimed = look.text.includes("time:")
      ? held.filter(matcher(withoutTime(look.text, clock)))
      : hits;
    known = {
      look,
      hits: hits.length,
      items,
      lines,
      total: places,
      answer: {
        kind: "looked",
        hits: isWhole ? hits.length : total,
        shown: isWhole ? shown.size : total,
        total: places,
        bins: binsOf(untimed, held),
        marks: {
          error: cells((row) => (row[2] ?? 0) >= 40),
          warning: cells((row) => row[2] !== null && row[2] >= 30 && row[2] < 40),
          hit: hits.length < shown.size ? cells((row) => row[9]) : [],
        },
        advice: null,
      },
    };
    return known;
  };

  return { size: held.length, answer };
}

function withoutTime(text: string, clock: Clock) {
  const { terms } = parseQuery(text, clock);
  return { terms: terms.filter(({ key }) => key !== "time") };
}

/** Indices of the rows that fit, of those round them, and of those opened in place. */
function shownOf(rows: readonly LogRow[], { context, opened }: Look): Set<number> {
  const shown = new Set<number>();
  const add = (from: number, to: number) => {
    for (let i = Math.max(0, from); i <= to && i < rows.length; i++) shown.add(i);
  };
  rows.forEach((row, i) => {
    if (row[9]) add(i - (context ?? 0), i + (context ?? 0));
  });
  for (const [seq, count] of opened) {
    const at = rows.findIndex((row) => row[0] === seq);
    if (at >= 0) add(count < 0 ? at + count + 1 : at, count < 0 ? at : at + count - 1);
  }
  return shown;
}

function withGaps(rows: readonly LogRow[], shown: Set<number>, hasGaps: boolean): Item[] {
  const items: Item[] = [];
  let from = -1;
  rows.forEach((row, i) => {
    const isShown = shown.has(i);
    if (!isShown && from < 0) from = i;
    const isEnd = isShown || i === rows.length - 1;
    if (hasGaps && shown.size > 0 && from >= 0 && isEnd) {
      const last = isShown ? i - 1 : i;
      items.push([null, last - from + 1, rows[from]?.[0] ?? 0, rows[last]?.[0] ?? 0]);
    }
    if (!isShown) return;
    from = -1;
    items.push(row);
  });
  return items;
}

/** Counts of `rows` over the time that `all` take. */
function binsOf(rows: readonly LogRow[], all: readonly LogRow[]): Looked["bins"] {
  const first = all[0]?.[1] ?? 0;
  const last = all.at(-1)?.[1] ?? first;
  const n = all.length > 0 ? STEPS : 0;
  const step = Math.max(1000, last + 1 - first) / STEPS;
  const none = () => new Array<number>(n).fill(0);
  const bins = { other: none(), warning: none(), error: none() };
  for (const [, at, level] of rows) {
    const kind = (level ?? 0) >= 40 ? "error" : (level ?? 0) >= 30 ? "warning" : "other";
    const i = Math.min(n - 1, Math.max(0, Math.floor((at - first) / step)));
    bins[kind][i] = (bins[kind][i] ?? 0) + 1;
  }
  return {
    at: Array.from({ length: n && n + 1 }, (_, i) => Math.round(first + i * step)),
    ...bins,
  };
}
