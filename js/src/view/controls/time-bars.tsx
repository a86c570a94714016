import { useRef } from "preact/hooks";
import { clock, zoneName } from "../../format/time";
import type { Ends } from "../../query/terms";
import { rounded } from "./brush";
import { followPointer } from "./drag";
import { type Axis, type Fold, labelsOf, spanOf, timeAt, xOf } from "./time-axis";

const HIGH = 40;
export const BARS_MARGIN = 16;
const MARGIN = BARS_MARGIN;

/** Counts of one kind in each bin, drawn above the layers before it. */
export interface Layer {
  class: string;
  counts: readonly number[];
  /** The minimum height in pixels that keeps a rare kind visible. */
  least: number;
}

interface Props {
  id: string;
  /** The edges of the bins, one more than there are bins. */
  times: readonly [number, ...number[]];
  layers: readonly Layer[];
  axis: Axis;
  width: number;
  zone: string;
  /** What the bars count: "Lines". */
  what: string;
  /** The selected time range. */
  range: Ends | undefined;
  /** The time under the pointer. */
  hoverTime: number | null;
  onHover: (at: number | null) => void;
  /** Selects a time range; null: none. */
  onBrush: (ends: Ends | null) => void;
  /** Goes to a time. */
  onShow?: (at: number) => void;
  /** What a bin contains, as text. */
  wordsOf: (bin: number) => string;
}

/** Counts over time as stacked bars, with a brush that selects a time range. */
export function TimeBars(props: Props) {
  const { id, times, layers, axis, width, zone, range, hoverTime, onHover } = props;
  const drawing = useRef<SVGSVGElement>(null);
  /** The ends of a brush while it is dragged: the fixed one, and the moving one. */
  const drag = useRef<[fixed: number, x: number] | null>(null);
  const steps = times.length - 1;
  const from = times[0];
  const to = times[steps] as number;
  const ends = [range?.[0] ?? from, range?.[1] ?? to] as const;
  const isBrushed = drag.current !== null || range !== undefined;
  const [near, far] = (drag.current ?? ends.map((at) => xOf(axis, at))) as [number, number];
  const left = Math.min(near, far);
  const right = Math.max(left + 2, near, far);

  const write = (chosen: Ends | null) => {
    const perPixel = (to - from) / width;
    const round = (at: number | null) => (at === null ? null : rounded(at, perPixel));
    props.onBrush(chosen && [round(chosen[0]), round(chosen[1])]);
  };
  const xAt = (event: PointerEvent) => {
    const box = (drawing.current as Element).getBoundingClientRect();
    return Math.min(width, Math.max(0, event.clientX - box.left));
  };
  const point = (event: PointerEvent) => onHover(timeAt(axis, xAt(event)));
  /** Other parts of the card see a drag only when it ends. */
  const brush = (event: PointerEvent, fixed = xAt(event)) => {
    const move = (moved: PointerEvent) => {
      drag.current = [fixed, xAt(moved)];
      point(moved);
    };
    move(event);
    followPointer(event, move, () => {
      const [a, b] = drag.current ?? [0, 0];
      drag.current = null;
      const isClick = Math.abs(a - b) < 3;
      write(isClick ? null : [timeAt(axis, Math.min(a, b)), timeAt(axis, Math.max(a, b))]);
      onHover(null);
    });
  };

  const stepOf = (at: number) => {
    const i = times.findIndex((edge) => edge >= at);
    return i < 0 ? steps : i;
  };
  const onKeyDown = (event: KeyboardEvent, side: 0 | 1) => {
    const { key, shiftKey } = event;
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -1e6, End: 1e6 }[
      key
    ];
    if (key === "Enter") props.onShow?.(ends[side]);
    if (!by) return;
    event.preventDefault();
    const other = stepOf(ends[1 - side] as number);
    const place = stepOf(ends[side]) + by * (shiftKey ? 10 : 1);
    const at = Math.max(side && other + 1, Math.min(side ? steps : other - 1, place));
    const next = [...(range ?? [null, null])] as Ends;
    next[side] = times[at] as number;
    write(next);
  };

  const hover = hoverTime !== null && hoverTime >= from && hoverTime <= to ? hoverTime : null;
  const labels = labelsOf(axis, zone);
  const isWithin = (x: number) => !isBrushed || (x >= left && x <= right);
  const [outside, inside] = barsOf(times, layers, axis, isWithin);
  const at = times.findLastIndex((edge) => edge <= (hover ?? -1));
  return (
    <div class="hist">
      <svg
        ref={drawing}
        viewBox={`0 0 ${width} 56`}
        role="img"
        aria-label={`${props.what} over time, ${spanWords(axis, zone)}`}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          const x = xAt(event);
          const isOn = (edge: number) => range && Math.abs(x - edge) < 12;
          brush(event, isOn(left) ? right : isOn(right) ? left : x);
        }}
        onPointerMove={point}
        onPointerLeave={() => onHover(null)}
        onDblClick={() => props.onShow?.(hoverTime ?? from)}
      >
        <pattern
          id={`${id}-hatch`}
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <path d="M0 0V5" class="hist-axis" />
        </pattern>
        {axis.folds.map(({ left: x, right: end }) => (
          <rect key={x} x={x} width={end - x} height={HIGH} fill={`url(#${id}-hatch)`} />
        ))}
        <path class="hist-axis" d={`M0 40.5H${width}`} />
        <Bars layers={layers} paths={outside} class="outside" />
        {isBrushed && <rect class="brush" x={left} width={right - left} height={HIGH} />}
        <Bars layers={layers} paths={inside} class="" />
        {[...labels.folds, ...labels.ticks].map(({ x, text }) => (
          <text key={`${x} ${text}`} x={x} y="53" text-anchor="middle">
            {text}
          </text>
        ))}
        {hover !== null && <path class="edge" d={`M${xOf(axis, hover)} 0V${HIGH}`} />}
        {isBrushed && <path class="edge" d={`M${left} 0V${HIGH}M${right} 0V${HIGH}`} />}
      </svg>
      {hover !== null && at >= 0 && (
        <p class="hist-hint" style={{ left: hintPlace(xOf(axis, hover), width) }}>
          {props.wordsOf(at)}
        </p>
      )}
      {([0, 1] as const).map((side) => (
        <span
          key={side}
          class={`grip ${isBrushed ? "on" : ""}`}
          role="slider"
          tabIndex={0}
          aria-label={side ? "To" : "From"}
          aria-orientation="horizontal"
          aria-valuemin={0}
          aria-valuemax={steps}
          aria-valuenow={stepOf(ends[side])}
          aria-valuetext={clock(ends[side], zone)}
          style={{ left: `${MARGIN + (side ? right : left)}px` }}
          onKeyDown={(event) => onKeyDown(event, side)}
          onPointerDown={(event) => brush(event, side ? left : right)}
        />
      ))}
    </div>
  );
}

function spanWords(axis: Axis, zone: string): string {
  const [from, to] = spanOf(axis);
  return `${clock(from, zone)} to ${clock(to, zone)} ${zoneName(from, zone)}`;
}

const HINT_HALF = 110;

/** A tooltip beside the pointer, kept inside the card. */
const hintPlace = (x: number, width: number) =>
  `${MARGIN + Math.min(Math.max(x, HINT_HALF), Math.max(HINT_HALF, width - HINT_HALF))}px`;

interface BarsProps {
  layers: readonly Layer[];
  paths: readonly string[];
  class: string;
}

const Bars = ({ layers, paths, class: kind }: BarsProps) => (
  <>
    {layers.map((layer, i) => (
      <path key={i} class={`${layer.class} ${kind}`} d={paths[i]} />
    ))}
  </>
);

/** The bars as two paths for each layer: outside and inside the brush. */
function barsOf(
  times: readonly number[],
  layers: readonly Layer[],
  axis: Axis,
  isWithin: (x: number) => boolean,
): [outside: string[], inside: string[]] {
  const totals = times
    .slice(1)
    .map((_, i) => layers.reduce((sum, { counts }) => sum + (counts[i] ?? 0), 0));
  const most = Math.max(...totals);
  const paths: [string[], string[]] = [[], []];
  totals.forEach((_, i) => {
    const [left, right] = beside(
      axis.folds,
      xOf(axis, times[i] ?? 0),
      xOf(axis, times[i + 1] ?? 0),
    );
    const side = paths[isWithin((left + right) / 2) ? 1 : 0];
    const width = Math.max(1, right - left - 1).toFixed(1);
    let y = HIGH;
    layers.forEach(({ counts, least }, kind) => {
      const n = counts[i];
      if (!n) return;
      const high = Math.max(least, (n / most) * (HIGH - 6));
      y -= high;
      const bar = `M${left.toFixed(1)} ${y.toFixed(1)}h${width}v${high.toFixed(1)}h-${width}z`;
      side[kind] = (side[kind] ?? "") + bar;
    });
  });
  return paths;
}

/** Clips a bar that reaches into a fold. */
function beside(folds: readonly Fold[], from: number, to: number): [left: number, right: number] {
  let [left, right] = [from, to];
  for (const fold of folds) {
    if (left < fold.left && right > fold.left) right = fold.left;
    else if (left >= fold.left && left < fold.right) left = Math.min(fold.right, right);
  }
  return [left, right];
}
