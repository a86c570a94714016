import { runsOf } from "./ansi";
import { count, plural } from "./format";
import type { LogRow } from "./wire";

export interface Glimpse {
  first: string;
  /** What the row leaves out, in words; null if it shows everything. */
  more: string | null;
  isTraceback: boolean;
}

/** A stretch of a message that looks the same throughout. */
export interface Piece {
  text: string;
  /** Space-separated class names; empty for plain text. */
  style: string;
  isHit: boolean;
  /** Where it leads; http or https only. */
  link: string | null;
}

export function isCut(row: LogRow): boolean {
  return row[7] > row[6].length || (row[7] > 0 && [...row[6]].length < row[7]);
}

const KEYS_SHOWN = 3;

/** The value of a message that is a JSON object or list; undefined for any other. */
export function jsonOf(message: string): object | undefined {
  if (!/^\s*[[{]/.test(message)) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

/** The first line of a message and what there is beyond it. */
export function glimpse(row: LogRow): Glimpse {
  const message = row[6].replace(/\r\n/g, "\n").replace(/\n+$/, "");
  const lines = message.split("\n");
  const isTraceback = message.includes("Traceback (most");
  const isWhole = !isCut(row);
  let first = lines[0] ?? "";
  // The head of a traceback says nothing; what was raised stands at its end.
  if (isWhole && first.startsWith("Traceback (most")) first = lines.at(-1) ?? first;
  const value = isWhole && row[6].length < 20_000 ? jsonOf(message) : undefined;
  if (value) {
    const keys = Object.entries(value);
    const left = keys.length - KEYS_SHOWN;
    const isList = Array.isArray(value);
    const part = isList
      ? value.slice(0, KEYS_SHOWN)
      : Object.fromEntries(keys.slice(0, KEYS_SHOWN));
    if (left <= 0 && lines.length === 1) return { first, more: null, isTraceback };
    const short = JSON.stringify(left > 0 ? part : value, null, 1).replace(/\n\s*/g, " ");
    const more = left > 0 ? plural(left, isList ? "more item" : "more key") : "unfold";
    return { first: short, more, isTraceback };
  }
  if (lines.length > 1) {
    const words = `${isWhole ? "" : "≥ "}${count(lines.length)} lines`;
    return { first, more: words, isTraceback };
  }
  const left = isWhole ? 0 : row[7] - [...row[6]].length;
  return { first, more: left > 0 ? `+${plural(left, "character")}` : null, isTraceback };
}

const LINK = /https?:\/\/[^\s<>"'`\x00-\x20]+/g;
const MOST_MARKS = 200;

interface Stretch {
  from: number;
  to: number;
}

function found(text: string, patterns: readonly RegExp[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const pattern of patterns)
    for (const match of text.matchAll(pattern)) {
      if (stretches.length === MOST_MARKS) return stretches;
      if (match[0]) stretches.push({ from: match.index, to: match.index + match[0].length });
    }
  return stretches;
}

/**
 * Terminal text in pieces, with what `marks` finds. Where there is `room` for so many characters only, the middle is
 * cut so that the first hit stays visible.
 */
export function piecesOf(text: string, marks: readonly RegExp[], room = Infinity): Piece[] {
  const runs = runsOf(text);
  const plain = runs.map((run) => run.text).join("");
  const hits = found(plain, marks);
  const links = plain.includes("://") ? found(plain, [LINK]) : [];
  for (const link of links)
    link.to -= /[.,;:!?)\]}]*$/.exec(plain.slice(link.from, link.to))?.[0].length ?? 0;
  const firstHit = Math.min(...hits.map(({ from }) => from));
  const kept = Math.min(21, Math.floor(room / 2));
  const isCut = hits.length > 0 && plain.length > room && firstHit > kept + 2;
  const hole = isCut && firstHit + 8 > room ? { from: kept, to: firstHit } : { from: -1, to: -1 };
  const ends = [...hits, ...links, hole]
    .flatMap(({ from, to }) => [from, to])
    .sort((a, b) => a - b);
  const within = ({ from, to }: Stretch, at: number) => at >= from && at < to;

  const pieces: Piece[] = [];
  let start = 0;
  for (const run of runs) {
    const stop = start + run.text.length;
    let at = start;
    for (const end of [...ends.filter((edge) => edge > start && edge < stop), stop]) {
      if (end <= at) continue;
      const link = links.find((one) => within(one, at));
      if (at === hole.from) pieces.push({ text: "…", style: "", isHit: false, link: null });
      if (!within(hole, at))
        pieces.push({
          text: plain.slice(at, end),
          style: run.style,
          isHit: hits.some((hit) => within(hit, at)),
          link: link ? plain.slice(link.from, link.to) : null,
        });
      at = end;
    }
    start = stop;
  }
  return pieces;
}
