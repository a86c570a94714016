/** Time axes for histogram, timeline and table, with their labels. */

import { duration } from "../../format/number";
import { clock, day, fraction, sameDay } from "../../format/time";

/**
 * A time axis with folded idle gaps. It is piecewise linear: the times `at` are at the pixels `x`. If `folds` is not
 * empty, every second piece is a gap, beginning with the second one.
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

const MAX_FOLD = 60;

/** An axis of `width` pixels (or per cent) from `left` on. A gap is folded only if that makes it narrower. */
export function axisOf(
  from: number,
  to: number,
  idle: readonly (readonly [from: number, to: number])[],
  left: number,
  width: number,
  fold = MAX_FOLD,
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

/** Converts a value to the other scale; values outside are clamped to its ends. */
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

/** Sensible steps between ticks, in seconds; longer ones are whole weeks. */
const STEPS = [
  ...[1e-6, 1e-5, 1e-4, 0.001, 0.01, 0.1, 1].flatMap((unit) => [unit, unit * 2, unit * 5]),
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
];
const WEEK = 604_800;
const DAY = 86_400;

export interface Label {
  /** The position of its middle; a label at an end is moved inside. */
  x: number;
  text: string;
}

export interface Tick extends Label {
  /** The position of the time itself. */
  place: number;
  at: number;
}

/** The width of a character of a label, and the minimum space between two labels, in pixels. */
const CHARACTER = 6.3;
const BETWEEN = 12;

const secondsOfDay = (at: number, zone: string) =>
  clock(at, zone)
    .split(":")
    .reduce((all, part) => all * 60 + +part, 0);

/** Labels at round times of the zone, which do not overlap, and labels of the folds, which have priority. */
export function labelsOf(axis: Axis, zone: string, pixel = 1): { ticks: Tick[]; folds: Label[] } {
  const [left, right] = ends(axis.x);
  const taken: [from: number, to: number][] = [];
  /** The position of a label; null if it would overlap another one. */
  const placed = (x: number, text: string): number | null => {
    const half = (text.length * CHARACTER * pixel) / 2;
    if (right - left < 2 * half) return null;
    const middle = Math.min(right - half, Math.max(left + half, x));
    const gap = BETWEEN * pixel;
    if (taken.some(([from, to]) => middle - half < to + gap && middle + half > from - gap))
      return null;
    taken.push([middle - half, middle + half]);
    return middle;
  };
  const folds: Label[] = [];
  for (const fold of axis.folds) {
    const text = foldWords(fold);
    const x = placed((fold.left + fold.right) / 2, text);
    if (x !== null) folds.push({ x, text });
  }
  const ticks: Tick[] = [];
  const isOverDays = !sameDay(...ends(axis.at), zone);
  const step = stepOf(axis, pixel);
  let before: number | null = null;
  for (const at of roundTimes(axis, zone, step)) {
    const isNewDay = isOverDays && (before === null || !sameDay(at, before, zone));
    const text = tickWords(at, zone, step, isNewDay);
    const place = xOf(axis, at);
    const x = placed(place, text);
    if (x === null) continue;
    ticks.push({ x, place, at, text });
    before = at;
  }
  return { ticks, folds };
}

/** The smallest sensible step whose labels fit. */
function stepOf(axis: Axis, pixel: number): number {
  const [from, to] = ends(axis.at);
  const [left, right] = ends(axis.x);
  const busy = axis.folds.reduce((rest, fold) => rest - fold.to + fold.from, to - from) / 1e6;
  const width = axis.folds.reduce((rest, fold) => rest - fold.right + fold.left, right - left);
  const fits = (step: number) => {
    const characters = step < 0.001 ? 15 : step < 1 ? 12 : 8;
    return step * width >= busy * (characters * CHARACTER + BETWEEN) * pixel;
  };
  const weeks = Math.max(1, Math.ceil((busy * 60 * pixel) / width / WEEK));
  return STEPS.find(fits) ?? weeks * WEEK;
}

function* roundTimes(axis: Axis, zone: string, step: number): Generator<number> {
  const [from, to] = ends(axis.at);
  const micros = Math.max(1, Math.round(step * 1e6));
  const midnight = (Math.floor(from / 1e6) - secondsOfDay(from, zone)) * 1e6;
  let at = midnight + Math.ceil((from - midnight) / micros) * micros;
  while (at <= to) {
    const fold = axis.folds.find((one) => one.from < at && at < one.to);
    if (fold) {
      at += Math.ceil((fold.to - at) / micros) * micros;
      continue;
    }
    yield step < 3600 ? at : onTheHour(at, zone, Math.min(step, DAY));
    at += micros;
  }
}

/** Corrects steps of hours and days after a change to or from daylight saving time. */
function onTheHour(at: number, zone: string, step: number): number {
  const off = secondsOfDay(at, zone) % step;
  return at - (off > step / 2 ? off - step : off) * 1e6;
}

function tickWords(at: number, zone: string, step: number, isNewDay: boolean): string {
  const time = clock(at, zone);
  if (step < 1) return time + fraction(at, step < 0.001 ? 6 : 3);
  if (step >= DAY) return day(at, zone);
  const short = step % 60 === 0 ? time.slice(0, 5) : time;
  if (!isNewDay) return short;
  return short === "00:00" ? day(at, zone) : `${day(at, zone)}, ${short}`;
}

/** The length of a fold in one unit: "19 min". */
export const foldWords = ({ from, to }: Fold): string =>
  duration((to - from) / 1e6).split(" ")[0] as string;
