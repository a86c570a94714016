import { count, duration, upTo } from "../../format/number";
import { isFailed, isSeveral, isWaiting } from "../../format/spans";
import { byAppearance, familyClass } from "../../format/state";
import { momentNear } from "../../format/time";
import type { Header } from "../../protocol/wire";
import { isGroup, isRetried, type Row, type SortKey } from "../../state/task-rows";
import { useCard } from "../context";
import { Icon, StateMark } from "../controls/icons";
import { Proportions, StateWord } from "../controls/state";
import { Time } from "../controls/time";
import { type Axis, spanOf, xOf } from "../controls/time-axis";

export interface Column {
  key: SortKey | null;
  name: string;
  /** The name in a narrow card. */
  short?: string;
  class: string;
}

export const COLUMNS: readonly Column[] = [
  { key: "rank", name: "State", class: "col-state" },
  { key: "label", name: "Task run", class: "col-name" },
  { key: "attempts", name: "Attempts", short: "Tries", class: "col-attempts figure" },
  { key: "started_at", name: "Started", class: "col-started dim" },
  { key: "waited", name: "Waited", class: "col-waited figure dim" },
  { key: "ran", name: "Ran", class: "col-ran figure" },
  { key: null, name: "Timeline", class: "col-bars" },
  { key: "lines", name: "Lines", class: "col-lines figure dim" },
  { key: "warnings", name: "Warnings", short: "Warn", class: "col-warnings figure" },
];

const None = () => <span class="dimmer">–</span>;

interface Props {
  row: Row;
  axis: Axis;
  header: Header;
  zone: string;
  isOpen: boolean;
  /** Whether attempts, waits and lines are known. */
  isKnown: boolean;
}

/** The cells of a task run, or of a group. */
export function Cells(props: Props) {
  const { row, axis, header, zone, isKnown } = props;
  const { started_at, waited, ran, lines } = row;
  const near = header.started_at ?? started_at;
  const cells = [
    isGroup(row) ? (
      <span class="dim">{count(row.size)} runs</span>
    ) : (
      <StateWord state={row.state} />
    ),
    <Name {...props} />,
    isKnown ? <Attempts row={row} /> : <None />,
    <Time at={started_at}>{momentNear(started_at, near, zone)}</Time>,
    isGroup(row) && waited ? `up to ${upTo(waited)}` : duration(waited),
    duration(ran),
    isGroup(row) ? (
      <Proportions counts={byAppearance(row.counts)} />
    ) : (
      <SpanBars row={row} axis={axis} header={header} />
    ),
    isKnown ? count(lines) : <None />,
    <Problems row={row} />,
  ];
  return (
    <>
      {COLUMNS.map(({ class: kind, key }, i) => (
        <span key={i} class={kind} role={key === "label" ? "rowheader" : "gridcell"}>
          {cells[i]}
        </span>
      ))}
    </>
  );
}

function Name({ row, isOpen }: Props) {
  return (
    <>
      <span class="twist">{isGroup(row) && <Icon name={isOpen ? "fold" : "open"} />}</span>
      <code class="task-name" title={row.label}>
        {row.label}
      </code>
      {!isGroup(row) && row.child_run !== null && <SubflowButton id={row.child_run} />}
    </>
  );
}

function SubflowButton({ id }: { id: string }) {
  const card = useCard();
  return (
    <button
      type="button"
      class="link subflow-link"
      title="Open the card of this sub-flow run"
      tabIndex={-1}
      onClick={() => card.openRun(id)}
    >
      sub-flow
    </button>
  );
}

function Attempts({ row }: { row: Row }) {
  const { attempts } = row;
  if (!attempts) return <None />;
  if (isGroup(row) || !isRetried(row)) return <>{count(attempts)}</>;
  return (
    <span class="state is-retry">
      <StateMark icon="loop" />
      {count(attempts)}
    </span>
  );
}

function Problems({ row: { warnings, errors } }: { row: Row }) {
  if (!warnings && !errors) return <None />;
  return (
    <>
      {errors > 0 && (
        <span class="state is-failed">
          <i class="shape square" />
          {count(errors)}
          <span class="unseen"> errors</span>
        </span>
      )}{" "}
      {warnings > 0 && <span class="state is-waiting">{count(warnings)}</span>}
    </>
  );
}

/** The spans of a row on an axis of 100 %; a row that never began is hollow. Other cells have the figures as text. */
export function SpanBars({ row, axis, header }: { row: Row; axis: Axis; header: Header }) {
  const { spans } = row;
  const { family } = row.state;
  const now = header.as_of;
  const [begin, end] = spanOf(axis);
  const bars = [];
  for (let i = 0; i < spans.length; i += 3) {
    const [from = 0, to, kind] = spans.slice(i, i + 3);
    const until = to || now;
    if (until < begin || from > end) continue;
    const left = xOf(axis, from);
    const style = { left: `${left}%`, width: `${xOf(axis, until) - left}%` };
    const kinds = isWaiting(kind)
      ? "waited"
      : isFailed(kind)
        ? "is-failed"
        : isSeveral(kind)
          ? "several"
          : family === "cached"
            ? "hollow"
            : "";
    bars.push(<i key={i} class={kinds} style={style} />);
  }
  const never = row.ended_at ?? row.started_at ?? header.ended_at ?? now;
  if (spans.length === 0 && !isGroup(row) && never >= begin && never <= end)
    bars.push(<i key="never" class="hollow" style={{ left: `${xOf(axis, never)}%` }} />);
  return (
    <span class={`span-bars ${familyClass(family)}`} aria-hidden="true">
      {bars}
    </span>
  );
}
