import type { LogRow } from "../core/wire";

/** Lines as a file; `flowrun_widgets/card/downloads.py` is the same in Python. */

const CSV = "timestamp,level,level_name,task,logger,message,seq\n";

const quoted = (value: string | number | null) =>
  typeof value === "string" ? `"${value.replaceAll('"', '""')}"` : (value ?? "");

/** A moment with its microseconds, as Python writes it. */
const moment = (at: number) =>
  `${new Date(Math.floor(at / 1000)).toISOString().slice(0, -1)}${String(((at % 1000) + 1000) % 1000).padStart(3, "0")}Z`;

export function fileOf(rows: readonly LogRow[], format: "csv" | "jsonl"): DataView {
  const [head, ...names] = CSV.trim().split(",");
  const lines = rows.map(([seq, at, level, word, task, logger, message]) => {
    const rest = [level, word, task, logger, message, seq];
    if (format === "csv") return `${[moment(at), ...rest].map(quoted).join()}\n`;
    const pairs = [[head, moment(at)], ...names.map((name, i) => [name, rest[i]])];
    return `${JSON.stringify(Object.fromEntries(pairs))}\n`;
  });
  const text = (format === "csv" ? CSV : "") + lines.join("");
  return new DataView(new TextEncoder().encode(text).buffer);
}
