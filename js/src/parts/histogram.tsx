import { useRef } from "preact/hooks";
import { axisOf, type Fold, foldWords, ticksOf, timeAt, xOf } from "../core/axis";
import { clock, count } from "../core/format";
import { parseQuery } from "../core/query/parse";
import { between, withoutKey, withTerm } from "../core/query/rewrite";
import type { Ends } from "../core/query/terms";
import type { Bins } from "../core/wire";
import type { Store } from "../store";
import { follow } from "./drag";

const HIGH = 40;
/** From the axis upwards; rare kinds stay visible. */
const KINDS = ["other", "warning", "error"] as const;
const LEAST = [0, 2.5, 3];

/** The one time range that the text asks for, if it does. */
export function timeIn({ look, reading }: Store): Ends | undefined {
  if (!/time:/i.test(look.text)) return undefined;
  const { terms } = parseQuery(look.text, reading.clock());
  const [only, more] = terms.filter(({ key }) => key === "time");
  return more || only?.not ? undefined : (only?.value as Ends | undefined);
}

/** How many lines there are over time, by level; a part of it can be brushed, which writes into the text. */
export function Histogram({ store, id }: { store: Store; id: string }) {
  const drawing = useRef<SVGSVGElement>(null);
  /** Ends of a brush while it is drawn: the one that stays, and the one that moves. */
  const drag = useRef<[fixed: number, x: number] | null>(null);
  const { looked, payload, zone, hoverTime } = store;
  const width = Math.max(200, Math.round(store.width) - 32);
  const bins = looked?.bins;
  if (!bins?.other.length) return <div class="hist" />;
  const times = bins.at as [number, ...number[]];
  const steps = times.length - 1;
  const from = times[0];
  const to = times[steps] as number;
  const axis = axisOf(from, to, payload?.idle ?? [], 0, width);
  const range = timeIn(store);
  const ends = [range?.[0] ?? from, range?.[1] ?? to] as const;
  const isBrushed = drag.current || range;
  const sides = (drag.current ?? ends.map((at) => xOf(axis, at))).toSorted((a, b) => a - b);
  const left = sides[0] as number;
  const right = Math.max(left + 2, sides[1] as number);

  const write = (ends: Ends | null) => {
    const bare = withoutKey(store.text, "time");
    store.reading.type(ends ? withTerm(bare, between(...ends)) : bare);
  };
  const xAt = (event: PointerEvent) =>
    Math.min(
      width,
      Math.max(0, event.clientX - (drawing.current as Element).getBoundingClientRect().left),
    );
  const point = (event: PointerEvent) => store.change({ hoverTime: timeAt(axis, xAt(event)) });
  /** What is dragged is no concern of others until it is let go. */
  const brush = (event: PointerEvent, fixed = xAt(event)) => {
    const move = (moved: PointerEvent) => {
      drag.current = [fixed, xAt(moved)];
      point(moved);
    };
    move(event);
    return follow(event, move, () => {
      const [a, b] = drag.current ?? [0, 0];
      drag.current = null;
      write(
        Math.abs(a - b) < 3 ? null : [timeAt(axis, Math.min(a, b)), timeAt(axis, Math.max(a, b))],
      );
      store.change({ hoverTime: null });
    });
  };

  const stepOf = (at: number) => {
    const i = times.findIndex((edge) => edge >= at);
    return i < 0 ? steps : i;
  };
  const onKeyDown = ({ key, shiftKey }: KeyboardEvent, side: 0 | 1) => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -1e6, End: 1e6 }[
      key
    ];
    if (key === "Enter") store.reading.showTime(ends[side]);
    if (!by) return false;
    const other = stepOf(ends[1 - side] as number);
    const to = stepOf(ends[side]) + by * (shiftKey ? 10 : 1);
    const at = Math.max(side && other + 1, Math.min(side ? steps : other - 1, to));
    const next = [...(range ?? [null, null])] as Ends;
    next[side] = times[at] as number;
    write(next);
    return true;
  };

  const hover = hoverTime !== null && hoverTime >= from && hoverTime <= to ? hoverTime : null;
  const ticks = ticksOf(axis, zone);
  const [outer, inner] = barsOf(
    bins,
    (at) => xOf(axis, at),
    axis.folds,
    (x) => (!isBrushed || (x >= left && x <= right) ? 1 : 0),
  );
  const bars = (paths: string[], kind: string) =>
    KINDS.map((name, i) => <path key={i} class={`b-${name} ${kind}`} d={paths[i]} />);
  const edge = (...places: number[]) => (
    <path class="edge" d={places.map((x) => `M${x} 0V${HIGH}`).join("")} />
  );
  const word = (x: number, text: string, anchor = "middle") => (
    <text x={x} y="53" text-anchor={anchor}>
      {text}
    </text>
  );
  const at = times.findLastIndex((edge) => edge <= (hover ?? -1));
  return (
    <div class="hist">
      <svg
        ref={drawing}
        viewBox={`0 0 ${width} 56`}
        role="img"
        aria-label={`Lines over time, ${clock(from, zone)} to ${clock(to, zone)}`}
        onPointerDown={(event) => {
          if (event.button !== 0) return false;
          const x = xAt(event);
          const isOn = (edge: number) => range && Math.abs(x - edge) < 12;
          return brush(event, isOn(left) ? right : isOn(right) ? left : x);
        }}
        onPointerMove={point}
        onPointerLeave={() => store.change({ hoverTime: null })}
        onDblClick={() => store.reading.showTime(store.hoverTime ?? from)}
      >
        <pattern
          id={`${id}-hatch`}
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <path d="M0 0V5" class="ax" />
        </pattern>
        {axis.folds.map(({ left: x, right: end }) => (
          <rect key={x} x={x} width={end - x} height={HIGH} fill={`url(#${id}-hatch)`} />
        ))}
        {axis.folds.map((fold) => word((fold.left + fold.right) / 2, foldWords(fold)))}
        <path class="ax" d={`M0 40.5H${width}`} />
        {bars(outer, "out")}
        {isBrushed && <rect class="brush" x={left} width={right - left} height={HIGH} />}
        {bars(inner, "")}
        {ticks.map(({ x, text }, i) =>
          word(x, text, x < 24 ? "start" : ticks[i + 1] || x < width - 24 ? undefined : "end"),
        )}
        {hover !== null && edge(xOf(axis, hover))}
        {hover !== null && (
          <title>
            {clock(times[at] as number, zone)}: {count(bins.other[at] ?? 0)} lines,{" "}
            {count(bins.warning[at] ?? 0)} warnings, {count(bins.error[at] ?? 0)} errors
          </title>
        )}
        {isBrushed && edge(left, right)}
      </svg>
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
          style={{ left: `${16 + (side ? right : left)}px` }}
          onKeyDown={(event) => onKeyDown(event, side)}
          onPointerDown={(event) => brush(event, side ? left : right)}
        />
      ))}
    </div>
  );
}

/** Bars as one path for each kind: those outside of the brush, and those inside. */
function barsOf(
  bins: Bins,
  xOf: (at: number) => number,
  folds: readonly Fold[],
  within: (x: number) => 0 | 1,
): [outer: string[], inner: string[]] {
  const kinds = KINDS.map((kind) => bins[kind]) as [number[], number[], number[]];
  const most = Math.max(...kinds[0].map((_, i) => kinds.reduce((sum, n) => sum + (n[i] ?? 0), 0)));
  const paths: [string[], string[]] = [[], []];
  kinds[0].forEach((_, i) => {
    let [left, right] = bins.at.slice(i, i + 2).map(xOf) as [number, number];
    for (const fold of folds) {
      if (left < fold.left && right > fold.left) right = fold.left;
      else if (left >= fold.left && left < fold.right) left = Math.min(fold.right, right);
    }
    const isIn = within((left + right) / 2);
    const width = Math.max(1, right - left - 1).toFixed(1);
    let y = HIGH;
    kinds.forEach((counts, kind) => {
      const n = counts[i];
      if (!n) return;
      const high = Math.max(LEAST[kind] as number, (n / most) * (HIGH - 6));
      y -= high;
      const bar = `M${left.toFixed(1)} ${y.toFixed(1)}h${width}v${high.toFixed(1)}h-${width}z`;
      paths[isIn][kind] = (paths[isIn][kind] ?? "") + bar;
    });
  });
  return paths;
}
