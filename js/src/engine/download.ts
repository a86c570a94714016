/** Lines as a file; `flowrun_widgets/widget/downloads.py` is the same in Python. */

import type { FileFormat, Header, LogRow } from "../protocol/wire";
import { textOf } from "./text";

const COLUMNS = ["timestamp", "level", "level_name", "task", "logger", "message", "seq"];

const quoted = (value: string | number | null | undefined) =>
  typeof value === "string" ? `"${value.replaceAll('"', '""')}"` : (value ?? "");

/** A time with microseconds, as Python writes it. */
const moment = (at: number) =>
  `${new Date(Math.floor(at / 1000)).toISOString().slice(0, -1)}${String(((at % 1000) + 1000) % 1000).padStart(3, "0")}Z`;

function valuesOf([seq, at, level, word, task, logger, message]: LogRow) {
  return [moment(at), level, word, task, logger, message, seq];
}

function csvOf(rows: readonly LogRow[]): string {
  return [COLUMNS, ...rows.map(valuesOf)]
    .map((values) => values.map(quoted).join())
    .map((line) => `${line}\n`)
    .join("");
}

function jsonLinesOf(rows: readonly LogRow[]): string {
  return rows
    .map((row) => {
      const values = valuesOf(row);
      return `${JSON.stringify(Object.fromEntries(COLUMNS.map((name, i) => [name, values[i]])))}\n`;
    })
    .join("");
}

/** The name of a file with the lines of a run, without extension: `amber-heron-logs`. */
export function fileNameOf(run: Pick<Header, "name" | "id"> | undefined): string {
  const name = run?.name?.replace(/[^\w.-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "");
  return `${name?.slice(0, 100) || (run?.id ?? "run")}-logs`;
}

const WRITERS = { csv: csvOf, jsonl: jsonLinesOf, txt: textOf };

export function fileOf(rows: readonly LogRow[], format: FileFormat): DataView {
  return new DataView(new TextEncoder().encode(WRITERS[format](rows)).buffer as ArrayBuffer);
}
