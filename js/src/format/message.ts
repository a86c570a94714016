/** Messages of log lines: the part that a row shows, and its runs of equal style. */

import type { LogRow } from "../protocol/wire";
import type { Stretch } from "../query/linear";
import type { Marker } from "../query/match";
import { plainOf, runsOf } from "./ansi";
import { count, plural } from "./number";

export interface Glimpse {
  first: string;
  /** A description of what the row leaves out; null if it shows everything. */
  more: string | null;
  isTraceback: boolean;
}

/** A stretch of a message that looks the same throughout. */
export interface Piece {
  text: string;
  /** Space-separated class names; empty for plain text. */
  style: string;
  isHit: boolean;
  /** The target of a link; http or https only. */
  link: string | null;
}

export function isCut(row: LogRow): boolean {
  return row[7] > row[6].length || (row[7] > 0 && [...row[6]].length < row[7]);
}

const KEYS_SHOWN = 3;
const MAX_JSON_CHARS = 20_000;

/** The value of a message that is a JSON object or list; undefined for any other. */
export function jsonOf(message: string): object | undefined {
  if (!/^\s*[[{]/.test(message)) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

/** Removes the given characters from the end of a text. A regular expression would search from every position. */
export function trimmedEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1] as string)) end--;
  return text.slice(0, end);
}

/** The first line of a message, and a description of the rest. */
export function glimpse(row: LogRow): Glimpse {
  const message = trimmedEnd(row[6].replace(/\r\n/g, "\n"), "\n");
  const lines = message.split("\n");
  const isTraceback = message.includes("Traceback (most");
  const isWhole = !isCut(row);
  let first = lines[0] ?? "";
  // The first line of a traceback is always the same; the error is in its last line.
  if (isWhole && first.startsWith("Traceback (most")) first = lines.at(-1) ?? first;
  const value = isWhole && row[6].length < MAX_JSON_CHARS ? jsonOf(message) : undefined;
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
  if (isWhole && lines.length > 1)
    return { first, more: `${count(lines.length)} lines`, isTraceback };
  const left = isWhole ? 0 : row[7] - [...first].length;
  return { first, more: left > 0 ? `+${plural(left, "character")}` : null, isTraceback };
}

const LINK = /https?:\/\/[^\s<>"'`\x00-\x20]+/g;
const MAX_MARKS = 200;
/** The length of the part of a text that is searched for hits. */
const MAX_MARKED_CHARS = 20_000;

function linksIn(text: string): Stretch[] {
  if (!text.includes("://")) return [];
  const found: Stretch[] = [];
  for (const { 0: address, index } of text.matchAll(LINK)) {
    if (found.length === MAX_MARKS) break;
    const end = trimmedEnd(address, ".,;:!?)]}").length;
    found.push({ from: index, to: index + end });
  }
  return found;
}

/**
 * Splits terminal text into pieces, with the hits of `markers`. If the text has more than `room` characters, the middle
 * is cut so that the first hit stays visible.
 */
export function piecesOf(text: string, markers: readonly Marker[], room = Infinity): Piece[] {
  const runs = runsOf(text);
  const plain = runs.map((run) => run.text).join("");
  const searched = plain.slice(0, MAX_MARKED_CHARS);
  const hits = markers.flatMap((marker) => marker(searched, MAX_MARKS));
  const links = linksIn(plain);
  const firstHit = Math.min(...hits.map(({ from }) => from));
  const kept = Math.min(21, Math.floor(room / 2));
  const hasHole =
    hits.length > 0 && plain.length > room && firstHit > kept + 2 && firstHit + 8 > room;
  const hole = hasHole ? { from: kept, to: firstHit } : { from: -1, to: -1 };
  const ends = [...new Set([...hits, ...links, hole].flatMap(({ from, to }) => [from, to]))].sort(
    (a, b) => a - b,
  );
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

/** The first line of a text, without terminal colours. */
export const firstLine = (text: string) => plainOf(text.split("\n", 1)[0] ?? "");
