import { clock, count, day, duration, fraction, span } from "../core/format";
import { hueOf, isHollow } from "../core/states";
import { type Axis, extentOf, inOrder, shortened, ticksOf, xOf } from "../core/timeline";
import type { Header, State, TaskRun } from "../core/wire";
import type { Store } from "../store";
import { NoTasks } from "./tasks";

const ROW = 22;
const AXIS = 26;
const MARGIN = 32;
const MORE_ROWS = 200;
const LETTER = 7.3;

/** A Gantt of the task runs under a band of the run's own states. */
export function Timeline({ store }: { store: Store }) {
  const payload = store.payload;
  const runs = store.tasks;
  if (!payload) return null;
  if (!runs || runs.length === 0) {
    return <NoTasks isRead={runs !== null} />;
  }
  const { header, states } = payload;
  const shown = inOrder(runs).slice(0, store.timelineLimit);
  const width = Math.max(240, store.width - MARGIN);
  const label = width < 560 ? 100 : 148;
  const axis: Axis = { ...extentOf(header, runs), left: label, width: width - label - 10 };
  const height = AXIS + (shown.length + 1) * ROW + 2;
  return (
    <>
      <div class="tl">
        <svg
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={`Timeline of ${count(shown.length)} task runs. The table of task runs has the same figures.`}
        >
          <Grid axis={axis} height={height} zone={store.zone} />
          <text class="lb lbs" x="0" y={AXIS + 15}>
            flow run
          </text>
          <path class="g" d={`M0 ${AXIS + ROW - 0.5}H${width}`} />
          <Band header={header} states={states} axis={axis} zone={store.zone} />
          {shown.map((run, i) => (
            <RunLine
              key={run.id}
              run={run}
              axis={axis}
              width={width}
              top={AXIS + (i + 1) * ROW}
              now={header.as_of}
              end={header.ended_at ?? header.as_of}
            />
          ))}
        </svg>
      </div>
      {shown.length < runs.length && (
        <p class="tl-m">
          <button
            type="button"
            class="lnk"
            onClick={() => store.set({ timelineLimit: store.timelineLimit + MORE_ROWS })}
          >
            {count(runs.length - shown.length)} more task runs
          </button>
        </p>
      )}
      <Legend runs={shown} />
    </>
  );
}

function Grid({ axis, height, zone }: { axis: Axis; height: number; zone: string }) {
  const { at, step } = ticksOf(axis);
  let before: number | null = null;
  const name = (t: number) => {
    const time = clock(t, zone);
    const isNewDay = step >= 3600 && (before === null || day(t, zone) !== day(before, zone));
    before = t;
    if (isNewDay && axis.to - axis.from > 8.64e10) return day(t, zone);
    if (step < 1) return `${time}${fraction(t, 3)}`;
    return step % 60 === 0 ? time.slice(0, 5) : time;
  };
  return (
    <>
      {at.map((t) => {
        const x = xOf(axis, t);
        return (
          <g key={t}>
            <path class="g" d={`M${x.toFixed(1)} 20V${height}`} />
            <text x={x} y="12" text-anchor="middle">
              {name(t)}
            </text>
          </g>
        );
      })}
    </>
  );
}

interface BandProps {
  header: Header;
  states: State[];
  axis: Axis;
  zone: string;
}

/** The run's own states, each from its time to the next one's. */
function Band({ header, states, axis, zone }: BandProps) {
  const timed = states.filter((state) => state.at !== null);
  return (
    <>
      {timed.map((state, i) => {
        const from = state.at ?? 0;
        const next = timed[i + 1]?.at ?? null;
        const isLast = next === null && header.is_finished;
        const to = next ?? header.as_of;
        const x = xOf(axis, from);
        const long = xOf(axis, to) - x;
        const hue = hueOf(state.family);
        if (isLast) return <EndMark key={i} state={state} x={x} axis={axis} zone={zone} />;
        const words = `${state.name}, ${duration(span(from, to))}`;
        const taken = header.is_finished && i === timed.length - 2 ? 130 : 12;
        return (
          <g key={i} class={hue}>
            <title>{words}</title>
            <rect class="band" x={x} y={AXIS + 3.5} width={Math.max(2, long)} height="15" rx="2" />
            {long > words.length * 6 + taken && (
              <text class="bt" x={x + 7} y={AXIS + 15}>
                {words}
              </text>
            )}
          </g>
        );
      })}
    </>
  );
}

function EndMark(props: { state: State; x: number; axis: Axis; zone: string }) {
  const { state, x, axis, zone } = props;
  const words = `${state.name} ${clock(state.at, zone)}`;
  const right = Math.min(x + 5, axis.left + axis.width + 5);
  return (
    <g class={hueOf(state.family)}>
      <title>{words}</title>
      <rect class="bar" x={right - 5} y={AXIS + 3} width="5" height="16" rx="1" />
      {right - axis.left > 160 && (
        <text class="bt" x={right - 11} y={AXIS + 15} text-anchor="end">
          {words}
        </text>
      )}
    </g>
  );
}

interface LineProps {
  run: TaskRun;
  axis: Axis;
  width: number;
  top: number;
  now: number;
  end: number;
}

function RunLine({ run, axis, width, top, now, end }: LineProps) {
  const indent = run.map_index === null ? 0 : 12;
  const letters = Math.floor((axis.left - indent - 8) / LETTER);
  const hue = hueOf(run.state.family);
  const facts = [run.label, run.state.name];
  if (run.waited !== null) facts.push(`waited ${duration(run.waited)}`);
  if (run.ran !== null) facts.push(`ran ${duration(run.ran)}`);
  return (
    <g class="row">
      <title>{facts.join(" · ")}</title>
      <rect class="rowb" x="0" y={top} width={width} height={ROW} />
      <text class="lb" x={indent} y={top + 15}>
        {shortened(run.label, letters)}
      </text>
      <path class="g" d={`M0 ${top + ROW - 0.5}H${width}`} />
      {run.spans.map(([from, to, what], i) => {
        const x = xOf(axis, from);
        const long = Math.max(0, xOf(axis, to ?? now) - x);
        if (what === "waited" || what === "retry") {
          return <path key={i} class="wt" d={`M${x.toFixed(1)} ${top + 11}h${long.toFixed(1)}`} />;
        }
        const colour = what === "failed" ? "c-failed" : hue;
        const kind = run.state.family === "cached" ? "ho" : "bar";
        return (
          <rect
            key={i}
            class={`${kind} ${colour}`}
            x={x}
            y={top + 5}
            width={Math.max(2, long)}
            height="12"
            rx={Math.min(2, Math.max(2, long) / 2)}
          />
        );
      })}
      {run.spans.length === 0 && (
        <rect
          class={`ho ${hue}`}
          x={Math.min(xOf(axis, run.ended_at ?? run.state.at ?? end), axis.left + axis.width - 1)}
          y={top + 5.5}
          width="6"
          height="11"
          rx="2"
        />
      )}
    </g>
  );
}

function Legend({ runs }: { runs: readonly TaskRun[] }) {
  const kinds = new Set(runs.flatMap((run) => run.spans.map(([, , what]) => what)));
  const hasFailed = kinds.has("failed") || runs.some((run) => run.state.family === "failed");
  const hasRunning = runs.some((run) => run.state.family === "running");
  return (
    <p class="lg tl">
      {(kinds.has("waited") || kinds.has("retry")) && (
        <span>
          <svg viewBox="0 0 24 12" aria-hidden="true">
            <path class="wt" d="M0 6H24" />
          </svg>
          waited
        </span>
      )}
      {runs.some((run) => run.state.family === "done") && (
        <Key hue="c-done" words="ran, completed" />
      )}
      {hasFailed && <Key hue="c-failed" words="ran, failed" />}
      {hasRunning && <Key hue="c-running" words="running" />}
      {runs.some((run) => run.spans.length === 0 && isHollow(run.state.family)) && (
        <span>
          <svg viewBox="0 0 24 12" aria-hidden="true">
            <rect class="ho c-muted" x="8.5" y="0.5" width="7" height="11" rx="2" />
          </svg>
          never started
        </span>
      )}
    </p>
  );
}

function Key({ hue, words }: { hue: string; words: string }) {
  return (
    <span>
      <svg viewBox="0 0 24 12" aria-hidden="true">
        <rect class={`bar ${hue}`} y="1" width="24" height="10" rx="2" />
      </svg>
      {words}
    </span>
  );
}
