import { Component } from "preact";
import { clock, day, exactCount, fraction, sameDay, utc } from "../core/format";
import { levelOf, levelWord } from "../core/levels";
import { glimpse } from "../core/message";
import { ROW_HEIGHT } from "../core/window";
import type { LogRow } from "../core/wire";
import { CopyButton } from "./copy";
import { Icon } from "./icons";
import { Message } from "./message";

interface Props {
  position: number;
  top: number;
  /** Undefined while it is on its way. */
  row: LogRow | undefined;
  zone: string;
  /** The run's day; rows of other days name theirs. */
  began: number | null;
  hasMicros: boolean;
  isCurrent: boolean;
  isNew: boolean;
  hasActions: boolean;
}

/** The text of a line as it is copied: full UTC time, level, task, message. */
export function lineText(row: LogRow, message = row[6]): string {
  return [utc(row[1]), levelWord(row), row[4] ?? "flow", message].join("  ");
}

/** One log row. It is drawn again only when something about it changes. */
export class LogLine extends Component<Props> {
  override shouldComponentUpdate(next: Readonly<Props>): boolean {
    const before = this.props;
    return (Object.keys(next) as (keyof Props)[]).some((name) => next[name] !== before[name]);
  }

  render({ position, top, row, isCurrent, isNew }: Props) {
    const kinds = ["r"];
    if (row) kinds.push(`l-${levelOf(row)}`);
    if (isCurrent) kinds.push("cur");
    if (isNew) kinds.push("new");
    return (
      <div
        role="row"
        class={kinds.join(" ")}
        aria-rowindex={position + 1}
        data-at={position}
        tabIndex={isCurrent ? 0 : -1}
        aria-current={isCurrent || undefined}
        style={{ top: `${top}px`, height: `${ROW_HEIGHT}px` }}
      >
        <span role="cell" class="ln">
          {position + 1}
        </span>
        {row ? <Cells {...this.props} row={row} /> : <Missing position={position} />}
      </div>
    );
  }
}

function Missing({ position }: { position: number }) {
  return (
    <span role="cell" class="mis">
      <span class="vh">Line {exactCount(position + 1)} is on its way</span>
    </span>
  );
}

function Cells({ row, zone, began, hasMicros, hasActions }: Props & { row: LogRow }) {
  const [, at, , , task, logger] = row;
  const level = levelWord(row);
  const { first, more, isTraceback } = glimpse(row);
  const isOtherDay = began !== null && !sameDay(at, began, zone);
  return (
    <>
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
        <span class="l">
          <Message text={first} />
        </span>
        {more !== null && (
          <button type="button" class="more" data-open tabIndex={-1}>
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
            title="Copy this line (C)"
            tabIndex={-1}
            text={lineText(row)}
          />
          <button
            type="button"
            class="btn ic q"
            data-open
            tabIndex={-1}
            aria-label="Open this line (Enter)"
            title="Open this line (Enter)"
          >
            <Icon name="open" />
          </button>
        </span>
      )}
    </>
  );
}
