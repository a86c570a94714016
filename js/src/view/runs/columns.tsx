import { safeLink } from "../../format/links";
import { duration } from "../../format/number";
import { familyClass, isHollow } from "../../format/state";
import { moment } from "../../format/time";
import { begunAt, type Run, type RunKey, type Scale } from "../../state/run-table";
import { Icon, StateMark } from "../controls/icons";
import { StateWord } from "../controls/state";
import { Time } from "../controls/time";
import { NARROW } from "../many/frame";

export interface Column {
  key: RunKey | "scale";
  name: string;
  class: string;
  /** The width, as in `grid-template-columns`. */
  width: string;
}

interface Shown {
  hasFlows: boolean;
  hasMessages: boolean;
}

/** The columns that a card of this width has room for. */
export function columnsOf(width: number, { hasFlows, hasMessages }: Shown): readonly Column[] {
  const isNarrow = width < NARROW;
  const name = isNarrow ? "minmax(72px, 1fr)" : "minmax(84px, 15cqi)";
  const columns: (Column | false)[] = [
    { key: "state", name: "State", class: "", width: isNarrow ? "26px" : "118px" },
    { key: "name", name: "Run", class: "", width: name },
    hasFlows && width >= 480 && { key: "flow", name: "Flow", class: "dim", width: name },
    { key: "begun", name: "Started", class: "dim", width: isNarrow ? "98px" : "148px" },
    { key: "ran", name: "Ran", class: "figure", width: isNarrow ? "78px" : "92px" },
    width >= 720 && { key: "scale", name: "Duration", class: "", width: "minmax(112px, 1fr)" },
    hasMessages &&
      width >= 640 && { key: "message", name: "Why", class: "dim", width: "minmax(90px, 2fr)" },
  ];
  return columns.filter((column) => column !== false);
}

interface CellProps {
  run: Run;
  column: Column;
  zone: string;
  scale: Scale;
  isNarrow: boolean;
  /** Whether the card of the run can be opened here; otherwise its name is a link to Prefect. */
  canOpen: boolean;
}

export function Cell({ run, column, zone, scale, isNarrow, canOpen }: CellProps) {
  switch (column.key) {
    case "state":
      return isNarrow ? <NarrowState run={run} /> : <StateWord state={run.state} />;
    case "name":
      return <Name run={run} canOpen={canOpen} />;
    case "flow":
      return <bdi title={run.flow ?? undefined}>{run.flow ?? "–"}</bdi>;
    case "begun":
      return <Begun run={run} zone={zone} isNarrow={isNarrow} />;
    case "ran":
      return <>{duration(run.ran)}</>;
    case "scale":
      return <DurationBar run={run} scale={scale} />;
    default:
      return (
        <span dir="auto" title={run.message ?? undefined}>
          {run.message ?? ""}
        </span>
      );
  }
}

function NarrowState({ run: { state } }: { run: Run }) {
  return (
    <span class={`state ${familyClass(state.family)}`} title={state.name}>
      <StateMark icon={state.icon} />
      <span class="unseen">{state.name}</span>
    </span>
  );
}

function Name({ run, canOpen }: { run: Run; canOpen: boolean }) {
  const address = canOpen ? undefined : safeLink(run.url);
  const title = [
    run.name,
    run.tags.length > 0 && `Tags: ${run.tags.join(", ")}`,
    ...run.parameters.map(([name, value]) => `${name} = ${value}`),
  ]
    .filter(Boolean)
    .join("\n");
  if (address)
    return (
      <a href={address} target="_blank" rel="noreferrer" tabIndex={-1} title={title}>
        <bdi>{run.name}</bdi> <Icon name="away" />
        <span class="unseen"> (new tab)</span>
      </a>
    );
  return (
    <bdi class={canOpen ? "opens" : ""} title={title}>
      {run.name}
    </bdi>
  );
}

function Begun({ run, zone, isNarrow }: { run: Run; zone: string; isNarrow: boolean }) {
  const at = begunAt(run);
  const full = moment(at, zone).replace(/:\d\d$/, "");
  // A narrow column has no room for the year and the time.
  const words = isNarrow ? full.replace(/( \d{4}), .*$/, "$1") : full;
  return (
    <Time at={at}>
      {run.started_at === null && at !== null && !isNarrow ? `due ${words}` : words}
    </Time>
  );
}

/** How long a run ran, on the scale of all runs, with a mark at the median. The figure is in the cell before. */
function DurationBar({ run, scale }: { run: Run; scale: Scale }) {
  const { longest, median } = scale;
  if (longest <= 0) return null;
  const part = (run.ran ?? 0) / longest;
  const { family } = run.state;
  const kinds = [familyClass(family), part > 1 ? "cut" : "", isHollow(family) ? "never" : ""];
  return (
    <span class="duration-bar" aria-hidden="true">
      {run.ran !== null && (
        <i class={kinds.join(" ")} style={{ width: `${Math.min(1, part) * 100}%` }} />
      )}
      {median !== null && <b style={{ left: `${(median / longest) * 100}%` }} />}
    </span>
  );
}
