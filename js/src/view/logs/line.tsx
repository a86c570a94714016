import { useMemo } from "preact/hooks";
import { lineText } from "../../engine/text";
import { levelOf, levelWord } from "../../format/level";
import { glimpse } from "../../format/message";
import { count, duration, exactCount, plural } from "../../format/number";
import { clock, day, fraction, sameDay, utc } from "../../format/time";
import type { Gap, Item, LogRow, Missing, Retry } from "../../protocol/wire";
import type { Marker } from "../../query/match";
import { isGap, isLine, isMissing } from "../../state/row-cache";
import { CopyButton } from "../controls/copy-button";
import { Icon, type IconName } from "../controls/icons";
import { Message } from "../controls/message";

export interface LineProps {
  place: number;
  top: number;
  /** Undefined until it has arrived. */
  item: Item | undefined;
  /** The time of the line above; null if there is none. */
  above: number | null;
  zone: string;
  /** The run's day; rows of other days show theirs. */
  began: number | null;
  markers: readonly Marker[];
  /** Whether lines that do not match are dimmed. */
  isFiltered: boolean;
  room: number | undefined;
  digits: 3 | 6;
  hasLogger: boolean;
  hasSince: boolean;
  isCurrent: boolean;
  isChosen: boolean;
  isPinned: boolean;
  isNew: boolean;
  hasActions: boolean;
  link: string | null;
}

/** `aria-rowindex` counts from 1, and row 1 is the column header. */
export const HEAD_ROWS = 1;

/** The item at one place. It is drawn again only when its props change. */
export const LogLine = (props: LineProps) =>
  useMemo(() => <Row {...props} />, Object.values(props));

function Row(props: LineProps) {
  const { place, top, item, isCurrent, isChosen, isPinned, isNew, isFiltered } = props;
  const kinds = [item === undefined || isLine(item) ? "line" : "marker"];
  if (isLine(item)) {
    kinds.push(`level-${levelOf(item)}`);
    if (isFiltered && !item[9]) kinds.push("around");
  }
  if (isCurrent) kinds.push("current");
  if (isChosen) kinds.push("chosen");
  if (isPinned) kinds.push("pinned");
  if (isNew) kinds.push("new");
  return (
    <div
      role="row"
      class={kinds.join(" ")}
      aria-rowindex={place + 1 + HEAD_ROWS}
      aria-selected={isChosen}
      aria-current={isCurrent || undefined}
      data-at={place}
      tabIndex={isCurrent ? 0 : -1}
      style={{ top: `${top}px` }}
    >
      {isLine(item) ? (
        <Cells {...props} row={item} />
      ) : (
        <span role="gridcell" class="marker-cell">
          <MarkerContent item={item} place={place} />
        </span>
      )}
    </div>
  );
}

function MarkerContent({
  item,
  place,
}: {
  item: Exclude<Item, LogRow> | undefined;
  place: number;
}) {
  if (!item) return <span class="unseen">Row {exactCount(place + 1)} is loading</span>;
  if (isGap(item)) return <HiddenLines gap={item} />;
  return isMissing(item) ? <MissingLines missing={item} /> : <AttemptDivider retry={item} />;
}

function HiddenLines({ gap: [, hidden] }: { gap: Gap }) {
  return (
    <>
      <Icon name="gap" />
      {count(hidden)} {hidden === 1 ? "line" : "lines"} hidden
      {hidden > 20 && (
        <button type="button" class="link" data-do="some" tabIndex={-1}>
          Show 20
        </button>
      )}
      <button type="button" class="link" data-do="all" tabIndex={-1}>
        Show all
      </button>
    </>
  );
}

function MissingLines({ missing: [, n] }: { missing: Missing }) {
  return (
    <>
      <Icon name="gap" />
      {n === null ? "Lines in between are not loaded" : `${plural(n, "line")} not loaded`}
    </>
  );
}

function AttemptDivider({ retry: [, task, attempt, attempts, waited] }: { retry: Retry }) {
  return (
    <span class="divider">
      <b>
        Attempt {attempt} of {attempts}
      </b>{" "}
      of <bdi>{task}</bdi>
      {waited !== null && `, after ${duration(waited)} of waiting`}
    </span>
  );
}

function Cells(props: LineProps & { row: LogRow }) {
  const { row, above, zone, began, digits, hasLogger, hasSince } = props;
  const [, at, , , task, logger] = row;
  const level = levelWord(row);
  const isOtherDay = began !== null && !sameDay(at, began, zone);
  return (
    <>
      <span role="gridcell" class="cell-line">
        {row[8] === null ? <span title="Line number not known yet">·</span> : row[8] + 1}
      </span>
      <span role="gridcell" class="cell-time" title={utc(at)}>
        {isOtherDay && <span class="day">{day(at, zone)} </span>}
        {clock(at, zone)}
        <span class="fraction">{fraction(at, digits)}</span>
      </span>
      {hasSince && (
        <span role="gridcell" class="cell-since">
          {above === null ? "" : `+${duration(Math.abs(at - above) / 1e6)}`}
        </span>
      )}
      <span role="gridcell" class="cell-level" title={row[3] ?? undefined}>
        {level.slice(0, 1)}
        <span class="level-rest">{level.slice(1)}</span>
      </span>
      <span
        role="gridcell"
        class="cell-task"
        title={[task, hasLogger ? null : logger].filter(Boolean).join(" · ") || undefined}
      >
        <bdi>{task ?? "flow"}</bdi>
      </span>
      {hasLogger && (
        <span role="gridcell" class="cell-logger" title={logger ?? undefined}>
          <bdi>{logger}</bdi>
        </span>
      )}
      <MessageCell {...props} />
      {props.hasActions && <Actions {...props} />}
    </>
  );
}

function MessageCell(props: LineProps & { row: LogRow }) {
  const { row, markers, room, isPinned, isNew, isFiltered } = props;
  const { first, more, isTraceback } = glimpse(row);
  const isMarked = row[9] || !isFiltered;
  return (
    <span role="gridcell" class="cell-message" dir="auto">
      {isNew && <span class="unseen">New </span>}
      {isPinned && (
        <>
          <Icon name="pin" />
          <span class="unseen">Pinned </span>
        </>
      )}
      <span class={isTraceback ? "message is-traceback" : "message"}>
        <Message text={first} markers={isMarked ? markers : []} room={room} tabIndex={-1} />
      </span>
      {row[10] > 1 && (
        <span class="repeats" title={`${exactCount(row[10])} consecutive equal lines`}>
          ×{count(row[10])}
        </span>
      )}
      {more !== null && (
        <button type="button" class="more" data-do="open" tabIndex={-1}>
          {isTraceback && <span class="wide-only">traceback, </span>}
          {more}
        </button>
      )}
    </span>
  );
}

function Actions({ row, isPinned, link }: LineProps & { row: LogRow }) {
  return (
    <span role="gridcell" class="row-actions">
      <CopyButton
        class="button icon-only quiet"
        label="Copy this line (C)"
        tabIndex={-1}
        text={lineText(row)}
      />
      {link !== null && (
        <button
          type="button"
          class="button icon-only quiet"
          data-do="link"
          tabIndex={-1}
          aria-label="Copy a link to this line"
          title="Copy a link to this line"
        >
          <Icon name="link" />
        </button>
      )}
      <Action does="pin" icon="pin" name={isPinned ? "Unpin (P)" : "Pin this line (P)"} />
      {row[4] !== null && (
        <>
          <Action does="for" icon="filter" name="Filter for this task (F)" />
          <Action does="out" icon="without" name="Filter out this task (Shift+F)" />
        </>
      )}
      <Action does="open" icon="open" name="Open this line (Enter)" />
    </span>
  );
}

const Action = ({ does, icon, name }: { does: string; icon: IconName; name: string }) => (
  <button
    type="button"
    class="button icon-only quiet"
    data-do={does}
    tabIndex={-1}
    aria-label={name}
    title={name}
  >
    <Icon name={icon} />
  </button>
);
