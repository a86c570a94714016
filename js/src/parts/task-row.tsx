import { count, duration, momentNear, upTo } from "../core/format";
import { hueOf, isHollow, stateCounts } from "../core/states";
import { children, type Figures, type Group, isRetried } from "../core/tasks";
import { type Axis, xOf } from "../core/timeline";
import type { Header, TaskRun } from "../core/wire";
import { Icon, StateMark } from "./icons";
import { ProportionBar, StateCounts, StateWord } from "./states";
import { Time } from "./time";

interface Shared {
  axis: Axis;
  began: number | null;
  header: Header;
  zone: string;
  tabIndex: number;
}

export function RunRow({ run, level, ...shared }: Shared & { run: TaskRun; level: 1 | 2 }) {
  const { tabIndex, began, zone } = shared;
  return (
    <tr class={level === 2 ? "kid" : ""} tabIndex={tabIndex} aria-level={level}>
      <td>
        <StateWord state={run.state} />
      </td>
      <td>
        <span class="tw" />
        <code class="task" title={run.label}>
          {run.label}
        </code>
      </td>
      <td class="num c-at">
        <Attempts run={run} />
      </td>
      <td class="d c-sd">
        <Time at={run.started_at}>{momentNear(run.started_at, began ?? run.started_at, zone)}</Time>
      </td>
      <td class="num d c-wt">{duration(run.waited)}</td>
      <td class="num">{duration(run.ran)}</td>
      <td class="c-tl">
        <Bars run={run} {...shared} />
      </td>
      <Trouble figures={{ lines: run.lines, warnings: run.warnings, errors: run.errors }} />
    </tr>
  );
}

interface GroupProps extends Shared {
  group: Group;
  isOpen: boolean;
  onToggle: () => void;
}

export function GroupRow({ group, isOpen, onToggle, tabIndex, began, zone }: GroupProps) {
  const { figures, label } = group;
  const runs = children(group.runs);
  const counts = stateCounts(runs, "icon");
  return (
    <tr class="grp" tabIndex={tabIndex} aria-level={1} aria-expanded={isOpen} onClick={onToggle}>
      <td>
        <span class="d">{count(runs.length)} runs</span>
      </td>
      <td>
        <span class="tw">
          <Icon name={isOpen ? "fold" : "open"} />
        </span>
        <code class="task" title={label}>
          {label}
        </code>
      </td>
      <td class="num c-at">{count(figures.attempts)}</td>
      <td class="d c-sd">{momentNear(figures.started, began ?? figures.started, zone)}</td>
      <td class="num d c-wt">{figures.waited === null ? "–" : `up to ${upTo(figures.waited)}`}</td>
      <td class="num">{duration(figures.ran)}</td>
      <td class="c-tl">
        <span class="mix">
          <ProportionBar counts={counts} width={64} />
          <StateCounts counts={counts} />
        </span>
      </td>
      <Trouble figures={figures} />
    </tr>
  );
}

function Attempts({ run }: { run: TaskRun }) {
  if (run.attempts === 0) return <span class="dd3">–</span>;
  if (!isRetried(run)) return <>{run.attempts}</>;
  return (
    <span class="st c-retry">
      <StateMark icon="loop" />
      {count(run.attempts)}
    </span>
  );
}

function Trouble({ figures }: { figures: Pick<Figures, "lines" | "warnings" | "errors"> }) {
  const { lines, warnings, errors } = figures;
  return (
    <>
      <td class="num d c-ln">{count(lines)}</td>
      <td class="num c-wn">
        {errors > 0 && (
          <span class="st c-failed" title={`${count(errors)} errors`}>
            <i class="sq" />
            {count(errors)}
            <span class="vh"> errors</span>
          </span>
        )}{" "}
        {warnings > 0 && <span class="st c-waiting">{count(warnings)}</span>}
        {warnings + errors === 0 && <span class="dd3">–</span>}
      </td>
    </>
  );
}

/** What the task run did, on the time axis of the whole run. The figures are in the cells. */
function Bars({ run, axis, header }: { run: TaskRun; axis: Axis; header: Header }) {
  const hue = hueOf(run.state.family);
  if (run.spans.length === 0) return <NeverRan run={run} axis={axis} header={header} />;
  return (
    <span class={`db ${hue}`} aria-hidden="true">
      {run.spans.map(([from, to, what], i) => {
        const left = xOf(axis, from);
        const right = xOf(axis, to ?? header.as_of);
        const isWait = what === "waited" || what === "retry";
        const isOutline = !isWait && run.state.family === "cached";
        const kind = isWait ? "w" : what === "failed" ? "x c-failed" : isOutline ? "xo" : "x";
        return (
          <i
            key={i}
            class={kind}
            style={{ left: `${left}%`, width: `${Math.max(0, right - left)}%` }}
          />
        );
      })}
    </span>
  );
}

function NeverRan({ run, axis, header }: { run: TaskRun; axis: Axis; header: Header }) {
  const at = run.started_at ?? run.ended_at ?? run.state.at;
  if (at === null || !isHollow(run.state.family)) return null;
  const left = Math.min(xOf(axis, Math.min(at, header.as_of)), 98);
  return (
    <span class={`db ${hueOf(run.state.family)}`} aria-hidden="true">
      <i class="xo" style={{ left: `${left}%` }} />
    </span>
  );
}
