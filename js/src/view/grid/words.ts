/** What the readout and a screen reader say of a cell. */

import { count, duration } from "../../format/number";
import { moment, zoneName } from "../../format/time";
import type { Cell } from "../../state/run-grid";
import { begunAt, type Run } from "../../state/run-table";

/** "1 Failed, 11 Completed", or the name of the only state. */
export const statesWords = ({ state, counts }: Cell): string =>
  counts ? counts.map(([{ name }, n]) => `${count(n)} ${name}`).join(", ") : state.name;

export const ranWords = (ran: number | null): string =>
  ran === null ? "" : `ran ${duration(ran)}`;

/** "started 21 Nov, 02:00:04 UTC" */
export function begunWords(run: Run, zone: string): string {
  const at = begunAt(run);
  if (at === null) return "not started";
  return `${run.started_at === null ? "due" : "started"} ${moment(at, zone)} ${zoneName(at, zone)}`;
}

const joined = (words: readonly string[]) => words.filter(Boolean).join(", ");

export const cellLabel = (task: string, run: string, cell: Cell | null): string =>
  `${task}, ${run}: ${cell ? joined([statesWords(cell), ranWords(cell.ran)]) : "no task run"}`;

export const headLabel = (run: Run, zone: string): string =>
  joined([`${run.name}: ${run.state.name}`, begunWords(run, zone), ranWords(run.ran)]);
