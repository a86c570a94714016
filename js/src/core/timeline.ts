import type { Header, TaskRun } from "./wire";

export interface Axis {
  from: number;
  to: number;
  left: number;
  width: number;
}

/** The times that a timeline has to hold: the run's own, and those of every span. */
export function extentOf(header: Header, runs: readonly TaskRun[]): { from: number; to: number } {
  let from = header.started_at ?? header.scheduled_at ?? header.created_at ?? header.as_of;
  let to = header.ended_at ?? (header.is_finished ? from : header.as_of);
  for (const run of runs) {
    for (const [start, end] of run.spans) {
      if (start < from) from = start;
      const last = end ?? header.as_of;
      if (last > to) to = last;
    }
  }
  return { from, to: Math.max(to, from + 1000) };
}

export function xOf(axis: Axis, at: number): number {
  const share = (at - axis.from) / (axis.to - axis.from);
  return axis.left + Math.min(1, Math.max(0, share)) * axis.width;
}

const STEPS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900,
  1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
];

export interface Ticks {
  at: number[];
  /** Seconds between two ticks. */
  step: number;
}

/** Round times, at least `room` pixels apart. */
export function ticksOf(axis: Axis, room = 84): Ticks {
  const seconds = (axis.to - axis.from) / 1e6;
  const least = (seconds * room) / Math.max(1, axis.width);
  const step = STEPS.find((s) => s >= least) ?? Math.ceil(least / 604_800) * 604_800;
  const micros = Math.round(step * 1e6);
  const at: number[] = [];
  for (let t = Math.ceil(axis.from / micros) * micros; t <= axis.to; t += micros) at.push(t);
  return { at, step };
}

/** Cuts a name in the middle so that both ends stay readable. */
export function shortened(name: string, letters: number): string {
  const all = [...name];
  if (all.length <= letters) return name;
  const head = Math.ceil((letters - 1) / 2);
  const tail = letters - 1 - head;
  return `${all.slice(0, head).join("")}…${tail > 0 ? all.slice(-tail).join("") : ""}`;
}

const firstAt = (run: TaskRun): number =>
  run.started_at ?? run.ended_at ?? run.spans[0]?.[0] ?? Number.POSITIVE_INFINITY;

/** As they began to run; children of one mapped task stay together, by index. */
export function inOrder(runs: readonly TaskRun[]): TaskRun[] {
  const groups = new Map<string, number>();
  for (const run of runs) {
    if (run.group === null) continue;
    groups.set(
      run.group,
      Math.min(groups.get(run.group) ?? Number.POSITIVE_INFINITY, firstAt(run)),
    );
  }
  const key = (run: TaskRun) => (run.group === null ? firstAt(run) : (groups.get(run.group) ?? 0));
  const compared = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);
  return [...runs].sort(
    (a, b) =>
      compared(key(a), key(b)) ||
      (a.group ?? "").localeCompare(b.group ?? "") ||
      compared(a.map_index ?? firstAt(a), b.map_index ?? firstAt(b)),
  );
}
