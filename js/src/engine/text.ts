/** Lines as text for copying and saving; `flowrun_widgets/report/log_text.py` is the same in Python. */

import { clock, dateOf, fraction } from "../format/time";
import type { LogRow } from "../protocol/wire";

const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;
const BREAKS = /\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;
const DIRECTIONS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Cs}]/gu;
const MAX_NAME_CHARS = 300;

/** Text without control characters that would colour a terminal or reverse the direction of a line. */
const plain = (text: string) =>
  text.replace(ESCAPES, "").replace(DIRECTIONS, "").replace(BREAKS, "\n").replace(CONTROLS, "");

function oneLine(text: string): string {
  const characters = [
    ...plain(text)
      .trim()
      .replace(/[\n\t]/g, " "),
  ];
  if (characters.length <= MAX_NAME_CHARS) return characters.join("");
  return `${characters.slice(0, MAX_NAME_CHARS - 1).join("")}…`;
}

/** Day and time in UTC, level, task and message; the further lines of a message are indented. */
export function lineText([, at, , level, task, , text]: LogRow, message = text): string {
  const when = `${dateOf(at, "UTC")} ${clock(at, "UTC")}${fraction(at, 3)}Z`;
  const head = `${when} ${oneLine(level ?? "").padEnd(8)} ${oneLine(task ?? "flow")}: `;
  return head + plain(message).replaceAll("\n", "\n    ");
}

export const textOf = (rows: readonly LogRow[]): string =>
  rows.map((row) => `${lineText(row)}\n`).join("");
