/** The log in an exported page; `flowrun_widgets/export/line_blocks.py` describes the blocks. */

import type { Begun } from "../engine/attempts";
import { lengthOf } from "../engine/log";
import type { LogRow } from "../protocol/wire";

export type Names = [
  count: number,
  levels: [number | null, string | null][],
  tasks: [id: string | null, label: string | null][],
  loggers: (string | null)[],
  templates: [pattern: string, term: string][],
];
export type Columns = [
  seqs: number[],
  times: number[],
  levels: number[],
  tasks: number[],
  loggers: number[],
  patterns: number[],
  messages: (string | null)[],
];

/** The lines of a log, the indices of each line's task run and pattern, and the start times of the task runs. */
export interface Lines {
  rows: LogRow[];
  places: number[];
  patterns: number[];
  templates: [pattern: string, term: string][];
  begun: Begun[];
}

export const noLines = (names: Names, begun: Begun[]): Lines => ({
  rows: [],
  places: [],
  patterns: [],
  templates: names[4],
  begun,
});

/** Adds the lines of one block. */
export function addLines(lines: Lines, names: Names, columns: Columns): void {
  const { rows, places, patterns } = lines;
  const [, levels, tasks, loggers] = names;
  const [seqs, times, level, task, logger, pattern, messages] = columns;
  let [seq, at] = [0, 0];
  for (let i = 0; i < seqs.length; i++) {
    seq += seqs[i] as number;
    at += times[i] as number;
    const [number, word] = levels[level[i] as number] ?? [null, null];
    const message = messages[i] ?? "";
    places.push(task[i] as number);
    patterns.push(pattern[i] as number);
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
      1,
    ]);
  }
}
