import { type Axis, spanOf, xOf } from "../core/axis";
import { count, duration, momentNear, upTo } from "../core/format";
import { byLook, hueOf } from "../core/states";
import { isGroup, isRetried, type Row, type SortKey } from "../core/tasks";
import { isWait } from "../core/timeline";
import type { Header } from "../core/wire";
import { icon, stateMark } from "./icons";
import { drawProportions, drawStateWord } from "./states";
import { drawTime } from "./time";

/** Kinds: a number, what is of less weight, and what is left out where there is little room. */
export const COLUMNS: readonly [key: SortKey | null, name: string, kind: string, short?: string][] =
  [
    ["rank", "State", ""],
    ["label", "Task run", "nm"],
    ["attempts", "Attempts", "num c-at", "Tries"],
    ["started_at", "Started", "d"],
    ["waited", "Waited", "num d c-wt"],
    ["ran", "Ran", "num"],
    [null, "Timeline", "c-tl"],
    ["lines", "Lines", "num d c-ln"],
    ["warnings", "Warnings", "num", "Warn"],
  ];

const NONE = <span class="dd3">–</span>;

/** The cells of a task run, or of a group. */
export function drawCells(row: Row, axis: Axis, header: Header, zone: string, isOpen: boolean) {
  const { label, attempts, started_at, waited, ran, lines, warnings, errors } = row;
  const near = header.started_at ?? started_at;
  const cells = [
    isGroup(row) ? <span class="d">{count(row.size)} runs</span> : drawStateWord(row.state),
    <>
      <span class="tw">{isGroup(row) && icon(isOpen ? "fold" : "open")}</span>
      <code class="task" title={label}>
        {label}
      </code>
    </>,
    !attempts ? (
      NONE
    ) : isGroup(row) || !isRetried(row) ? (
      count(attempts)
    ) : (
      <span class="st c-retry">
        {stateMark("loop")}
        {count(attempts)}
      </span>
    ),
    drawTime(started_at, momentNear(started_at, near, zone)),
    isGroup(row) && waited ? `up to ${upTo(waited)}` : duration(waited),
    duration(ran),
    isGroup(row) ? drawProportions(byLook(row.counts)) : drawBars(row, axis, header),
    count(lines),
    <>
      {errors > 0 && (
        <span class="st c-failed">
          <i class="sq" />
          {count(errors)}
          <span class="vh"> errors</span>
        </span>
      )}{" "}
      {warnings > 0 && <span class="st c-waiting">{count(warnings)}</span>}
      {!warnings && !errors && NONE}
    </>,
  ];
  return (
    <>
      {COLUMNS.map(([, , kind], i) => (
        <span key={i} class={kind} role="gridcell">
          {cells[i]}
        </span>
      ))}
    </>
  );
}

/** What was done when, on an axis of 100 %; hollow at the end for what never began. The figures are in words elsewhere. */
export function drawBars(
  row: Row,
  axis: Axis,
  header: Header,
  spans: readonly number[] = row.spans,
) {
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
    const look = isWait(kind) ? "wt" : kind === 2 ? "c-failed" : family === "cached" ? "xo" : "";
    bars.push(<i key={i} class={look} style={style} />);
  }
  const never = row.ended_at ?? row.started_at ?? header.ended_at ?? now;
  if (spans.length === 0 && !isGroup(row) && never >= begin && never <= end)
    bars.push(<i key="never" class="xo" style={{ left: `${xOf(axis, never)}%` }} />);
  return (
    <span class={`db ${hueOf(family)}`} aria-hidden="true">
      {bars}
    </span>
  );
}
