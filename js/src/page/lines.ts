import type { LogRow } from "../core/wire";
import type { Begun } from "./attempts";

/** A log as a page has it; `flowrun_widgets/sharing/export/line_blocks.py` says what the blocks look like. */

export type Names = [
  count: number,
  levels: [number | null, string | null][],
  tasks: [id: string | null, label: string | null][],
  loggers: (string | null)[],
];
export type Columns = [
  seqs: number[],
  times: number[],
  levels: number[],
  tasks: number[],
  loggers: number[],
  messages: (string | null)[],
];

/** The lines of a log, for each the place of its task run, and when task runs began by these places. */
export interface Lines {
  rows: LogRow[];
  places: number[];
  begun: Begun[];
}

/** How many characters a text has; half of a pair counts with the other half. */
export function lengthOf(text: string): number {
  let length = text.length;
  if (/[\udc00-\udfff]/.test(text))
    for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) length--;
  return length;
}

/** Adds the lines of one block. */
export function addLines(lines: Lines, names: Names, columns: Columns): void {
  const { rows, places } = lines;
  const [, levels, tasks, loggers] = names;
  const [seqs, times, level, task, logger, messages] = columns;
  let [seq, at] = [0, 0];
  for (let i = 0; i < seqs.length; i++) {
    seq += seqs[i] as number;
    at += times[i] as number;
    const [number, word] = levels[level[i] as number] ?? [null, null];
    const message = messages[i] ?? "";
    places.push(task[i] as number);
    rows.push([
      seq,
      at,
      number,
      word,
      tasks[task[i] as number]?.[1] ?? null,
      loggers[logger[i] as number] ?? null,
      message,
      lengthOf(message),
      rows.length,
      true,
    ]);
  }
}
