import { useMemo } from "preact/hooks";
import { clock, count, day, duration, exactCount, fraction, sameDay, utc } from "../core/format";
import { isGap, isLine } from "../core/items";
import { hueOfLevel, levelOf, levelWord } from "../core/levels";
import { glimpse } from "../core/message";
import type { Gap, Item, LogRow, Retry } from "../core/wire";
import { CopyButton } from "./copy";
import { type IconName, icon } from "./icons";
import { drawMessage } from "./message";

interface Props {
  place: number;
  top: number;
  /** Undefined while it is on its way. */
  item: Item | undefined;
  zone: string;
  /** The run's day; rows of other days name theirs. */
  began: number | null;
  marks: readonly RegExp[];
  room: number | undefined;
  hasMicros: boolean;
  isCurrent: boolean;
  isSelected: boolean;
  isPinned: boolean;
  isNew: boolean;
  hasActions: boolean;
}

/** The text of a line as it is copied: full UTC time, level, task, message. */
export function lineText(row: LogRow, message = row[6]): string {
  return [utc(row[1]), levelWord(row), row[4] ?? "flow", message].join("  ");
}

/** What one place shows. It is drawn again only when something about it changes. */
export const LogLine = (props: Props) => useMemo(() => lineOf(props), Object.values(props));

function lineOf(props: Props) {
  const { place, top, item, isCurrent, isSelected, isPinned, isNew } = props;
  const isRow = item === undefined || isLine(item);
  const kinds = [isRow ? "r" : "mk"];
  if (isLine(item)) {
    kinds.push(hueOfLevel(levelOf(item)));
    if (!item[9]) kinds.push("ctx");
  } else if (item) kinds.push(isGap(item) ? "hid" : "div");
  if (isCurrent) kinds.push("cur");
  if (isSelected) kinds.push("sel");
  if (isPinned) kinds.push("pin");
  if (isNew) kinds.push("new");
  return (
    <div
      role="row"
      class={kinds.join(" ")}
      aria-rowindex={place + 1}
      aria-selected={isSelected || undefined}
      data-at={place}
      tabIndex={isCurrent ? 0 : -1}
      aria-current={isCurrent || undefined}
      style={{ top: `${top}px` }}
    >
      {isLine(item) ? (
        <Cells {...props} row={item} />
      ) : !item ? (
        <span role="cell" class="mg">
          <span class="vh">Line {exactCount(place + 1)} is on its way</span>
        </span>
      ) : isGap(item) ? (
        drawGap(item)
      ) : (
        drawRetry(item)
      )}
    </div>
  );
}

function drawGap([, hidden]: Gap) {
  return (
    <span role="cell">
      {icon("gap")}
      {count(hidden)} {hidden === 1 ? "line" : "lines"} hidden
      {hidden > 20 && (
        <button type="button" class="lnk" data-do="some" tabIndex={-1}>
          Show 20
        </button>
      )}
      <button type="button" class="lnk" data-do="all" tabIndex={-1}>
        Show all
      </button>
    </span>
  );
}

function drawRetry([, task, attempt, attempts, waited]: Retry) {
  return (
    <span role="cell">
      <b>
        Attempt {attempt} of {attempts}
      </b>{" "}
      of {task}
      {waited !== null && `, after ${duration(waited)} of waiting`}
    </span>
  );
}

function Cells(props: Props & { row: LogRow }) {
  const { row, zone, began, marks, room, hasMicros, hasActions, isPinned, isNew } = props;
  const [, at, , , task, logger] = row;
  const level = levelWord(row);
  const { first, more, isTraceback } = glimpse(row);
  const isOtherDay = began !== null && !sameDay(at, began, zone);
  return (
    <>
      <span role="cell" class="ln">
        {row[8] + 1}
      </span>
      <span role="cell" class="t" title={utc(at)}>
        {isOtherDay && <span class="day">{day(at, zone)} </span>}
        {clock(at, zone)}
        <span class="ms">{fraction(at, hasMicros ? 6 : 3)}</span>
      </span>
      <span role="cell" class="lvl" title={row[3] ?? undefined}>
        {level.slice(0, 1)}
        <span class="rest">{level.slice(1)}</span>
      </span>
      <span role="cell" class="tk" title={[task, logger].filter(Boolean).join(" · ") || undefined}>
        {task ?? "flow"}
      </span>
      <span role="cell" class="mg">
        {isNew && <span class="vh">New </span>}
        {isPinned && (
          <>
            {icon("pin")}
            <span class="vh">Pinned </span>
          </>
        )}
        <span class="l">
          {isTraceback && <span class="d">▸ </span>}
          {drawMessage(first, row[9] ? marks : [], room, -1)}
        </span>
        {more !== null && (
          <button type="button" class="more" data-do="open" tabIndex={-1}>
            {isTraceback && <span class="opt">traceback, </span>}
            {more}
          </button>
        )}
      </span>
      {hasActions && (
        <span role="cell" class="act">
          <CopyButton
            kind="btn ic q"
            label="Copy this line (C)"
            tabIndex={-1}
            text={lineText(row)}
          />
          {action("pin", "pin", isPinned ? "Unpin (P)" : "Pin this line (P)")}
          {task !== null && (
            <>
              {action("for", "filter", "Filter for this task (F)")}
              {action("out", "without", "Filter out this task (Shift+F)")}
            </>
          )}
          {action("open", "open", "Open this line (Enter)")}
        </span>
      )}
    </>
  );
}

const action = (what: string, look: IconName, name: string) => (
  <button
    type="button"
    class="btn ic q"
    data-do={what}
    tabIndex={-1}
    aria-label={name}
    title={name}
  >
    {icon(look)}
  </button>
);
