import type { Payload } from "./wire";

export type Tab = "logs" | "tasks" | "timeline" | "details";

/** Where a card opens: what is most likely to be looked for first. */
export function openingTab(payload: Payload): Tab {
  const { header, tasks } = payload;
  const isGood = header.state.family === "done" || header.state.family === "cached";
  if (!isGood || !tasks) return "logs";
  const isNoteworthy = tasks.rows.some(
    (run) => run.attempts > 1 || run.warnings > 0 || run.state.family === "ended",
  );
  return isNoteworthy ? "tasks" : "logs";
}

/** The log row to open at; null for the top. */
export function openingRow(payload: Payload): number | null {
  const { header, logs, digest } = payload;
  if (!logs || logs.total === 0) return null;
  if (header.state.family === "failed" || digest) return digest?.row ?? logs.first_error;
  if (!header.is_finished && header.started_at !== null) return logs.total - 1;
  return null;
}
