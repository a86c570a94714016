import { useMemo, useRef, useState } from "preact/hooks";
import { type Axis, axisOf, foldWords, spanOf, ticksOf, timeAt, xOf } from "../core/axis";
import { clock, duration, plural, span } from "../core/format";
import { parseQuery } from "../core/query/parse";
import type { Ends } from "../core/query/terms";
import { hueOf } from "../core/states";
import { isGroup, type TaskRun } from "../core/tasks";
import { extentOf, legsOf, timelineRows, wordsOf } from "../core/timeline";
import type { Header, State, TaskRuns } from "../core/wire";
import { Choice } from "./choice";
import { Icon } from "./icons";
import { RowList } from "./row-list";
import { Bars } from "./task-row";
import { useNamed } from "./task-table";
import { withTasks } from "./tasks";

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

/** A Gantt of the task runs under a band of the run's own states. */
export const Timeline = withTasks(({ store, payload, tasks, runs }) => {
  const { header, idle, states } = payload;
  const { isByTask, isPathShown, isIdleFolded, zoom, zone, hoverTime, picked, look } = store;
  const area = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
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
  const brushed = useMemo(
    () =>
      parseQuery(look.text, store.reading.clock).terms.find(
        ({ key, not }) => key === "time" && !not,
      )?.value as Ends | undefined,
    [look.text, store],
  );

  const xUnder = ({ clientX }: MouseEvent) => {
    const { left = 0, width = 1 } = area.current?.getBoundingClientRect() ?? {};
    return ((clientX - left) / width) * 100;
  };
  const zoomTo = (from: number, to: number) => {
    const [first, last] = whole;
    const ends = [Math.max(first, from), Math.min(last, to)] as const;
    const isWhole = ends[0] === first && ends[1] === last;
    if (isWhole || ends[1] - ends[0] > LEAST_ZOOM) store.set({ zoom: isWhole ? null : ends });
  };
  const zoomByWheel = (event: WheelEvent) => {
    const [from, to] = spanOf(axis);
    const { deltaY, ctrlKey, metaKey } = event;
    if (!ctrlKey && !metaKey) return;
    event.preventDefault();
    const centre = timeAt(axis, xUnder(event));
    const factor = Math.exp(deltaY / 400);
    zoomTo(centre - (centre - from) * factor, centre + (to - centre) * factor);
  };
  const zoomToPicked = () => {
    if (zoom || !picked) return store.set({ zoom: null });
    const [from, to] = extentOf(
      { ...header, started_at: now, ended_at: 0 },
      isGroup(picked) ? picked.runs : [picked as TaskRun],
    );
    zoomTo(from - (to - from) / 20, to + (to - from) / 20);
  };
  const point = (event: MouseEvent) => {
    const x = xUnder(event);
    store.set({ hoverTime: x >= 0 && x <= 100 ? timeAt(axis, x) : null });
    if (drag) setDrag([drag[0], x]);
  };
  const drop = () => {
    if (!drag) return;
    const [a, b] = [Math.min(...drag), Math.max(...drag)];
    setDrag(null);
    if (b - a > 1) zoomTo(timeAt(axis, a), timeAt(axis, b));
  };

  const head = (
    <div class="th">
      <div
        class="ax"
        ref={area}
        role="img"
        aria-label={`Timeline of ${plural(tasks.total, "task run")}, ${whole.map((t) => clock(t, zone)).join(" to ")}`}
        title="Drag to zoom in, double click to zoom out"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const x = xUnder(event);
          setDrag([x, x]);
        }}
        onPointerUp={drop}
        onDblClick={() => store.set({ zoom: null })}
      >
        {ticks
          .concat(
            axis.folds.map((fold) => ({
              ...fold,
              x: (fold.left + fold.right) / 2,
              text: foldWords(fold),
              at: 0,
            })),
          )
          .map(({ x, text }) => (
            <span key={x} style={at(x)}>
              {text}
            </span>
          ))}
        {hoverTime !== null && (
          <span class="nowb" style={{ left: `min(${xOf(axis, hoverTime)}%, 100% - 14px)` }}>
            {clock(hoverTime, zone)}
          </span>
        )}
      </div>
      <b>flow run</b>
      <Band header={header} states={states} axis={axis} zone={zone} />
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
        {runs.some(({ group }) => group !== null) && (
          <Choice
            name="Rows"
            options={["Each run", "By task"]}
            chosen={isByTask ? 1 : 0}
            onChoose={(chosen) => store.set({ isByTask: chosen === 1 })}
          />
        )}
        {tasks.critical && (
          <Toggle
            name="Critical path"
            isOn={isPathShown}
            onPress={() => store.set({ isPathShown: !isPathShown })}
          />
        )}
        {idle.length > 0 && (
          <Toggle
            name="Fold idle"
            isOn={isIdleFolded}
            onPress={() => store.set({ isIdleFolded: !isIdleFolded })}
          />
        )}
        <button
          type="button"
          class="btn ic q"
          aria-label={zoom ? "Show the whole run" : "Zoom to selection"}
          title={zoom ? "Show the whole run" : "Zoom to selection"}
          aria-disabled={!zoom && !picked}
          onClick={zoomToPicked}
        >
          <Icon name={zoom ? "close" : "search"} />
        </button>
      </div>
      <div
        class="tlw"
        onMouseMove={point}
        onMouseLeave={() => store.set({ hoverTime: null })}
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
              <Bars row={row} axis={axis} header={header} />
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
            {drag && <i class="br" style={at(Math.min(...drag), Math.max(...drag))} />}
            {legs}
            {hoverTime !== null && <i class="now" style={at(xOf(axis, hoverTime))} />}
          </div>
        </RowList>
      </div>
      <Legend tasks={tasks} critical={isPathShown ? tasks.critical : null} />
    </>
  );
});

interface ToggleProps {
  name: string;
  isOn: boolean;
  onPress: () => void;
}

function Toggle({ name, isOn, onPress }: ToggleProps) {
  return (
    <button type="button" class="btn" aria-pressed={isOn} onClick={onPress}>
      {name}
    </button>
  );
}

interface BandProps {
  header: Header;
  states: State[];
  axis: Axis;
  zone: string;
}

/** The run's own states, each from its time to the next one's; a last one is a mark with its time. */
function Band({ header, states, axis, zone }: BandProps) {
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

function Legend({ tasks, critical }: { tasks: TaskRuns; critical: TaskRuns["critical"] }) {
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
