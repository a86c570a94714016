import { useCallback, useMemo } from "preact/hooks";
import { safeLink } from "../../format/links";
import { duration } from "../../format/number";
import { familyClass, isHollow } from "../../format/state";
import { clock, day } from "../../format/time";
import { HEAD } from "../../state/run-grid";
import { begunAt, type Run, type Scale, scaleOf } from "../../state/run-table";
import { StateMark } from "../controls/icons";
import { useGrid, useGridFields } from "../many/context";
import { Groups } from "./groups";
import { CELL_WIDTH, type Drawn } from "./window";
import { headLabel } from "./words";

/** One column of so many has its time. */
const TIMES = 5;

interface Props {
  id: string;
  columns: Drawn;
  names: number;
}

/** The heads of the columns: when a run began, how long it ran, as a bar, and its state. */
export function Heads({ id, columns, names }: Props) {
  const grid = useGrid();
  const { runs, zone, openedRuns, opening } = useGridFields(
    "runs",
    "zone",
    "openedRuns",
    "opening",
    "kernel",
  );
  const scale = useMemo(() => scaleOf(runs), [runs]);
  const { canOpen } = grid;
  const draw = useCallback(
    (at: number) => {
      const run = runs[at];
      if (!run) return null;
      const address = canOpen ? undefined : safeLink(run.url);
      const isOpened = openedRuns.some(({ id }) => id === run.id);
      const isTimed = at % TIMES === TIMES - 1 || (at === runs.length - 1 && at < TIMES);
      return (
        <span
          key={at}
          id={`${id}-${at}-${HEAD}`}
          data-at={`${at} ${HEAD}`}
          class={`grid-run ${familyClass(run.state.family)} ${isOpened ? "opened" : ""}`}
          role="columnheader"
          aria-colindex={runs.length - at + 1}
          aria-busy={run.id === opening}
        >
          <span class="unseen">{headLabel(run, zone)}</span>
          {isTimed && (
            <span class="grid-time" aria-hidden="true">
              {begun(run, zone)}
            </span>
          )}
          <Bar run={run} scale={scale} />
          <StateMark icon={run.state.icon} />
          {address && (
            <a href={address} target="_blank" rel="noreferrer" tabIndex={-1}>
              <span class="unseen">{run.name} in Prefect (new tab)</span>
            </a>
          )}
        </span>
      );
    },
    [id, runs, scale, zone, canOpen, openedRuns, opening],
  );
  const { median, longest } = scale;
  const part = median !== null && longest > 0 ? median / longest : null;
  return (
    <div class="grid-head" role="row" aria-rowindex={1}>
      <span class="grid-corner" role="columnheader" aria-colindex={1}>
        {part !== null && (
          <span
            class="grid-median-name"
            title={`Median ${duration(median)}`}
            style={{ "--part": part }}
          >
            Median {duration(median)}
          </span>
        )}
        <span>Task</span>
      </span>
      {part !== null && <i class="grid-median" aria-hidden="true" style={{ "--part": part }} />}
      <Groups columns={columns} names={names} total={runs.length} draw={draw} />
      <FocusedHead names={names} />
    </div>
  );
}

/** A frame around the head that has the focus. */
function FocusedHead({ names }: { names: number }) {
  const { current, hasFocus, runs } = useGridFields("current", "hasFocus", "runs");
  if (!hasFocus || current.task !== HEAD) return null;
  const left = names + (runs.length - 1 - current.run) * CELL_WIDTH;
  return <i class="grid-focus on-head" aria-hidden="true" style={{ left: `${left}px` }} />;
}

/** "21 Nov, 02:00" */
function begun(run: Run, zone: string): string {
  const at = begunAt(run);
  return at === null ? "" : `${day(at, zone, at)}, ${clock(at, zone).slice(0, 5)}`;
}

/** How long the run ran, on the scale of all runs; a bar that is cut has a gap. */
function Bar({ run: { ran, state }, scale: { longest } }: { run: Run; scale: Scale }) {
  if (ran === null || longest <= 0) return null;
  const part = ran / longest;
  const kinds = ["grid-bar", part > 1 ? "cut" : "", isHollow(state.family) ? "hollow" : ""];
  return <i class={kinds.join(" ")} style={{ "--part": Math.min(1, part) }} />;
}
