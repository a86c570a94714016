import { count } from "./format";
import type { LogRow } from "./wire";

export interface Glimpse {
  first: string;
  /** What the row leaves out, in words; null if it shows everything. */
  more: string | null;
  isTraceback: boolean;
}

export function isCut(row: LogRow): boolean {
  return row[7] > row[6].length;
}

/** The first line of a message and what there is beyond it. */
export function glimpse(row: LogRow): Glimpse {
  const message = row[6].replace(/\r\n/g, "\n").replace(/\n+$/, "");
  const end = message.indexOf("\n");
  const first = end < 0 ? message : message.slice(0, end);
  const isTraceback = message.includes("Traceback (most recent call last)");
  if (end < 0) {
    const left = row[7] - row[6].length;
    return { first, more: left > 0 ? `+${count(left)} characters` : null, isTraceback };
  }
  const lines = message.split("\n").length;
  return { first, more: `${isCut(row) ? "≥ " : ""}${count(lines)} lines`, isTraceback };
}
