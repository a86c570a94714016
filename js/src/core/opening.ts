import type { Payload } from "./wire";

export type Tab = "logs" | "tasks" | "timeline" | "details";

/** Where a card opens: what is most likely to be looked for first. */
export function openingTab({ header, tasks }: Payload): Tab {
  const isGood = header.state.family === "done" || header.state.family === "cached";
  if (!isGood || !tasks) return "logs";
  const isNoteworthy =
    tasks.states.some(([{ family }]) => family === "ended") ||
    tasks.rows.some(([, , , , , attempts, , , , , , , warnings]) => attempts > 1 || warnings > 0);
  return isNoteworthy ? "tasks" : "logs";
}

export interface OpeningLine {
  /** Arrival number; null where only the position is known. */
  seq: number | null;
  position: number;
}

/** The line to open at; null for the top. */
export function openingLine({ header, logs, digest }: Payload): OpeningLine | "tail" | null {
  if (!logs || logs.total === 0) return null;
  if (digest?.line) return { seq: digest.line[0], position: digest.line[1] };
  if ((header.state.family === "failed" || digest) && logs.first_error !== null)
    return { seq: null, position: logs.first_error };
  return header.is_finished ? null : "tail";
}
