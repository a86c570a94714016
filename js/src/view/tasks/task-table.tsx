import { useMemo } from "preact/hooks";
import { clock, zoneName } from "../../format/time";
import type { Payload } from "../../protocol/wire";
import { isGroup, namedBy, type Row, type SortKey, type TaskRun } from "../../state/task-rows";
import { useCard, useFields } from "../context";
import { rove } from "../controls/choice";
import { axisOf, spanOf } from "../controls/time-axis";
import { extentOf } from "../timeline/timeline-rows";
import { longestName, RowList } from "./row-list";
import { Cells, COLUMNS, type Column } from "./task-row";

interface Props {
  payload: Payload;
  rows: readonly Row[];
  /** All task runs: their extent is the axis of the bars, whatever is filtered. */
  runs: readonly TaskRun[];
}

/** Returns a test whether the log filter matches a row. */
export function useNamed(): (row: Row) => boolean {
  const { text } = useFields("text");
  return useMemo(() => {
    const isNamed = namedBy(text);
    return (row) =>
      isNamed !== null &&
      (isGroup(row) ? row.runs.some(({ label }) => isNamed(label)) : isNamed(row.label));
  }, [text]);
}

export function TaskTable({ payload, rows, runs }: Props) {
  const { zone, openGroups } = useFields("zone", "openGroups");
  const { header, idle, tasks } = payload;
  const axis = useMemo(() => axisOf(...extentOf(header, runs), idle, 0, 100), [header, idle, runs]);
  const open = useMemo(() => new Set(rows.filter(isGroup).map(({ id }) => id)), [rows]);
  const longest = useMemo(() => longestName([...rows, ...runs]), [rows, runs]);
  const head = (
    <div class="table-head" role="row" aria-rowindex={1} onKeyDown={(event) => rove(event)}>
      {COLUMNS.map((column) => (
        <span
          key={column.name}
          class={column.class}
          role="columnheader"
          aria-label={column.key ? undefined : column.name}
          aria-sort={useSort(column.key)}
        >
          {column.key ? (
            <SortButton column={column} sortKey={column.key} />
          ) : (
            spanOf(axis).map((at, i) => (
              <span key={at}>
                {clock(at, zone)} {i === 0 && <span class="dim">{zoneName(at, zone)}</span>}
              </span>
            ))
          )}
        </span>
      ))}
    </div>
  );
  return (
    <div style={{ "--longest": `${longest}px` }} class="table-frame">
      <RowList
        rows={rows}
        height={28}
        isTree
        isChild={(row) => !isGroup(row) && open.has(`group ${row.group}`)}
        isNamed={useNamed()}
        head={head}
        draw={(row) => (
          <Cells
            row={row}
            axis={axis}
            header={header}
            zone={zone}
            isOpen={openGroups.has(row.id)}
            isKnown={tasks?.is_complete !== false}
          />
        )}
      />
    </div>
  );
}

function useSort(key: SortKey | null): "ascending" | "descending" | undefined {
  const { sorting } = useFields("sorting");
  if (key === null || sorting.key !== key) return undefined;
  return sorting.isDescending ? "descending" : "ascending";
}

function SortButton({ column, sortKey }: { column: Column; sortKey: SortKey }) {
  const { store } = useCard();
  const sort = useSort(sortKey);
  const { name, short } = column;
  return (
    <button
      type="button"
      aria-label={name}
      tabIndex={sort ? 0 : -1}
      onClick={() =>
        store.change({ sorting: { key: sortKey, isDescending: sort === "ascending" } })
      }
    >
      <span class={short && "full-name"}>{name}</span>
      {short && <span class="short-name">{short}</span>}
      {sort && (sort === "descending" ? " ↓" : " ↑")}
    </button>
  );
}
