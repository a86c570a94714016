import { useRef } from "preact/hooks";
import { count, plural } from "../../format/number";
import { clock, zoneName } from "../../format/time";
import type { Bins } from "../../protocol/wire";
import type { Ends } from "../../query/terms";
import { useCard, useFields } from "../context";
import { followPointer } from "../controls/drag";
import { type Axis, axisOf, type Fold, labelsOf, timeAt, xOf } from "../controls/time-axis";
import { rounded, timeIn, withTime } from "./brush";

const HIGH = 40;
const MARGIN = 16;
/** The kinds from the axis upwards, with the minimum height that keeps rare kinds visible. */
const KINDS = ["other", "warning", "error"] as const;
const MIN_HEIGHT = [0, 2.5, 3];

/** The number of lines over time, by level. A brush selects a time range and writes it into the filter text. */
export function Histogram({ id }: { id: string }) {
  const card = useCard();
  const { logs, store } = card;
  const drawing = useRef<SVGSVGElement>(null);
  /** The ends of a brush while it is dragged: the fixed one, and the moving one. */
  const drag = useRef<[fixed: number, x: number] | null>(null);
  const {
    result,
    payload,
    zone,
    hoverTime,
    query,
    width: outer,
  } = useFields("result", "payload", "zone", "hoverTime", "query", "text", "width");
  const bins = result?.bins;
  if (!bins) return <div class="hist" />;
  // All lines have the same time.
  if (bins.other.length < 2) return null;
  const width = Math.max(160, Math.round(outer) - 2 * MARGIN);
  const times = bins.at as [number, ...number[]];
  const steps = times.length - 1;
  const from = times[0];
  const to = times[steps] as number;
  const axis = axisOf(from, to, payload?.idle ?? [], 0, width);
  const range = timeIn(query.text, logs);
  const ends = [range?.[0] ?? from, range?.[1] ?? to] as const;
  const isBrushed = drag.current !== null || range !== undefined;
  const [near, far] = (drag.current ?? ends.map((at) => xOf(axis, at))) as [number, number];
  const left = Math.min(near, far);
  const right = Math.max(left + 2, near, far);

  const write = (chosen: Ends | null) => {
    const perPixel = (to - from) / width;
    const round = (at: number | null) => (at === null ? null : rounded(at, perPixel));
    logs.type(withTime(store.text, chosen && [round(chosen[0]), round(chosen[1])]));
  };
  const xAt = (event: PointerEvent) => {
    const box = (drawing.current as Element).getBoundingClientRect();
    return Math.min(width, Math.max(0, event.clientX - box.left));
  };
  const point = (event: PointerEvent) => store.change({ hoverTime: timeAt(axis, xAt(event)) });
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
      store.change({ hoverTime: null });
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
    if (key === "Enter") logs.showTime(ends[side]);
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
  const [outside, inside] = barsOf(bins, axis, (x) => !isBrushed || (x >= left && x <= right));
  const at = times.findLastIndex((edge) => edge <= (hover ?? -1));
  return (
    <div class="hist">
      <svg
        ref={drawing}
        viewBox={`0 0 ${width} 56`}
        role="img"
        aria-label={`Lines over time, ${clock(from, zone)} to ${clock(to, zone)} ${zoneName(from, zone)}`}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          const x = xAt(event);
          const isOn = (edge: number) => range && Math.abs(x - edge) < 12;
          brush(event, isOn(left) ? right : isOn(right) ? left : x);
        }}
        onPointerMove={point}
        onPointerLeave={() => store.change({ hoverTime: null })}
        onDblClick={() => logs.showTime(store.hoverTime ?? from)}
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
        <Bars paths={outside} class="outside" />
        {isBrushed && <rect class="brush" x={left} width={right - left} height={HIGH} />}
        <Bars paths={inside} class="" />
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
          {hintOf(bins, at, zone)}
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

const HINT_HALF = 110;

/** A tooltip beside the pointer, kept inside the card. */
const hintPlace = (x: number, width: number) =>
  `${MARGIN + Math.min(Math.max(x, HINT_HALF), Math.max(HINT_HALF, width - HINT_HALF))}px`;

function hintOf(bins: Bins, at: number, zone: string): string {
  const [other = 0, warning = 0, error = 0] = KINDS.map((kind) => bins[kind][at] ?? 0);
  const words = [plural(other + warning + error, "line")];
  if (warning > 0) words.push(plural(warning, "warning"));
  if (error > 0) words.push(`${count(error)} error${error === 1 ? "" : "s"}`);
  const moment = bins.at[at] as number;
  return `${clock(moment, zone)} ${zoneName(moment, zone)}: ${words.join(", ")}`;
}

const Bars = ({ paths, class: kind }: { paths: readonly string[]; class: string }) => (
  <>
    {KINDS.map((name, i) => (
      <path key={name} class={`bars-${name} ${kind}`} d={paths[i]} />
    ))}
  </>
);

/** The bars as two paths for each kind: outside and inside the brush. */
function barsOf(
  bins: Bins,
  axis: Axis,
  isWithin: (x: number) => boolean,
): [outside: string[], inside: string[]] {
  const kinds = KINDS.map((kind) => bins[kind]) as [number[], number[], number[]];
  const most = Math.max(...kinds[0].map((_, i) => kinds.reduce((sum, n) => sum + (n[i] ?? 0), 0)));
  const paths: [string[], string[]] = [[], []];
  kinds[0].forEach((_, i) => {
    const [left, right] = beside(
      axis.folds,
      xOf(axis, bins.at[i] ?? 0),
      xOf(axis, bins.at[i + 1] ?? 0),
    );
    const side = paths[isWithin((left + right) / 2) ? 1 : 0];
    const width = Math.max(1, right - left - 1).toFixed(1);
    let y = HIGH;
    kinds.forEach((counts, kind) => {
      const n = counts[i];
      if (!n) return;
      const high = Math.max(MIN_HEIGHT[kind] as number, (n / most) * (HIGH - 6));
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
