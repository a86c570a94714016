/** The line at which a card opens: the one that a reader most likely needs first. */

import type { LogRow, Payload } from "../protocol/wire";

export type Tab = "logs" | "tasks" | "timeline" | "details";

export function initialTab({ header, tasks }: Payload, filter = ""): Tab {
  if (filter) return "logs";
  const isGood = header.state.family === "done" || header.state.family === "cached";
  if (!isGood || !tasks) return "logs";
  const isNoteworthy =
    tasks.states.some(([{ family }]) => family === "ended") ||
    tasks.rows.some(([, , , , , attempts]) => attempts > 1);
  return isNoteworthy ? "tasks" : "logs";
}

/** The arrival number of the line to open at; null for the top. */
export function initialLine({ header, logs, digest }: Payload): LogRow[0] | "tail" | null {
  if (!logs || logs.total === 0) return null;
  if (digest?.line) return digest.line[0];
  if (header.state.family === "failed" || digest) return logs.first_error;
  return header.is_finished ? null : "tail";
}
