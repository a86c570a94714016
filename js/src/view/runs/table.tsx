import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { duration } from "../../format/number";
import { type Run, type RunKey, scaleOf } from "../../state/run-table";
import { rove, stepOf } from "../controls/choice";
import { useList, useListFields } from "../many/context";
import { NARROW } from "../many/frame";
import { Cell, type Column, columnsOf } from "./columns";

const HEIGHT = 28;
const SPARE = 6;
/** The maximum height of the table, unless the window is lower. */
const MAX_HEIGHT = 480;
/** How near to the end of the loaded runs further ones are requested. */
const NEAR_END = 30;

interface Props {
  /** The runs that are shown, in their order. */
  rows: readonly Run[];
  /** All loaded runs, which have one scale. */
  runs: readonly Run[];
}

/** Rows of equal height, of which only the visible ones and the focused one are in the page. */
export function RunTable({ rows, runs }: Props) {
  const list = useList();
  const fields = useListFields(
    "selected",
    "width",
    "zone",
    "text",
    "hasMore",
    "kernel",
    "openedRuns",
    "opening",
    "loading",
    "held",
    "canLoad",
  );
  const { selected, width, zone, text, hasMore } = fields;
  const box = useRef<HTMLDivElement>(null);
  /** The run that has the focus among the rows, and the one from which a range is selected. */
  const [current, setCurrent] = useState<string | null>(null);
  const anchor = useRef<string | null>(null);
  const isFocusing = useRef(false);
  const [first, setFirst] = useState(0);
  const scale = useMemo(() => scaleOf(runs), [runs]);
  const columns = useMemo(() => {
    const flows = new Set(runs.map(({ flow }) => flow));
    const hasMessages = runs.some(({ message }) => message !== null);
    return columnsOf(width, { hasFlows: flows.size > 1, hasMessages });
  }, [runs, width]);
  const isNarrow = width < NARROW;
  const last = rows.length - 1;
  const place = Math.max(
    0,
    useMemo(() => rows.findIndex(({ id }) => id === current), [rows, current]),
  );
  const inView = Math.ceil(MAX_HEIGHT / HEIGHT);
  const visibleEnd = first + inView;

  useLayoutEffect(() => {
    if (text.trim() === "" && visibleEnd > last - NEAR_END && last > inView) list.loadPage();
  }, [list, text, visibleEnd, last, inView]);

  useLayoutEffect(() => {
    const scroller = box.current;
    if (!scroller || !isFocusing.current) return;
    isFocusing.current = false;
    const top = place * HEIGHT;
    const room = scroller.clientHeight - 2 * HEIGHT;
    scroller.scrollTop = Math.max(top - room, Math.min(scroller.scrollTop, top));
    scroller.querySelector<HTMLElement>('.table-row[tabindex="0"]')?.focus({ preventScroll: true });
  });

  const go = (to: number) => {
    const run = rows[Math.min(Math.max(0, to), last)];
    if (!run) return;
    isFocusing.current = true;
    // The same row is drawn again, so that it gets the focus.
    setCurrent(run.id);
    setFirst((known) => known);
  };
  /** Selects the rows from the anchor to a place. */
  const selectTo = (to: number, first = rows[place]?.id) => {
    anchor.current ??= first ?? null;
    const from = Math.max(
      0,
      rows.findIndex(({ id }) => id === anchor.current),
    );
    const end = Math.min(Math.max(0, to), last);
    const range = rows.slice(Math.min(from, end), Math.max(from, end) + 1);
    list.select(new Set(range.map(({ id }) => id)));
  };
  const toggle = (run: Run) => {
    anchor.current = run.id;
    list.toggleSelected(run.id);
  };
  const press = (event: KeyboardEvent, run: Run, i: number): boolean => {
    const { key, shiftKey, ctrlKey, metaKey } = event;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / HEIGHT) - 2);
    if (ctrlKey || metaKey) {
      if (key.toLowerCase() !== "a" || shiftKey) return false;
      list.select(new Set(rows.map(({ id }) => id)));
      return true;
    }
    const step = stepOf(key, page);
    if (step) {
      if (shiftKey) selectTo(i + step, run.id);
      else anchor.current = null;
      go(i + step);
    } else if (key === " ") toggle(run);
    else if (key === "Enter" && !shiftKey) list.open(run.id);
    else if (key === "Escape" && selected.size > 0) list.select(new Set());
    else return false;
    return true;
  };
  const click = (event: MouseEvent, run: Run, i: number) => {
    const target = event.target as Element;
    if (target.closest("a")) return;
    isFocusing.current = true;
    if (event.shiftKey) {
      event.preventDefault();
      selectTo(i);
    } else if (target.closest(".cell-check") || event.ctrlKey || event.metaKey) toggle(run);
    else list.open(run.id);
    setCurrent(run.id);
  };

  const from = Math.max(0, Math.min(first, last - inView) - SPARE);
  const shown = rows.slice(from, first + inView + SPARE).map((run, i) => ({ run, i: from + i }));
  const now = rows[place];
  if (now && !shown.some(({ i }) => i === place)) shown.push({ run: now, i: place });
  const opened = new Set(fields.openedRuns.map(({ id }) => id));
  const template = `${isNarrow ? 26 : 34}px ${columns.map((column) => column.width).join(" ")}`;

  return (
    <div class="table-frame runs" style={{ "--table-columns": template }}>
      <div
        class="table"
        ref={box}
        role="grid"
        aria-label="Flow runs"
        aria-multiselectable
        aria-rowcount={hasMore ? -1 : rows.length + 1}
        aria-colcount={columns.length + 1}
        style={{ maxHeight: `min(${MAX_HEIGHT + HEIGHT}px, 80vh)` }}
        onScroll={({ currentTarget }) => setFirst(Math.floor(currentTarget.scrollTop / HEIGHT))}
      >
        <div class="table-head" role="row" aria-rowindex={1} onKeyDown={(event) => rove(event)}>
          <span class="cell-check" role="columnheader">
            <span class="unseen">Selected</span>
          </span>
          {columns.map((column) => (
            <Head key={column.key} column={column} isNarrow={isNarrow} median={scale.median} />
          ))}
        </div>
        <div class="table-body" role="rowgroup" style={{ height: `${rows.length * HEIGHT}px` }}>
          {shown.map(({ run, i }) => {
            const isSelected = selected.has(run.id);
            const kinds = ["table-row"];
            if (isSelected) kinds.push("picked");
            if (opened.has(run.id)) kinds.push("opened");
            return (
              <div
                key={run.id}
                class={kinds.join(" ")}
                role="row"
                aria-rowindex={i + 2}
                aria-selected={isSelected}
                aria-busy={run.id === fields.opening}
                style={{ top: `${i * HEIGHT}px` }}
                tabIndex={i === place ? 0 : -1}
                onFocus={() => setCurrent(run.id)}
                onKeyDown={(event) => {
                  if (event.altKey || event.isComposing) return;
                  if (press(event, run, i)) event.preventDefault();
                }}
                onClick={(event) => click(event, run, i)}
              >
                <span class="cell-check" role="gridcell">
                  <input
                    type="checkbox"
                    tabIndex={-1}
                    checked={isSelected}
                    aria-label={`Select ${run.name}`}
                  />
                </span>
                {columns.map((column) => (
                  <span
                    key={column.key}
                    class={`${column.class} run-${column.key}`}
                    role={column.key === "name" ? "rowheader" : "gridcell"}
                  >
                    <Cell
                      run={run}
                      column={column}
                      zone={zone}
                      scale={scale}
                      isNarrow={isNarrow}
                      canOpen={list.canOpen}
                    />
                  </span>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface HeadProps {
  column: Column;
  isNarrow: boolean;
  median: number | null;
}

function Head({ column, isNarrow, median }: HeadProps) {
  const list = useList();
  const { sorting } = useListFields("sorting");
  const key: RunKey = column.key === "scale" ? "ran" : column.key;
  const isSorted = column.key === sorting.key;
  const { isDescending } = sorting;
  if (column.key === "scale") {
    const words = median === null ? "Duration" : `Median ${duration(median)}`;
    return (
      <span class={column.class} role="columnheader">
        {words}
      </span>
    );
  }
  const press = () =>
    // Times and durations begin with the newest and the longest.
    list.sort({ key, isDescending: isSorted ? !isDescending : key === "begun" || key === "ran" });
  return (
    <span
      class={column.class}
      role="columnheader"
      aria-sort={isSorted ? (isDescending ? "descending" : "ascending") : undefined}
    >
      <button type="button" tabIndex={isSorted ? 0 : -1} aria-label={column.name} onClick={press}>
        {isNarrow && key === "state" ? <span class="unseen">State</span> : column.name}
        {isSorted && (isDescending ? " ↓" : " ↑")}
      </button>
    </span>
  );
}
