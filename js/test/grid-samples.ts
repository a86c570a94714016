/** Grids of runs × tasks as they travel. */

import { GRID_FORMAT, type GridColumns, type GridPayload, type State } from "../src/protocol/wire";
import { rows, runsPayload } from "./run-samples";
import { completed, failed, running } from "./samples";

const KINDS: State[] = [completed, failed, running];

interface Choice {
  /** How many tasks there are. */
  tasks?: number;
  /** The state of a cell: 0 completed, 1 failed, 2 running, -1 none. */
  state?: (run: number, task: number) => number;
  /** State and number of the task runs of a cell that has several. */
  mapped?: (run: number, task: number) => number[] | undefined;
}

/** Columns from run `start` on; the task runs of task `t` ran `t` seconds. */
export function columns(
  start: number,
  count: number,
  { tasks = 3, state = () => 0, mapped = () => undefined }: Choice = {},
): GridColumns {
  const cells = Array.from({ length: count * tasks }, (_, at) => ({
    at,
    run: start + Math.floor(at / tasks),
    task: at % tasks,
  }));
  return {
    runs: rows(start, count, { kinds: [0, 1] }),
    tasks: Array.from({ length: tasks }, (_, n) => `task-${n}`),
    states: cells.map(({ run, task }) => state(run, task)),
    ran: cells.map(({ run, task }) => (state(run, task) < 0 ? null : task)),
    mapped: cells.flatMap(({ at, run, task }) => {
      const counts = mapped(run, task);
      return counts ? [[at, ...counts]] : [];
    }),
    state_kinds: KINDS,
    redacted: 0,
  };
}

export function gridPayload(data: GridColumns, more: Partial<GridPayload> = {}): GridPayload {
  const { rows: _, ...about } = runsPayload(data.runs, { expression: "grid" });
  return { ...about, format: GRID_FORMAT, columns: data, left_out: 0, ...more };
}
