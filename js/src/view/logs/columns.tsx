import type { CSSProperties } from "preact";
import { exactCount } from "../../format/number";
import { isZone, readersZone, zoneName } from "../../format/time";
import type { Logs } from "../../protocol/wire";
import type { Columns } from "../../state/store";
import { useCard, useFields } from "../context";
import { followPointer } from "../controls/drag";

const MIN_TASK_PX = 40;
const STEP_PX = 8;
const CHARACTER_PX = 7.2;

/** The widths of the columns, for header and rows. */
export function columnsStyle(
  { logger, since, taskWidth }: Columns,
  logs: Logs,
  { digits, isOverDays }: { digits: 3 | 6; isOverDays: boolean },
): CSSProperties {
  const clock = 9.5 + (isOverDays ? 7 : 0);
  const named = (characters: number) =>
    `min(${Math.max(5, characters) + 1.5}ch, var(--name-share))`;
  const style: Record<string, string> = {
    "--time-width": `${clock + digits + 1}ch`,
    "--short-time-width": `${clock}ch`,
    "--since-width": since ? "10ch" : "0px",
    "--task-width": taskWidth === null ? named(logs.task_width) : `${taskWidth}px`,
    "--logger-width": logger ? named(logs.logger_width) : "0px",
    "--line-width": `${Math.max(4, String(logs.total).length) + 2}ch`,
  };
  const columns = ["var(--line-width)", "var(--time-width)"];
  if (since) columns.push("var(--since-width)");
  columns.push("var(--level-width)", "var(--task-width)");
  if (logger) columns.push("var(--logger-width)");
  style["--columns"] = [...columns, "minmax(0, 1fr)"].join(" ");
  style["--narrow-columns"] = [
    "var(--short-time-width)",
    ...columns.slice(2),
    "minmax(0, 1fr)",
  ].join(" ");
  return style;
}

/** The available time zones, each once, with their names in the menu. */
export function zonesOf(kernelZone: string): [zone: string, name: string][] {
  const all: [string, string][] = [
    ["UTC", "UTC"],
    [kernelZone, `${kernelZone}, where Python runs`],
    [readersZone(), `${readersZone()}, this browser`],
  ];
  const names = new Map<string, string>();
  for (const [zone, name] of all) {
    const isSameAsUtc = /^(Etc\/)?(UTC|GMT|Zulu|Universal)$/i.test(zone) && zone !== "UTC";
    if (isZone(zone) && !isSameAsUtc && !names.has(zone)) names.set(zone, name);
  }
  return [...names];
}

/** The column headers. The time's header names the zone; the edge of the task's header can be dragged. */
export function LogHead() {
  const card = useCard();
  const { store } = card;
  const { columns, payload, zone } = useFields("columns", "payload", "zone");
  const at = payload?.header.started_at ?? payload?.header.as_of ?? 0;
  return (
    <div class="log-head" role="row" aria-rowindex={1}>
      <span role="columnheader" class="cell-line">
        <span class="unseen">Line</span>#
      </span>
      <span role="columnheader" class="cell-time">
        <button
          type="button"
          class="head-button"
          tabIndex={-1}
          title={`Times are in ${zone}. Click to choose another time zone`}
          onClick={() => store.change({ menu: store.menu === "columns" ? null : "columns" })}
        >
          Time <span class="dim">{zoneName(at, zone)}</span>
        </button>
      </span>
      {columns.since && (
        <span role="columnheader" class="cell-since" title="Time since the line above">
          Since
        </span>
      )}
      <span role="columnheader" class="cell-level">
        L<span class="level-rest">evel</span>
      </span>
      <span role="columnheader" class="cell-task">
        Task
        <TaskGrip />
      </span>
      {columns.logger && (
        <span role="columnheader" class="cell-logger">
          Logger
        </span>
      )}
      <span role="columnheader" class="cell-message">
        Message
      </span>
    </div>
  );
}

function TaskGrip() {
  const { store } = useCard();
  const { columns, width, payload } = useFields("columns", "width", "payload");
  const fitting = Math.round(((payload?.logs?.task_width ?? 0) + 1.5) * CHARACTER_PX);
  const most = Math.round(width * 0.6);
  const set = (px: number | null) => {
    const taskWidth = px === null ? null : Math.min(Math.max(MIN_TASK_PX, Math.round(px)), most);
    store.change({ columns: { ...store.columns, taskWidth } });
  };
  const widthOf = (target: EventTarget) =>
    ((target as Element).closest(".cell-task") as HTMLElement).offsetWidth;
  return (
    <span
      class="column-grip"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the task column"
      aria-valuenow={columns.taskWidth ?? fitting}
      aria-valuemin={MIN_TASK_PX}
      aria-valuemax={most}
      tabIndex={0}
      title="Drag to change the width; double-click to fit"
      onDblClick={() => set(null)}
      onKeyDown={(event) => {
        const by = { ArrowRight: STEP_PX, ArrowLeft: -STEP_PX }[event.key];
        if (!by) return;
        event.preventDefault();
        event.stopPropagation();
        set(widthOf(event.currentTarget) + by);
      }}
      onPointerDown={(event) => {
        event.stopPropagation();
        const from = widthOf(event.currentTarget) - event.clientX;
        followPointer(event, ({ clientX }) => set(from + clientX));
      }}
    />
  );
}

/** The menu for columns and time zone. */
export function ColumnMenu() {
  const { store, logs } = useCard();
  const { menu, columns, payload, zone, query } = useFields(
    "menu",
    "columns",
    "payload",
    "zone",
    "query",
  );
  if (menu !== "columns" || !payload) return null;
  const { repeated = 0 } = payload.logs ?? {};
  const toggle = (name: "logger" | "since") =>
    store.change({ columns: { ...columns, [name]: !columns[name] } });
  return (
    <fieldset class="bar column-menu" aria-label="Columns">
      <span class="dim">Show</span>
      <Check name="Logger" isOn={columns.logger} onChange={() => toggle("logger")} />
      <Check
        name="Time since the line above"
        isOn={columns.since}
        onChange={() => toggle("since")}
      />
      <Check
        name={`Fold repeated lines${repeated > 0 ? ` (${exactCount(repeated)} were sent twice)` : ""}`}
        isOn={query.folds_repeats}
        onChange={() => logs.show({ folds_repeats: !query.folds_repeats })}
      />
      <label class="zone-choice">
        <span class="dim">Times in</span>
        <select
          value={zone}
          aria-label="Time zone"
          onChange={(event) => logs.showZone(event.currentTarget.value)}
        >
          {zonesOf(payload.kernel_zone).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </fieldset>
  );
}

const Check = ({ name, isOn, onChange }: { name: string; isOn: boolean; onChange: () => void }) => (
  <label class="check">
    <input type="checkbox" checked={isOn} onChange={onChange} />
    {name}
  </label>
);
