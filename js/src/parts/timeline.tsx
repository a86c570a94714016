import { useMemo, useRef, useState } from "preact/hooks";
import { type Axis, axisOf, foldWords, spanOf, ticksOf, timeAt, xOf } from "../core/axis";
import { clock, duration, plural, span } from "../core/format";
import { hueOf } from "../core/states";
import { isGroup, type TaskRun } from "../core/tasks";
import { extentOf, legsOf, timelineRows, wordsOf } from "../core/timeline";
import type { Header, State, TaskRuns } from "../core/wire";
import { drawChoice } from "./choice";
import { follow } from "./drag";
import { timeIn } from "./histogram";
import { RowList } from "./row-list";
import { drawBars } from "./task-row";
import { useNamed } from "./task-table";
import { withTasks } from "./tasks";
import { tool } from "./tool";

const ROW = 22;
/** Where the critical path runs along a row. */
const FOOT = 19;
/** Labels and margins beside the bars. */
const BESIDE = 196;
const LEAST_ZOOM = 1000;

const at = (left: number, right?: number) => ({
  left: `${left}%`,
  width: right === undefined ? undefined : `${Math.max(0, right - left)}%`,
});

const label = (x: number, text: string) => <span style={at(x)}>{text}</span>;

/** A Gantt of the task runs under a band of the run's own states. */
export const Timeline = withTasks(({ store, payload, tasks, runs }) => {
  const { header, idle, states } = payload;
  const { isByTask, isPathShown, isIdleFolded, zoom, zone, hoverTime, picked } = store;
  const area = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<[number, number] | null>(null);
  const now = header.as_of;
  const wide = Math.max(200, store.width - BESIDE);
  const rows = useMemo(() => timelineRows(runs, isByTask, now), [runs, isByTask, now]);
  const whole = useMemo(() => extentOf(header, runs), [header, runs]);
  const axis = useMemo(
    () => axisOf(...(zoom ?? whole), isIdleFolded ? idle : [], 0, 100, 6000 / wide),
    [zoom, whole, idle, isIdleFolded, wide],
  );
  const ticks = useMemo(() => ticksOf(axis, zone, 8400 / wide), [axis, zone, wide]);
  const legs = useMemo(() => {
    const places = new Map<string, number>();
    rows.forEach((row, place) => {
      for (const { id } of isGroup(row) ? row.runs : [row]) places.set(id, place);
    });
    const path = isPathShown ? (tasks.critical?.path ?? []) : [];
    return legsOf(
      path.map((place) => runs[place]),
      ({ id }) => places.get(id),
      axis,
    ).map(({ left, right, row, next }, i) => {
      const top = `${Math.min(row, next) * ROW + FOOT}px`;
      const height = `${Math.abs(next - row) * ROW}px`;
      const style = { ...at(left, right), top, height };
      return <i key={i} class={next < row ? "cp up" : "cp"} style={style} />;
    });
  }, [tasks, runs, rows, axis, isPathShown]);
  const brushed = timeIn(store);

  const xUnder = ({ clientX }: MouseEvent) => {
    const { left = 0, width = 1 } = area.current?.getBoundingClientRect() ?? {};
    return ((clientX - left) / width) * 100;
  };
  const zoomTo = (from: number, to: number) => {
    const [first, last] = whole;
    const ends = [Math.max(first, from), Math.min(last, to)] as const;
    const isWhole = ends[0] === first && ends[1] === last;
    if (isWhole || ends[1] - ends[0] > LEAST_ZOOM) store.change({ zoom: isWhole ? null : ends });
  };
  const zoomByWheel = (event: WheelEvent) => {
    const [from, to] = spanOf(axis);
    const { deltaY, ctrlKey, metaKey } = event;
    if (!ctrlKey && !metaKey) return false;
    const centre = timeAt(axis, xUnder(event));
    const factor = Math.exp(deltaY / 400);
    zoomTo(centre - (centre - from) * factor, centre + (to - centre) * factor);
    return true;
  };
  const zoomToPicked = () => {
    if (zoom || !picked) return store.change({ zoom: null });
    const [from, to] = extentOf(
      { ...header, started_at: now, ended_at: 0 },
      isGroup(picked) ? picked.runs : [picked as TaskRun],
    );
    zoomTo(from - (to - from) / 20, to + (to - from) / 20);
  };
  const point = (event: MouseEvent) => {
    const x = xUnder(event);
    store.change({ hoverTime: x >= 0 && x <= 100 ? timeAt(axis, x) : null });
  };
  const draw = (event: PointerEvent) => {
    const first = xUnder(event);
    let x = first;
    const ends = (): [number, number] => [Math.min(first, x), Math.max(first, x)];
    const move = (moved: PointerEvent) => {
      x = xUnder(moved);
      setDrag(ends());
    };
    return follow(event, move, () => {
      const [a, b] = ends();
      setDrag(null);
      if (b - a > 1) zoomTo(timeAt(axis, a), timeAt(axis, b));
    });
  };

  const head = (
    <div class="th">
      <div
        class="ax"
        ref={area}
        role="img"
        aria-label={`Timeline of ${plural(tasks.total, "task run")}, ${whole.map((t) => clock(t, zone)).join(" to ")}`}
        title="Drag zooms in, double click out"
        onPointerDown={draw}
        onDblClick={() => store.change({ zoom: null })}
      >
        {ticks.map(({ x, text }) => label(x, text))}
        {axis.folds.map((fold) => label((fold.left + fold.right) / 2, foldWords(fold)))}
        {hoverTime !== null && (
          <span class="nowb" style={{ left: `min(${xOf(axis, hoverTime)}%, 100% - 14px)` }}>
            {clock(hoverTime, zone)}
          </span>
        )}
      </div>
      <b>flow run</b>
      {drawBand(header, states, axis, zone)}
    </div>
  );
  const [from, to] = brushed ?? [];
  return (
    <>
      <div class="bar">
        {picked && (
          <span class="lab" role="status">
            Selected <code class="task">{picked.label}</code>{" "}
            <span class="d">{wordsOf(picked)}</span>
          </span>
        )}
        <span class="sp" />
        {runs.some(({ group }) => group !== null) &&
          drawChoice("Rows", ["Each run", "By task"], isByTask ? 1 : 0, (chosen) =>
            store.change({ isByTask: chosen === 1 }),
          )}
        {tasks.critical &&
          toggle("Critical path", isPathShown, () => store.change({ isPathShown: !isPathShown }))}
        {idle.length > 0 &&
          toggle("Fold idle", isIdleFolded, () => store.change({ isIdleFolded: !isIdleFolded }))}
        {tool(
          zoom ? "close" : "search",
          zoom ? "Show the whole run" : "Zoom to selection",
          zoomToPicked,
          undefined,
          !zoom && !picked,
        )}
      </div>
      <div
        class="tlw"
        onMouseMove={point}
        onMouseLeave={() => store.change({ hoverTime: null })}
        onWheel={zoomByWheel}
      >
        <RowList
          store={store}
          rows={rows}
          height={ROW}
          isTree={false}
          isKid={(row) => !isByTask && (row as TaskRun).map_index !== null}
          isNamed={useNamed(store)}
          head={head}
          draw={(row) => (
            <>
              <code class="nm" title={row.label}>
                {row.label}
              </code>
              {drawBars(row, axis, header)}
            </>
          )}
        >
          <div class="ov" aria-hidden="true">
            {axis.folds.map((fold) => (
              <i key={fold.from} class="fo" style={at(fold.left, fold.right)} />
            ))}
            {ticks.map(({ x }) => (
              <i key={x} class="gr" style={at(x)} />
            ))}
            {brushed && <i class="br" style={at(xOf(axis, from ?? 0), xOf(axis, to ?? now))} />}
            {drag && <i class="br" style={at(...drag)} />}
            {legs}
            {hoverTime !== null && <i class="now" style={at(xOf(axis, hoverTime))} />}
          </div>
        </RowList>
      </div>
      {drawLegend(tasks, isPathShown ? tasks.critical : null)}
    </>
  );
});

const toggle = (name: string, isOn: boolean, act: () => void) => (
  <button type="button" class="btn" aria-pressed={isOn} onClick={act}>
    {name}
  </button>
);

/** The run's own states, each from its time to the next one's; a last one is a mark with its time. */
function drawBand(header: Header, states: State[], axis: Axis, zone: string) {
  const [first, last] = spanOf(axis);
  return (
    <span class="db">
      {states.map((state, i) => {
        const next = states[i + 1]?.at ?? null;
        const isEnd = next === null && header.is_finished;
        const until = next ?? header.as_of;
        if (state.at === null || state.at > last || until < first) return null;
        const left = xOf(axis, state.at);
        const words = isEnd
          ? `${state.name} ${clock(state.at, zone)}`
          : `${state.name}, ${duration(span(state.at, until))}`;
        return (
          <i
            key={i}
            class={`${isEnd ? "end" : "band"} ${hueOf(state.family)}`}
            style={isEnd ? at(left) : at(left, xOf(axis, until))}
            title={words}
          >
            <span>{words}</span>
          </i>
        );
      })}
    </span>
  );
}

function drawLegend(tasks: TaskRuns, critical: TaskRuns["critical"]) {
  const keys: [family: string, hue: string, words: string, look?: string][] = [
    ["", "", "waiting", "wt"],
    ["done", "c-done", "ran, completed"],
    ["", "c-failed", "ran, failed"],
    ["running", "c-running", "running"],
    ["cached", "c-cached", "cached", "xo"],
    ["heldup", "c-held", "never started", "xo"],
  ];
  if (critical)
    keys.push([
      "",
      "",
      `critical path: ${duration(critical.seconds)}, of it ${duration(critical.waited)} waiting`,
      "cp",
    ]);
  return (
    <p class="lg">
      {keys.map(
        ([wanted, hue, words, look]) =>
          (wanted === "" || tasks.states.some(([{ family }]) => family === wanted)) && (
            <span key={words}>
              <span class={`db ${hue}`} aria-hidden="true">
                <i class={look} />
              </span>
              {words}
            </span>
          ),
      )}
    </p>
  );
}
