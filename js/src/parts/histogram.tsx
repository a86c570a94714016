import { useRef } from "preact/hooks";
import { axisOf, foldWords, ticksOf, timeAt, xOf } from "../core/axis";
import { clock, count } from "../core/format";
import { parseQuery } from "../core/query/parse";
import { between, withoutKey, withTerm } from "../core/query/rewrite";
import { type Ends, QuerySyntaxError } from "../core/query/terms";
import type { Bins } from "../core/wire";
import type { Store } from "../store";

const HIGH = 40;
const LEAST = { error: 3, warning: 2.5, other: 0 };
const KINDS = ["error", "warning", "other"] as const;

/** The one time range that the text asks for, if it does. */
function rangeIn(store: Store): Ends | null {
  const { text } = store.look;
  if (!/time:/i.test(text)) return null;
  try {
    const times = parseQuery(text, store.reading.clock).terms.filter(({ key }) => key === "time");
    const [only] = times;
    return only && times.length === 1 && !only.not ? (only.value as Ends) : null;
  } catch (error) {
    if (error instanceof QuerySyntaxError) return null;
    throw error;
  }
}

/** How many lines there are over time, by level; a part of it can be brushed, which writes into the text. */
export function Histogram({ store, id }: { store: Store; id: string }) {
  const drawing = useRef<SVGSVGElement>(null);
  /** Ends of a brush while it is drawn: the one that stays, and the one that moves. */
  const drag = useRef<[fixed: number, x: number] | null>(null);
  const { looked, payload, zone, hoverTime } = store;
  const width = Math.max(200, Math.round(store.width) - 32);
  const bins = looked?.bins;
  const from = bins?.at[0];
  const to = bins?.at.at(-1);
  if (!bins || from === undefined || to === undefined || bins.other.length === 0)
    return <div class="hist" />;
  const axis = axisOf(from, to, payload?.idle ?? [], 0, width);
  const edges = bins.at.map((at) => xOf(axis, at));
  const range = rangeIn(store);
  const shown = drag.current
    ? drag.current.map((x) => timeAt(axis, x)).sort((a, b) => a - b)
    : range && [range[0] ?? from, range[1] ?? to];
  const [low, high] = shown ? shown.map((at) => xOf(axis, at)) : [0, width];
  const brush = { left: low ?? 0, right: Math.max((low ?? 0) + 2, high ?? width) };

  const write = (ends: Ends | null) => {
    const bare = withoutKey(store.text, "time");
    store.reading.type(ends ? withTerm(bare, between(...ends)) : bare);
  };
  const xAt = (event: PointerEvent) => {
    const box = drawing.current?.getBoundingClientRect();
    return Math.min(width, Math.max(0, event.clientX - (box?.left ?? 0)));
  };
  /** Redraws; what is dragged is no concern of others until it is let go. */
  const redraw = (event: PointerEvent) => store.set({ hoverTime: timeAt(axis, xAt(event)) });
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const x = xAt(event);
    const isOn = (edge: number) => range !== null && Math.abs(x - edge) < 12;
    drag.current = isOn(brush.left) ? [brush.right, x] : [isOn(brush.right) ? brush.left : x, x];
    drawing.current?.setPointerCapture(event.pointerId);
    event.preventDefault();
    redraw(event);
  };
  const onPointerMove = (event: PointerEvent) => {
    if (drag.current) drag.current = [drag.current[0], xAt(event)];
    redraw(event);
  };
  const onPointerUp = () => {
    const [a, b] = drag.current ?? [0, 0];
    if (!drag.current) return;
    drag.current = null;
    if (Math.abs(a - b) < 3) write(null);
    else write([timeAt(axis, Math.min(a, b)), timeAt(axis, Math.max(a, b))]);
    store.set({ hoverTime: null });
  };

  const steps = bins.at.length - 1;
  const stepOf = (at: number) => {
    const i = bins.at.findIndex((edge) => edge >= at);
    return i < 0 ? steps : i;
  };
  const ends = [range?.[0] ?? from, range?.[1] ?? to] as const;
  const onKeyDown = (event: KeyboardEvent, side: 0 | 1) => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -1e6, End: 1e6 }[
      event.key
    ];
    if (event.key === "Enter") store.reading.showTime(ends[side]);
    if (by === undefined) return;
    event.preventDefault();
    const bounds = side === 0 ? [0, stepOf(ends[1]) - 1] : [stepOf(ends[0]) + 1, steps];
    const to = stepOf(ends[side]) + by * (event.shiftKey ? 10 : 1);
    const at = bins.at[Math.max(bounds[0] ?? 0, Math.min(bounds[1] ?? 0, to))] ?? null;
    write(side === 0 ? [at, range?.[1] ?? null] : [range?.[0] ?? null, at]);
  };

  const hover = hoverTime !== null && hoverTime >= from && hoverTime <= to ? hoverTime : null;
  const at =
    hover === null
      ? -1
      : Math.max(
          0,
          bins.at.findLastIndex((edge) => edge <= hover),
        );
  const ticks = ticksOf(axis, zone);
  const [outer, inner] = barsOf(bins, edges, axis.folds, shown ? brush : null);
  return (
    <div class="hist">
      <svg
        ref={drawing}
        viewBox={`0 0 ${width} 56`}
        role="img"
        aria-label={`Lines over time, ${clock(from, zone)} to ${clock(to, zone)}`}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onPointerUp}
        onPointerLeave={() => store.set({ hoverTime: null })}
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
        {axis.folds.map((fold) => (
          <g key={fold.from}>
            <rect
              x={fold.left}
              width={fold.right - fold.left}
              height={HIGH}
              fill={`url(#${id}-hatch)`}
            />
            <text x={(fold.left + fold.right) / 2} y="53" text-anchor="middle">
              {foldWords(fold)}
            </text>
          </g>
        ))}
        <path class="ax" d={`M0 40.5H${width}`} />
        {KINDS.map((kind) => (
          <path key={kind} class={`b-${kind} out`} d={outer?.[kind]} />
        ))}
        {shown && (
          <rect class="brush" x={brush.left} width={brush.right - brush.left} height={HIGH} />
        )}
        {KINDS.map((kind) => (
          <path key={kind} class={`b-${kind}`} d={inner?.[kind]} />
        ))}
        {ticks.map((tick, i) => (
          <text
            key={tick.at}
            x={tick.x}
            y="53"
            text-anchor={
              tick.x < 24
                ? "start"
                : i === ticks.length - 1 && tick.x > width - 24
                  ? "end"
                  : "middle"
            }
          >
            {tick.text}
          </text>
        ))}
        {hover !== null && <path class="edge" d={`M${xOf(axis, hover)} 0V${HIGH}`} />}
        {at >= 0 && hover !== null && (
          <title>
            {clock(bins.at[at] ?? 0, zone)}: {count(bins.other[at] ?? 0)} lines,{" "}
            {count(bins.warning[at] ?? 0)} warnings, {count(bins.error[at] ?? 0)} errors
          </title>
        )}
        {shown && <path class="edge" d={`M${brush.left} 0V${HIGH}M${brush.right} 0V${HIGH}`} />}
      </svg>
      {([0, 1] as const).map((side) => (
        <span
          key={side}
          class={`grip ${shown ? "on" : ""}`}
          role="slider"
          tabIndex={0}
          aria-label={side === 0 ? "From" : "To"}
          aria-orientation="horizontal"
          aria-valuemin={0}
          aria-valuemax={steps}
          aria-valuenow={stepOf(ends[side])}
          aria-valuetext={clock(ends[side], zone)}
          style={{ left: `${16 + (side === 0 ? brush.left : brush.right)}px` }}
          onKeyDown={(event) => onKeyDown(event, side)}
          onPointerDown={(event) => {
            drag.current = side === 0 ? [brush.right, brush.left] : [brush.left, brush.right];
            drawing.current?.setPointerCapture(event.pointerId);
            event.preventDefault();
          }}
        />
      ))}
    </div>
  );
}

type Paths = Record<(typeof KINDS)[number], string>;

/** Bars as one path for each level: those outside of the brush, and those inside. Rare kinds stay visible. */
function barsOf(
  bins: Bins,
  edges: readonly number[],
  folds: readonly { left: number; right: number }[],
  brush: { left: number; right: number } | null,
): [Paths, Paths] {
  const most = Math.max(
    1,
    ...bins.other.map((n, i) => n + (bins.warning[i] ?? 0) + (bins.error[i] ?? 0)),
  );
  const paths = [0, 1].map((): Paths => ({ error: "", warning: "", other: "" }));
  bins.other.forEach((_, i) => {
    let [left, right] = [edges[i] ?? 0, edges[i + 1] ?? 0];
    for (const fold of folds) {
      if (left < fold.left && right > fold.left) right = fold.left;
      else if (left >= fold.left && left < fold.right) left = Math.min(fold.right, right);
    }
    const middle = (left + right) / 2;
    const isIn = !brush || (middle >= brush.left && middle <= brush.right);
    const width = Math.max(1, right - left - 1);
    let y = HIGH;
    for (const kind of ["other", "warning", "error"] as const) {
      const n = bins[kind][i] ?? 0;
      if (n === 0) continue;
      const high = Math.max(LEAST[kind], (n / most) * (HIGH - 6));
      y -= high;
      const path = paths[isIn ? 1 : 0];
      if (path)
        path[kind] +=
          `M${left.toFixed(1)} ${y.toFixed(1)}h${width.toFixed(1)}v${high.toFixed(1)}h-${width.toFixed(1)}z`;
    }
  });
  return paths as [Paths, Paths];
}
