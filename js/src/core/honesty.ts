import { count } from "./format";
import type { Header, Logs } from "./wire";

export interface Honesty {
  figures: string;
  rest: string;
}

function howItStands(header: Header): string {
  if (header.is_finished) return "run finished";
  return header.started_at === null ? "run not started" : "run still going";
}

/** "41 200 of 41 200 lines, run finished"; a lower bound while lines are still being read. */
export function linesHonesty(header: Header, logs: Logs | null): Honesty {
  const rest = `, ${howItStands(header)}`;
  if (!logs) return { figures: "No lines read yet", rest };
  if (!logs.is_complete)
    return { figures: `≥ ${count(logs.total)} lines`, rest: `, more to read${rest}` };
  if (logs.total === 0) return { figures: "0 lines", rest };
  const soFar = header.is_finished ? "" : " so far";
  return { figures: `${count(logs.total)} of ${count(logs.total)} lines${soFar}`, rest };
}

export function tasksHonesty(header: Header, read: number, total: number | null): Honesty {
  const rest = `, ${howItStands(header)}`;
  if (total === null) return { figures: "No task runs read yet", rest };
  return { figures: `${count(read)} of ${count(total)} task runs`, rest };
}
