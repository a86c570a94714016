import { clock, day, duration, fraction } from "./format";

/**
 * A time axis with folded idle gaps: straight pieces between the times `at` and the pixels `x`.
 * Every second of them, from the second on, is a gap where `folds` says so.
 */
export interface Axis {
  at: readonly number[];
  x: readonly number[];
  folds: readonly Fold[];
}

export interface Fold {
  from: number;
  to: number;
  left: number;
  right: number;
}

const MOST_FOLD = 60;

/** An axis over `width` pixels (or hundredths) from `left` on. A gap is folded where that makes it narrower. */
export function axisOf(
  from: number,
  to: number,
  idle: readonly (readonly [from: number, to: number])[],
  left: number,
  width: number,
  fold = MOST_FOLD,
): Axis {
  const end = Math.max(to, from + 1000);
  const narrow = Math.min(fold, width * 0.08, width / 2 / Math.max(1, idle.length));
  const gaps = idle
    .map(([a, b]) => [Math.max(a, from), Math.min(b, end)] as const)
    .filter(([a, b]) => ((b - a) / (end - from)) * width > narrow);
  const busy = gaps.reduce((rest, [a, b]) => rest - (b - a), end - from);
  const axis = { at: [from], x: [left], folds: [] as Fold[] };
  if (busy > 0) {
    const perMicro = (width - gaps.length * narrow) / busy;
    let [before, x] = [from, left];
    for (const [a, b] of gaps) {
      x += (a - before) * perMicro;
      axis.folds.push({ from: a, to: b, left: x, right: x + narrow });
      axis.at.push(a, b);
      axis.x.push(x, x + narrow);
      x += narrow;
      before = b;
    }
  }
  axis.at.push(end);
  axis.x.push(left + width);
  return axis;
}

/** The value of the other scale; what lies outside is at its ends. */
function along(given: readonly number[], wanted: readonly number[], value: number): number {
  let i = 1;
  while (i < given.length - 1 && value > (given[i] as number)) i++;
  const [a, b] = given.slice(i - 1) as [number, number];
  const [c, d] = wanted.slice(i - 1) as [number, number];
  return c + Math.min(1, Math.max(0, (value - a) / (b - a || 1))) * (d - c);
}

export const xOf = (axis: Axis, at: number): number => along(axis.at, axis.x, at);
export const timeAt = (axis: Axis, x: number): number => Math.round(along(axis.x, axis.at, x));

const ends = (values: readonly number[]) => [values[0], values.at(-1)] as [number, number];
export const spanOf = ({ at }: Axis): [from: number, to: number] => ends(at);

const STEPS = [
  ...[0.001, 0.01, 0.1, 1].flatMap((unit) => [unit, unit * 2, unit * 5]),
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1800,
  3600,
  7200,
  10_800,
  21_600,
  43_200,
  86_400,
  172_800,
  604_800,
];

export interface Tick {
  x: number;
  at: number;
  text: string;
}

/** Round times of the reader's zone, at least `room` pixels apart, and none too near to a fold's own words. */
export function ticksOf(axis: Axis, zone: string, room = 84): Tick[] {
  const { folds } = axis;
  const [from, to] = ends(axis.at);
  const [left, right] = ends(axis.x);
  const busy = folds.reduce((rest, fold) => rest - fold.to + fold.from, to - from);
  const width = folds.reduce((rest, fold) => rest - fold.right + fold.left, right - left);
  const least = ((busy / 1e6) * room) / width;
  const step = STEPS.find((s) => s >= least) ?? Math.ceil(least / 604_800) * 604_800;
  const micros = Math.round(step * 1e6);
  const seconds = clock(from, zone)
    .split(":")
    .reduce((all, part) => all * 60 + +part, 0);
  const midnight = (Math.floor(from / 1e6) - seconds) * 1e6;
  const ticks: Tick[] = [];
  const isLong = to - from > 8.64e10;
  let at = midnight + Math.ceil((from - midnight) / micros) * micros;
  while (at <= to) {
    const fold = folds.find((f) => f.from < at && at < f.to);
    if (fold) {
      at += Math.ceil((fold.to - at) / micros) * micros;
      continue;
    }
    const place = xOf(axis, at);
    const before = ticks.at(-1);
    const isCrowded = folds.some((f) => Math.abs((f.left + f.right) / 2 - place) < room / 2);
    if (!isCrowded && (!before || place - before.x > room / 2)) {
      const isNewDay = !before || day(at, zone) !== day(before.at, zone);
      const time = clock(at, zone);
      const text =
        isLong && step >= 3600 && isNewDay
          ? day(at, zone)
          : step < 1
            ? time + fraction(at, 3)
            : step % 60 === 0
              ? time.slice(0, 5)
              : time;
      ticks.push({ x: place, at, text });
    }
    at += micros;
  }
  return ticks;
}

/** "19 min": what a fold leaves out, in one unit. */
export const foldWords = ({ from, to }: Fold): string =>
  duration((to - from) / 1e6).split(" ")[0] as string;
