/** Text that says how much of a run is loaded. */

import type { Header, Logs, TaskRuns } from "../protocol/wire";
import { count } from "./number";

export interface Coverage {
  figures: string;
  rest: string;
}

export function runStatus(header: Header): string {
  if (header.is_finished) return "run finished";
  if (header.started_at === null) return "run not started";
  return header.state.family === "running"
    ? "run still going"
    : `run ${header.state.name.toLowerCase()}`;
}

/** "41 200 of 41 200 lines, run finished"; a lower bound while lines are still being read. */
export function linesCoverage(header: Header, logs: Logs | null): Coverage {
  const rest = `, ${runStatus(header)}`;
  if (!logs) return { figures: "Loading lines…", rest };
  if (!logs.is_complete)
    return { figures: `${count(logs.total)} lines loaded`, rest: `, more exist${rest}` };
  if (logs.total === 0) return { figures: "0 lines", rest };
  const soFar = header.is_finished ? "" : " so far";
  return { figures: `${count(logs.total)} of ${count(logs.total)} lines${soFar}`, rest };
}

export function tasksCoverage(header: Header, loaded: number, tasks: TaskRuns | null): Coverage {
  const rest = `, ${runStatus(header)}`;
  if (!tasks) return { figures: "Loading task runs…", rest };
  return { figures: `${count(loaded)} of ${count(tasks.total)} task runs`, rest };
}
