import { useMemo, useRef, useState } from "preact/hooks";
import { duration, plural, span } from "../../format/number";
import { isFailed, isSeveral } from "../../format/spans";
import { familyClass } from "../../format/state";
import { clock, zoneName } from "../../format/time";
import type { Header, State, TaskRuns } from "../../protocol/wire";
import { isGroup, type Row, type TaskRun } from "../../state/task-rows";
import { useCard, useFields } from "../context";
import { timeIn } from "../controls/brush";
import { Choice } from "../controls/choice";
import { followPointer } from "../controls/drag";
import { type Axis, axisOf, labelsOf, spanOf, timeAt, xOf } from "../controls/time-axis";
import { Tool } from "../controls/tool";
import { longestName, RowList } from "../tasks/row-list";
import { SpanBars } from "../tasks/task-row";
import { useNamed } from "../tasks/task-table";
import { withTasks } from "../tasks/tasks";
import { extentOf, legsOf, timelineRows, wordsOf } from "./timeline-rows";

const ROW = 22;
/** The vertical position of the critical path in a row. */
const FOOT = 19;
/** Margins beside labels and bars. */
const MARGINS = 48;
const MIN_ZOOM_MICROS = 1000;

const at = (left: number, right?: number) => ({
  left: `${left}%`,
  width: right === undefined ? undefined : `${Math.max(0, right - left)}%`,
});

/** The width of the labels: that of the longest name, up to a third of the card. */
function labelWidth(runs: readonly TaskRun[], width: number): number {
  return Math.round(Math.min(longestName(runs), Math.max(96, width * 0.32)));
}

/** A Gantt chart of the task runs, under a band of the run's own states. */
export const Timeline = withTasks(({ payload, tasks, runs }) => {
  const card = useCard();
  const { store, logs } = card;
  const { header, idle, states } = payload;
  const { isByTask, isPathShown, isIdleFolded, zoom, zone, hoverTime, picked, query, width } =
    useFields(
      "isByTask",
      "isPathShown",
      "isIdleFolded",
      "zoom",
      "zone",
      "hoverTime",
      "picked",
      "query",
      "width",
    );
  const area = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<[number, number] | null>(null);
  const now = header.as_of;
  const label = useMemo(() => labelWidth(runs, width), [runs, width]);
  const wide = Math.max(120, width - label - MARGINS);
  const pixel = 100 / wide;
  const rows = useMemo(() => timelineRows(runs, isByTask, now), [runs, isByTask, now]);
  const whole = useMemo(() => extentOf(header, runs), [header, runs]);
  const axis = useMemo(
    () => axisOf(...(zoom ?? whole), isIdleFolded ? idle : [], 0, 100, 60 * pixel),
    [zoom, whole, idle, isIdleFolded, pixel],
  );
  const labels = useMemo(() => labelsOf(axis, zone, pixel), [axis, zone, pixel]);
  const legs = useMemo(
    () => (isPathShown ? pathOf(rows, runs, tasks, axis) : []),
    [tasks, runs, rows, axis, isPathShown],
  );
  const brushed = timeIn(query.text, logs.clock);

  const xUnder = ({ clientX }: MouseEvent) => {
    const { left = 0, width = 1 } = area.current?.getBoundingClientRect() ?? {};
    return ((clientX - left) / width) * 100;
  };
  const zoomTo = (from: number, to: number) => {
    const [first, last] = whole;
    const ends = [Math.max(first, from), Math.min(last, to)] as const;
    const isWhole = ends[0] === first && ends[1] === last;
    if (isWhole || ends[1] - ends[0] > MIN_ZOOM_MICROS)
      store.change({ zoom: isWhole ? null : ends });
  };
  const zoomByWheel = (event: WheelEvent) => {
    const [from, to] = spanOf(axis);
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const centre = timeAt(axis, xUnder(event));
    const factor = Math.exp(event.deltaY / 400);
    zoomTo(centre - (centre - from) * factor, centre + (to - centre) * factor);
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
    followPointer(event, move, () => {
      const [a, b] = ends();
      setDrag(null);
      if (b - a > 1) zoomTo(timeAt(axis, a), timeAt(axis, b));
    });
  };

  const [first, last] = spanOf(axis);
  const head = (
    <div class="table-head">
      <div
        class="time-labels"
        ref={area}
        role="img"
        aria-label={`Timeline of ${plural(tasks.total, "task run")}, ${whole.map((t) => clock(t, zone)).join(" to ")} ${zoneName(first, zone)}`}
        title="Drag to zoom in, double-click to zoom out"
        onPointerDown={draw}
        onDblClick={() => store.change({ zoom: null })}
      >
        {[...labels.ticks, ...labels.folds].map(({ x, text }) => (
          <span key={`${x} ${text}`} style={at(x)}>
            {text}
          </span>
        ))}
        {hoverTime !== null && hoverTime >= first && hoverTime <= last && (
          <span class="pointed-time" style={at(Math.min(96, Math.max(4, xOf(axis, hoverTime))))}>
            {clock(hoverTime, zone)}
          </span>
        )}
      </div>
      <b class="run-label">flow run</b>
      <StateBand header={header} states={states} axis={axis} zone={zone} pixel={pixel} />
    </div>
  );
  const [from, to] = brushed ?? [];
  return (
    <>
      <div class="bar">
        {picked && (
          <span class="picked-words" role="status">
            Selected <code class="task-name">{picked.label}</code>{" "}
            <span class="dim">{wordsOf(picked)}</span>
          </span>
        )}
        <span class="space" />
        {runs.some(({ group }) => group !== null) && (
          <Choice
            name="Rows"
            options={["Each run", "By task"]}
            chosen={isByTask ? 1 : 0}
            onChoose={(chosen) => store.change({ isByTask: chosen === 1 })}
          />
        )}
        {tasks.critical && (
          <Toggle
            name="Critical path"
            isOn={isPathShown}
            onPress={() => store.change({ isPathShown: !isPathShown })}
          />
        )}
        {idle.length > 0 && (
          <Toggle
            name="Fold idle"
            isOn={isIdleFolded}
            onPress={() => store.change({ isIdleFolded: !isIdleFolded })}
          />
        )}
        <Tool
          icon={zoom ? "close" : "search"}
          name={zoom ? "Show the whole run" : "Zoom to selection"}
          onPress={zoomToPicked}
          isOff={!zoom && !picked}
        />
      </div>
      <div
        class="timeline-frame"
        style={{ "--label-width": `${label}px` }}
        onMouseMove={point}
        onMouseLeave={() => store.change({ hoverTime: null })}
        onWheel={zoomByWheel}
      >
        <RowList
          rows={rows}
          height={ROW}
          isTree={false}
          isChild={(row) => !isByTask && (row as TaskRun).map_index !== null}
          isNamed={useNamed()}
          head={head}
          draw={(row) => (
            <>
              <code class="row-label" title={row.label}>
                {row.label}
              </code>
              <SpanBars row={row} axis={axis} header={header} />
            </>
          )}
        >
          <div class="overlay" aria-hidden="true">
            {axis.folds.map((fold) => (
              <i key={fold.from} class="fold" style={at(fold.left, fold.right)} />
            ))}
            {labels.ticks.map(({ place }) => (
              <i key={place} class="grid-line" style={at(place)} />
            ))}
            {brushed && (
              <i class="brushed" style={at(xOf(axis, from ?? first), xOf(axis, to ?? last))} />
            )}
            {drag && <i class="brushed" style={at(...drag)} />}
            {legs}
            {hoverTime !== null && <i class="pointed" style={at(xOf(axis, hoverTime))} />}
          </div>
        </RowList>
      </div>
      <Legend tasks={tasks} runs={runs} critical={isPathShown ? tasks.critical : null} />
    </>
  );
});

/** The critical path as lines along the rows and from one to the next. */
function pathOf(rows: readonly Row[], runs: readonly TaskRun[], tasks: TaskRuns, axis: Axis) {
  const places = new Map<string, number>();
  rows.forEach((row, place) => {
    for (const { id } of isGroup(row) ? row.runs : [row]) places.set(id, place);
  });
  return legsOf(
    (tasks.critical?.path ?? []).map((place) => runs[place]),
    ({ id }) => places.get(id),
    axis,
  ).map(({ left, right, row, next }, i) => {
    const top = `${Math.min(row, next) * ROW + FOOT}px`;
    const height = `${Math.abs(next - row) * ROW}px`;
    const style = { ...at(left, right), top, height };
    return <i key={i} class={next < row ? "critical up" : "critical"} style={style} />;
  });
}

const Toggle = ({ name, isOn, onPress }: { name: string; isOn: boolean; onPress: () => void }) => (
  <button type="button" class="button" aria-pressed={isOn} onClick={onPress}>
    {name}
  </button>
);

interface BandProps {
  header: Header;
  states: readonly State[];
  axis: Axis;
  zone: string;
  pixel: number;
}

const WORD = 6.3;

/** The run's own states, each until the next; the last one is a mark with its time. */
function StateBand({ header, states, axis, zone, pixel }: BandProps) {
  const [first, last] = spanOf(axis);
  /** The left end of the last state's label, at which earlier labels are cut. */
  let taken = 100;
  const drawn = [...states].reverse().map((state, i) => {
    const next = i > 0 ? ([...states].reverse()[i - 1]?.at ?? null) : null;
    const isEnd = next === null && header.is_finished;
    const until = next ?? header.as_of;
    if (state.at === null || state.at > last || until < first) return null;
    const left = xOf(axis, state.at);
    const words = isEnd
      ? `${state.name} ${clock(state.at, zone)}`
      : `${state.name}, ${duration(span(state.at, until))}`;
    const right = isEnd ? left : xOf(axis, until);
    const room = (isEnd ? left : Math.min(right, taken) - left) / pixel - 16;
    const hasRoom = words.length * WORD <= room;
    const short = !hasRoom && state.name.length * WORD <= room ? state.name : "";
    if (isEnd && hasRoom) taken = left - (words.length * WORD + 24) * pixel;
    return (
      <i
        key={states.length - i}
        class={`${isEnd ? "end-mark" : "state-band"} ${familyClass(state.family)}`}
        style={isEnd ? at(left) : at(left, right)}
        title={words}
      >
        <span>{hasRoom ? words : short}</span>
      </i>
    );
  });
  return <span class="span-bars">{drawn.reverse()}</span>;
}

interface LegendProps {
  tasks: TaskRuns;
  runs: readonly TaskRun[];
  critical: TaskRuns["critical"];
}

function Legend({ tasks, runs, critical }: LegendProps) {
  const hasSpan = (isOne: (kind: number | undefined) => boolean) =>
    runs.some(({ spans }) => spans.some((kind, i) => i % 3 === 2 && isOne(kind)));
  const otherEnds = tasks.states.filter(([{ family }]) => family === "ended");
  const entries: [family: string, hue: string, words: string, bar?: string][] = [
    ["", "", "waiting", "waited"],
    ["done", "is-done", "ran, completed"],
    ["running", "is-running", "running"],
    ["ended", "is-ended", otherEnds.map(([{ name }]) => name.toLowerCase()).join(", ")],
    ["cached", "is-cached", "cached", "hollow"],
    ["heldup", "is-heldup", "never started", "hollow"],
  ];
  if (hasSpan(isFailed)) entries.push(["", "is-failed", "ran, failed"]);
  if (hasSpan(isSeveral)) entries.push(["", "is-retry", "several attempts", "several"]);
  if (critical)
    entries.push([
      "",
      "",
      `critical path: ${duration(critical.seconds)}, of which ${duration(critical.waited)} waiting`,
      "critical",
    ]);
  return (
    <p class="legend">
      {entries
        .filter(
          ([wanted]) => wanted === "" || tasks.states.some(([{ family }]) => family === wanted),
        )
        .map(([, hue, words, bar]) => (
          <span key={words}>
            <span class={`span-bars ${hue}`} aria-hidden="true">
              <i class={bar ?? ""} />
            </span>
            {words}
          </span>
        ))}
    </p>
  );
}
