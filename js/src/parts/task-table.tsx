import { useRef } from "preact/hooks";
import { clock, count } from "../core/format";
import { FIRST_ROWS, type SortKey, type TableRow } from "../core/tasks";
import { type Axis, extentOf } from "../core/timeline";
import type { TaskRun } from "../core/wire";
import type { Store } from "../store";
import { GroupRow, RunRow } from "./task-row";

interface Column {
  key: SortKey | null;
  name: string;
  /** Where there is little room. */
  short?: string;
  kind: string;
}

const COLUMNS: readonly Column[] = [
  { key: "state", name: "State", kind: "c-st" },
  { key: "label", name: "Task run", kind: "c-lb" },
  { key: "attempts", name: "Attempts", short: "Tries", kind: "c-at num" },
  { key: "started", name: "Started", kind: "c-sd" },
  { key: "waited", name: "Waited", kind: "c-wt num" },
  { key: "ran", name: "Ran", kind: "c-rn num" },
  { key: null, name: "Timeline", kind: "c-tl" },
  { key: "lines", name: "Lines", kind: "c-ln num" },
  { key: "warnings", name: "Warnings", short: "Warn", kind: "c-wn num" },
];

interface Props {
  store: Store;
  rows: TableRow[];
  /** All task runs: the bars share their extent whatever is filtered. */
  runs: readonly TaskRun[];
}

export function TaskTable({ store, rows, runs }: Props) {
  const body = useRef<HTMLTableSectionElement>(null);
  const current = useRef(0);
  const header = store.payload?.header;
  if (!header) return null;
  const extent = extentOf(header, runs);
  const axis: Axis = { ...extent, left: 0, width: 100 };
  const began = header.started_at;
  const onToggle = (group: string, isOpen: boolean) => {
    const openGroups = new Set(store.openGroups);
    if (isOpen) openGroups.add(group);
    else openGroups.delete(group);
    store.set({ openGroups });
  };
  const onMore = (group: string | null) => {
    const name = group ?? "";
    const now = store.taskLimits.get(name) ?? FIRST_ROWS;
    store.set({ taskLimits: new Map(store.taskLimits).set(name, now + 5 * FIRST_ROWS) });
  };
  const stop = Math.min(current.current, rows.length - 1);

  const focus = (index: number) => {
    const row = body.current?.children[index];
    if (!(row instanceof HTMLElement)) return;
    const before = body.current?.children[current.current];
    if (before instanceof HTMLElement) before.tabIndex = -1;
    row.tabIndex = 0;
    row.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.tagName !== "TR") return;
    const at = Array.prototype.indexOf.call(body.current?.children ?? [], target);
    const row = rows[at];
    if (row && toggleByKey(event.key, row, at)) return event.preventDefault();
    const last = rows.length - 1;
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    focus(Math.min(Math.max(0, next), last));
  };
  const toggleByKey = (key: string, row: TableRow, at: number): boolean => {
    if (row.kind === "group") {
      const isOpening = key === "ArrowRight" || (key === "Enter" && !row.isOpen);
      if (isOpening && !row.isOpen) onToggle(row.group.name, true);
      else if ((key === "ArrowLeft" || key === "Enter") && row.isOpen)
        onToggle(row.group.name, false);
      else return key === "ArrowRight" || key === "ArrowLeft";
      return true;
    }
    if (row.kind === "more" && key === "Enter") {
      onMore(row.group);
      return true;
    }
    if (key !== "ArrowLeft" || row.group === null) return false;
    const head = rows.slice(0, at).findLastIndex((other) => other.kind === "group");
    if (head >= 0) focus(head);
    return head >= 0;
  };

  return (
    <div class="tbl">
      <table role="treegrid" aria-label="Task runs" aria-rowcount={rows.length + 1}>
        <colgroup>
          {COLUMNS.map(({ name, kind }) => (
            <col key={name} class={kind} />
          ))}
        </colgroup>
        <thead onKeyDown={moveAlongHeads}>
          <tr>
            {COLUMNS.map((column) => (
              <Head key={column.name} store={store} column={column}>
                {clock(extent.from, store.zone)} {clock(extent.to, store.zone)}
              </Head>
            ))}
          </tr>
        </thead>
        <tbody
          ref={body}
          onKeyDown={onKeyDown}
          onFocusIn={(event) => {
            const row = (event.target as HTMLElement).closest("tr");
            const at = Array.prototype.indexOf.call(body.current?.children ?? [], row);
            if (at >= 0) current.current = at;
          }}
        >
          {rows.map((row, i) => {
            const shared = { axis, began, header, zone: store.zone, tabIndex: i === stop ? 0 : -1 };
            if (row.kind === "run") {
              return <RunRow key={`r ${row.run.id}`} {...shared} run={row.run} level={row.level} />;
            }
            if (row.kind === "group") {
              const { group, isOpen } = row;
              return (
                <GroupRow
                  key={`g ${group.name}`}
                  {...shared}
                  group={group}
                  isOpen={isOpen}
                  onToggle={() => onToggle(group.name, !isOpen)}
                />
              );
            }
            return (
              <tr
                key={`m ${row.group}`}
                class={row.group === null ? "" : "kid"}
                tabIndex={shared.tabIndex}
                aria-level={row.group === null ? 1 : 2}
              >
                <td />
                <td colSpan={COLUMNS.length - 1}>
                  <span class="tw" />
                  <button type="button" class="lnk" tabIndex={-1} onClick={() => onMore(row.group)}>
                    {count(row.left)} more {row.label !== "" && `in ${row.label}`}
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** One tab stop for all heads; the arrows go from one to the next. */
function moveAlongHeads(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const heads = event.currentTarget as HTMLElement;
  const buttons = [...heads.querySelectorAll<HTMLElement>("button")];
  event.preventDefault();
  buttons[buttons.indexOf(event.target as HTMLElement) + step]?.focus();
}

interface HeadProps {
  store: Store;
  column: Column;
  children: unknown;
}

function Head({ store, column, children }: HeadProps) {
  const { key, name, kind } = column;
  if (key === null) {
    const [from, , to] = Array.isArray(children) ? children : [];
    return (
      <th class={kind} scope="col" aria-label={name}>
        <span class="ends">
          <span>{from}</span>
          <span>{to}</span>
        </span>
      </th>
    );
  }
  const isSorted = store.sorting.key === key;
  const isDescending = isSorted && store.sorting.isDescending;
  return (
    <th
      class={kind}
      scope="col"
      aria-sort={isSorted ? (isDescending ? "descending" : "ascending") : undefined}
    >
      <button
        type="button"
        title={name}
        aria-label={name}
        tabIndex={isSorted ? 0 : -1}
        onClick={() => store.set({ sorting: { key, isDescending: isSorted && !isDescending } })}
      >
        <span class={column.short ? "full" : ""}>{name}</span>
        {column.short && (
          <span class="nar" aria-hidden="true">
            {column.short}
          </span>
        )}
        {isSorted && <span aria-hidden="true"> {isDescending ? "↓" : "↑"}</span>}
      </button>
    </th>
  );
}
