/** Task runs as they travel, and as the page has them. */

import type { State, TaskRow, TaskRuns } from "../src/protocol/wire";
import { runsOf, type TaskRun } from "../src/state/task-rows";
import { random } from "./random";

export const NOON = Date.UTC(2026, 10, 21, 12) * 1000;
/** So many seconds after noon. */
export const second = (n: number) => Math.round(NOON + n * 1e6);

const state = (name: string, family: State["family"], icon: State["icon"]): State => ({
  type: name.toUpperCase(),
  name,
  family,
  icon,
  message: null,
  at: null,
});

/** The most urgent first, as they travel. */
export const STATES: TaskRuns["states"] = [
  [state("Failed", "failed", "cross"), 1],
  [state("NotReady", "heldup", "slash-ring"), 1],
  [state("Cached", "cached", "double-check"), 1],
  [state("Completed", "done", "check"), 1],
];
export const [FAILED, HELD_UP, CACHED, COMPLETED] = [0, 1, 2, 3];

interface Choice {
  group?: string | null;
  map_index?: number | null;
  state?: number;
  attempts?: number;
  started?: number | null;
  ended?: number | null;
  waited?: number | null;
  ran?: number | null;
  spans?: number[];
  lines?: number;
  warnings?: number;
  errors?: number;
  child_run?: string | null;
}

/** A row as it travels; times in seconds since noon. */
export function row(label: string, choice: Choice = {}): TaskRow {
  const { group = null, map_index = null, state = COMPLETED, attempts = 1 } = choice;
  const { started = 1, ended = 11, waited = 0.5, ran = 10, lines = 3 } = choice;
  const [from, to] = [started, ended].map((at) => (at === null ? null : second(at)));
  return [
    `id-${label}`,
    label,
    group,
    map_index,
    state,
    attempts,
    from ?? null,
    to ?? null,
    waited,
    ran,
    choice.spans ?? (from ? [from, to ?? 0, 1] : []),
    lines,
    choice.warnings ?? 0,
    choice.errors ?? 0,
    choice.child_run ?? null,
  ];
}

export const run = (label: string, choice?: Choice): TaskRun =>
  runsOf([row(label, choice)], STATES)[0] as TaskRun;

export const mapped = (count: number): TaskRow[] =>
  Array.from({ length: count }, (_, i) =>
    row(`load[${i}]`, { group: "load", map_index: i, started: 2 + i, ended: 12 + i }),
  );

/** Task runs of all kinds: mapped and not, retried, never begun. */
export function someRuns(seed: number, count: number): TaskRun[] {
  const { below, oneOf } = random(seed);
  const rows = Array.from({ length: count }, (_, i) => {
    const isChild = below(3) > 0;
    const group = isChild ? oneOf(["load", "tidy"]) : null;
    const started = below(5) === 0 ? null : below(1000);
    const ran = started === null ? null : below(50);
    return row(group ? `${group}[${i}]` : `step ${i}`, {
      group,
      map_index: isChild ? i : null,
      state: below(4),
      attempts: started === null ? 0 : 1 + below(3),
      started,
      ended: started === null ? null : started + (ran ?? 0),
      waited: below(4) === 0 ? null : below(20),
      ran,
      lines: below(500),
      warnings: below(3),
      errors: below(2),
    });
  });
  const at = (row: TaskRow) => row[6] ?? Number.POSITIVE_INFINITY;
  return runsOf(
    rows.sort((a, b) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0)),
    STATES,
  );
}
