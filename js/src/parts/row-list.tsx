import type { ComponentChildren, HTMLAttributes } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isGroup, type Row } from "../core/tasks";
import { wordsOf } from "../core/timeline";
import type { Store } from "../store";
import { pick, showLines, toggleGroup } from "../task-store";
import { stepOf } from "./choice";

interface Props {
  store: Store;
  rows: readonly Row[];
  height: number;
  /** A tree is a table that opens groups; otherwise it is a list whose rows are said as one sentence. */
  isTree: boolean;
  isKid: (row: Row) => boolean;
  /** Whether the filter of the logs asks for it. */
  isNamed: (row: Row) => boolean;
  /** Stays at the top while the rows scroll. */
  head: ComponentChildren;
  draw: (row: Row) => ComponentChildren;
  /** Drawn under the rows, as high as they all. */
  children?: ComponentChildren;
}

const name = { "aria-label": "Task runs" };
const SPARE = 4;
/** How high the rows are at most, unless the reader has made them higher. */
const MOST = 664;

/** Rows of one height, of which those in view are in the page, and the one that has the focus. */
export function RowList(props: Props) {
  const { store, rows, height, isTree, isKid, isNamed, draw } = props;
  const { picked } = store;
  const box = useRef<HTMLDivElement>(null);
  /** What is to happen once the current row is drawn. */
  const next = useRef<"show" | "focus" | null>("show");
  const [first, setFirst] = useState(0);
  const [place, setPlace] = useState(() =>
    rows.findIndex((row) => row.id === picked?.id || isNamed(row)),
  );
  const last = rows.length - 1;
  const within = (at: number) => Math.min(Math.max(0, at), last);
  const current = within(place);
  const changed = new Set(store.payload?.changes?.tasks);
  const isNew = (row: Row) =>
    changed.size > 0 && (isGroup(row) ? row.runs : [row]).some(({ id }) => changed.has(id));
  const inView = Math.ceil(Math.max(MOST, box.current?.clientHeight ?? 0) / height);

  useLayoutEffect(() => {
    const scroller = box.current;
    const to = next.current;
    if (!scroller || !to) return;
    next.current = null;
    const above = scroller.querySelector<HTMLElement>(".th")?.offsetHeight ?? 0;
    const top = current * height;
    const room = scroller.clientHeight - above - height;
    scroller.scrollTop = Math.max(top - room, Math.min(scroller.scrollTop, top));
    if (to === "focus")
      scroller.querySelector<HTMLElement>('.tr[tabindex="0"]')?.focus({ preventScroll: true });
  });

  const move = (to: number) => {
    next.current = "focus";
    setPlace(within(to));
    if (!isTree) pick(store, rows[within(to)] ?? null);
  };
  const press = (key: string, row: Row): boolean => {
    const isOpen = store.openGroups.has(row.id);
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / height) - 2);
    const step = stepOf(key, page);
    if (step) move(current + step);
    else if (key === " ") pick(store, row.id === picked?.id ? null : row);
    else if (key.toLowerCase() === "f") showLines(store, row, key === "F");
    else if (isTree && isGroup(row) && ["Enter", isOpen ? "ArrowLeft" : "ArrowRight"].includes(key))
      toggleGroup(store, row.id);
    else if (key === "Enter") showLines(store, row, false, true);
    else if (key === "ArrowLeft" && isKid(row)) move(rows.slice(0, current).findLastIndex(isGroup));
    else return false;
    return true;
  };

  const from = Math.max(0, first - SPARE);
  const shown = rows.slice(from, first + inView + SPARE).map((row, i) => ({ row, i: from + i }));
  const now = rows[current];
  if (now && !shown.some(({ i }) => i === current)) shown.push({ row: now, i: current });

  return (
    <div
      class={isTree ? "tbl" : "tbl tl"}
      ref={box}
      onScroll={({ currentTarget }) => setFirst(Math.floor(currentTarget.scrollTop / height))}
      {...(isTree && { role: "treegrid", "aria-rowcount": last + 2, ...name })}
    >
      {props.head}
      <div
        class="sz"
        {...(isTree ? { role: "rowgroup" } : { role: "list", ...name })}
        style={{ height: `${rows.length * height}px` }}
        onKeyDown={({ key, ctrlKey, metaKey, altKey }) =>
          !!now && !ctrlKey && !metaKey && !altKey && press(key, now)
        }
      >
        {props.children}
        {shown.map(({ row, i }) => {
          const isPicked = row.id === picked?.id;
          const more: HTMLAttributes<HTMLDivElement> = isTree
            ? {
                role: "row",
                "aria-rowindex": i + 2,
                "aria-level": isKid(row) ? 2 : 1,
                "aria-expanded": isGroup(row) ? store.openGroups.has(row.id) : undefined,
                "aria-selected": isPicked,
              }
            : {
                role: "listitem",
                "aria-posinset": i + 1,
                "aria-setsize": rows.length,
                "aria-label": `${row.label}: ${wordsOf(row)}`,
                "aria-current": isPicked,
              };
          return (
            <div
              key={row.id}
              class={`tr ${isGroup(row) ? "grp" : ""} ${isKid(row) ? "kid" : ""} ${isPicked ? "sel" : ""} ${isNamed(row) ? "named" : ""} ${isNew(row) ? "new" : ""}`}
              title={isNew(row) ? "Changed" : undefined}
              style={{ top: `${i * height}px` }}
              tabIndex={i === current ? 0 : -1}
              onClick={() => {
                setPlace(i);
                pick(store, row);
                if (isTree && isGroup(row)) toggleGroup(store, row.id);
              }}
              {...more}
            >
              {draw(row)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
