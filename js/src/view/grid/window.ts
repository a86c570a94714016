/** Which cells are drawn, where they are, and how keys move between them. */

import type { Place } from "../../state/run-grid";

export const CELL_WIDTH = 20;
export const ROW_HEIGHT = 22;
/** The height of the heads: times, bars, states. */
export const HEAD_HEIGHT = 88;
/** Cells are drawn in groups, so that most steps of scrolling draw nothing. */
const GROUP = 4;

export interface Drawn {
  from: number;
  /** One past the last. */
  end: number;
}

/** The rows, or columns, to draw if `count` are in view from `first` on. */
export function drawn(first: number, count: number, total: number): Drawn {
  const from = Math.max(0, (Math.floor(Math.min(first, total - 1) / GROUP) - 1) * GROUP);
  const end = (Math.ceil((first + count) / GROUP) + 1) * GROUP;
  return { from, end: Math.max(from, Math.min(end, total)) };
}

/** The numbers of the groups that a range of columns consists of, the oldest first. */
export function groupsOf({ from, end }: Drawn): number[] {
  const first = Math.floor(from / GROUP);
  const count = Math.ceil(end / GROUP) - first;
  return Array.from({ length: count }, (_, i) => first + count - 1 - i);
}

/** The columns of a group, the oldest first. */
export const columnsOf = (group: number, total: number): number[] =>
  Array.from(
    { length: Math.min(GROUP, total - group * GROUP) },
    (_, i) => group * GROUP + i,
  ).reverse();

/** The width of the column of names: as long as they need, in a narrow view less. */
export function nameWidth(tasks: readonly string[], width: number): number {
  const longest = tasks.reduce((most, name) => Math.max(most, name.length), 0);
  const most = width >= 720 ? 220 : width >= 480 ? 160 : 116;
  return Math.max(116, Math.min(most, 64 + 7 * longest));
}

/** How a key moves the focus; the newest run has the number 0, and is at the right. */
export function stepIn({ key, ctrlKey, metaKey }: KeyboardEvent, page: number): Place | null {
  const far = ctrlKey || metaKey;
  const steps: Record<string, Place> = {
    ArrowLeft: { run: far ? Infinity : 1, task: 0 },
    ArrowRight: { run: far ? -Infinity : -1, task: 0 },
    ArrowUp: { run: 0, task: far ? -Infinity : -1 },
    ArrowDown: { run: 0, task: far ? Infinity : 1 },
    PageUp: { run: 0, task: -page },
    PageDown: { run: 0, task: page },
    Home: { run: Infinity, task: far ? -Infinity : 0 },
    End: { run: -Infinity, task: far ? Infinity : 0 },
  };
  return steps[key] ?? null;
}
