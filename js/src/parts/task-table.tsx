import { useMemo } from "preact/hooks";
import { axisOf, spanOf } from "../core/axis";
import { clock } from "../core/format";
import { isGroup, namedBy, type Row, type SortKey, type TaskRun } from "../core/tasks";
import { extentOf } from "../core/timeline";
import type { Payload } from "../core/wire";
import type { Store } from "../store";
import { rove } from "./choice";
import { RowList } from "./row-list";
import { COLUMNS, drawCells } from "./task-row";

interface Props {
  store: Store;
  payload: Payload;
  rows: readonly Row[];
  /** All task runs: the bars share their extent whatever is filtered. */
  runs: readonly TaskRun[];
}

/** Whether the filter of the logs asks for a row. */
export function useNamed(store: Store): (row: Row) => boolean {
  const { text } = store;
  return useMemo(() => {
    const isNamed = namedBy(text);
    return (row) =>
      isNamed !== null &&
      (isGroup(row) ? row.runs.some(({ label }) => isNamed(label)) : isNamed(row.label));
  }, [text]);
}

export function TaskTable({ store, payload, rows, runs }: Props) {
  const { zone, sorting } = store;
  const { header, idle } = payload;
  const axis = useMemo(() => axisOf(...extentOf(header, runs), idle, 0, 100), [header, idle, runs]);
  const open = useMemo(() => new Set(rows.filter(isGroup).map(({ id }) => id)), [rows]);
  const sort = (key: SortKey) =>
    store.change({ sorting: { key, isDescending: sorting.key === key && !sorting.isDescending } });
  const head = (
    <div class="th" role="row" aria-rowindex={1} onKeyDown={(event) => rove(event)}>
      {COLUMNS.map(([key, name, kind, short]) => {
        const arrow = sorting.key === key && (sorting.isDescending ? "↓" : "↑");
        return (
          <span
            key={name}
            class={kind}
            role="columnheader"
            aria-label={key ? undefined : name}
            aria-sort={arrow ? (arrow === "↓" ? "descending" : "ascending") : undefined}
          >
            {key ? (
              <button
                type="button"
                aria-label={name}
                tabIndex={arrow ? 0 : -1}
                onClick={() => sort(key)}
              >
                <span class={short && "full"}>{name}</span>
                {short && <span class="nar">{short}</span>}
                {arrow && ` ${arrow}`}
              </button>
            ) : (
              spanOf(axis).map((at) => <span key={at}>{clock(at, zone)}</span>)
            )}
          </span>
        );
      })}
    </div>
  );
  return (
    <RowList
      store={store}
      rows={rows}
      height={28}
      isTree
      isKid={(row) => !isGroup(row) && open.has(`group ${row.group}`)}
      isNamed={useNamed(store)}
      head={head}
      draw={(row) => drawCells(row, axis, header, zone, store.openGroups.has(row.id))}
    />
  );
}
