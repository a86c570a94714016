/** Lines as they are copied, one a row: full UTC time, level, task, message; `card/downloads.py` is the same in Python. */

import { levelWord } from "../format/level";
import { utc } from "../format/time";
import type { LogRow } from "../protocol/wire";

export function lineText(row: LogRow, message = row[6]): string {
  return [utc(row[1]), levelWord(row).padEnd(5), row[4] ?? "flow", message].join("  ");
}

export const textOf = (rows: readonly LogRow[]): string =>
  rows.map((row) => `${lineText(row)}\n`).join("");
