/** The rows of the timeline, their time range, and the critical path through them. */

import { duration, plural } from "../../format/number";
import { isWaiting } from "../../format/spans";
import { type Header, SPAN_KINDS, type SpanKind } from "../../protocol/wire";
import { grouped, isGroup, type Row, type TaskRun } from "../../state/task-rows";
import { type Axis, xOf } from "../controls/time-axis";

/** The largest share of a timeline that the wait before the run may take. */
const PRELUDE = 0.05;

/** The range of a timeline: the run, every span, and the wait before the run if it is short. */
export function extentOf(header: Header, runs: readonly TaskRun[]): [from: number, to: number] {
  const { started_at, ended_at, as_of } = header;
  const due = header.scheduled_at ?? header.created_at ?? as_of;
  let from = started_at ?? due;
  let to = ended_at ?? (header.is_finished ? from : as_of);
  for (const { spans } of runs) {
    for (let i = 0; i < spans.length; i += 3) {
      from = Math.min(from, spans[i] ?? from);
      to = Math.max(to, spans[i + 1] || as_of);
    }
  }
  if (due < from && from - due < (to - from) * PRELUDE) from = due;
  return [from, Math.max(to, from + 1000)];
}

const byIndex = (a: TaskRun, b: TaskRun) => (a.map_index ?? -1) - (b.map_index ?? -1);

/** The kinds of spans in drawing order, the lowest layer first. */
const LAYERS: readonly SpanKind[] = ["waited", "tried", "ran", "failed"];

/** Merges the spans of many task runs, one layer per kind, waits lowest. Spans at most `apart` from each other join. */
export function merged(runs: readonly TaskRun[], now: number, apart: number): number[] {
  const layers = LAYERS.map((): [number, number][] => []);
  for (const { spans } of runs) {
    for (let i = 0; i < spans.length; i += 3) {
      const kind = spans[i + 2];
      const layer = isWaiting(kind) ? 0 : LAYERS.indexOf(SPAN_KINDS[kind ?? 0] ?? "ran");
      layers[layer]?.push([spans[i] ?? 0, spans[i + 1] || now]);
    }
  }
  return layers.flatMap((layer, i) => {
    const kind = SPAN_KINDS.indexOf(LAYERS[i] ?? "ran");
    const found: number[] = [];
    for (const [from, to] of layer.sort(([a], [b]) => a - b)) {
      const last = found.length - 2;
      if (last >= 0 && from - (found[last] ?? 0) <= apart)
        found[last] = Math.max(found[last] ?? 0, to);
      else found.push(from, to, kind);
    }
    return found;
  });
}

/** The number of consecutive bars that can be distinguished in a row. */
const FINEST = 500;

/**
 * Returns one row for each task run, with the runs of a group together and sorted by index; or one row for each task,
 * with the spans of all its runs.
 */
export function timelineRows(
  runs: readonly TaskRun[],
  isByTask: boolean,
  now: number,
): readonly Row[] {
  return grouped(runs).flatMap((row): Row | Row[] => {
    if (!isGroup(row)) return row;
    if (!isByTask) return [...row.runs].sort(byIndex);
    const apart = ((row.ended_at ?? now) - (row.started_at ?? now)) / FINEST;
    return { ...row, spans: merged(row.runs, now, apart) };
  });
}

/** A part of the critical path: along a task run up to its end, then to the row of the next. */
export interface Leg {
  left: number;
  right: number;
  row: number;
  next: number;
}

/** Task runs of the path that have no row are left out. */
export function legsOf(
  path: readonly (TaskRun | undefined)[],
  rowOf: (run: TaskRun) => number | undefined,
  axis: Axis,
): Leg[] {
  const legs: Leg[] = [];
  let begun: number | null = null;
  for (const run of path) {
    const row = run && rowOf(run);
    if (!run || row === undefined || run.started_at === null || run.ended_at === null) continue;
    const before = legs.at(-1);
    if (before) before.next = row;
    const from = begun ?? run.started_at;
    begun = run.ended_at;
    const right = xOf(axis, run.ended_at);
    legs.push({ left: xOf(axis, from), right, row, next: row });
  }
  return legs;
}

/** "3 attempts, 5 min 21 s running, 23 min 21 s waiting" */
export function wordsOf(row: Row): string {
  const words = isGroup(row)
    ? [plural(row.size, "run")]
    : row.attempts === 0
      ? [row.state.name]
      : [plural(row.attempts, "attempt")];
  if (row.ran !== null) words.push(`${duration(row.ran)} running`);
  if (row.waited) words.push(`${isGroup(row) ? "up to " : ""}${duration(row.waited)} waiting`);
  return words.join(", ");
}
