import type { ComponentChildren, HTMLAttributes } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isGroup, type Row } from "../../state/task-rows";
import { useCard, useFields } from "../context";
import { stepOf } from "../controls/choice";
import { wordsOf } from "../timeline/timeline-rows";

interface Props {
  rows: readonly Row[];
  height: number;
  /** Whether it is a tree grid with groups that open; otherwise a list whose rows are each read as one sentence. */
  isTree: boolean;
  isChild: (row: Row) => boolean;
  /** Whether the log filter matches the row. */
  isNamed: (row: Row) => boolean;
  /** Stays at the top while the rows scroll. */
  head: ComponentChildren;
  draw: (row: Row) => ComponentChildren;
  /** Drawn behind the rows, with the height of all rows. */
  children?: ComponentChildren;
}

const CHARACTER_PX = 7.3;
const MAX_CHARACTERS = 60;

/** The width of a column for the longest name, in pixels. */
export function longestName(runs: readonly Row[]): number {
  const longest = runs.reduce((most, { label }) => Math.max(most, label.length), 8);
  return Math.ceil(Math.min(MAX_CHARACTERS, longest) * CHARACTER_PX) + 28;
}

const LABEL = { "aria-label": "Task runs" };
const SPARE = 4;
/** The maximum height of the rows, unless the reader has enlarged them. */
const MAX_HEIGHT = 664;

/** Rows of equal height. Only the visible ones and the focused one are in the page. */
export function RowList(props: Props) {
  const { rows, height, isTree, isChild, isNamed, draw } = props;
  const { tasks } = useCard();
  const { picked, openGroups, payload } = useFields("picked", "openGroups", "payload");
  const box = useRef<HTMLDivElement>(null);
  /** What to do after the current row is drawn. */
  const next = useRef<"show" | "focus" | null>("show");
  const [first, setFirst] = useState(0);
  const [place, setPlace] = useState(() =>
    rows.findIndex((row) => row.id === picked?.id || isNamed(row)),
  );
  const last = rows.length - 1;
  const within = (at: number) => Math.min(Math.max(0, at), last);
  const current = within(place);
  const changed = new Set(payload?.changes?.tasks);
  const isNew = (row: Row) =>
    changed.size > 0 && (isGroup(row) ? row.runs : [row]).some(({ id }) => changed.has(id));
  const inView = Math.ceil(Math.max(MAX_HEIGHT, box.current?.clientHeight ?? 0) / height);

  useLayoutEffect(() => {
    const scroller = box.current;
    const to = next.current;
    if (!scroller || !to) return;
    next.current = null;
    const above = scroller.querySelector<HTMLElement>(".table-head")?.offsetHeight ?? 0;
    const top = current * height;
    const room = scroller.clientHeight - above - height;
    scroller.scrollTop = Math.max(top - room, Math.min(scroller.scrollTop, top));
    if (to === "focus")
      scroller
        .querySelector<HTMLElement>('.table-row[tabindex="0"]')
        ?.focus({ preventScroll: true });
  });

  const move = (to: number) => {
    next.current = "focus";
    setPlace(within(to));
    if (!isTree) tasks.pick(rows[within(to)] ?? null);
  };
  const press = (key: string, row: Row): boolean => {
    const isOpen = openGroups.has(row.id);
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / height) - 2);
    const step = stepOf(key, page);
    if (step) move(current + step);
    else if (key === " ") tasks.pick(row.id === picked?.id ? null : row);
    else if (key.toLowerCase() === "f") tasks.showLines(row, key === "F");
    else if (isTree && isGroup(row) && ["Enter", isOpen ? "ArrowLeft" : "ArrowRight"].includes(key))
      tasks.toggleGroup(row.id);
    else if (key === "Enter") tasks.showLines(row, false, true);
    else if (key === "ArrowLeft" && isChild(row))
      move(rows.slice(0, current).findLastIndex(isGroup));
    else return false;
    return true;
  };

  const from = Math.max(0, first - SPARE);
  const shown = rows.slice(from, first + inView + SPARE).map((row, i) => ({ row, i: from + i }));
  const now = rows[current];
  if (now && !shown.some(({ i }) => i === current)) shown.push({ row: now, i: current });

  return (
    <div
      class={isTree ? "table" : "table timeline"}
      ref={box}
      onScroll={({ currentTarget }) => setFirst(Math.floor(currentTarget.scrollTop / height))}
      {...(isTree && { role: "treegrid", "aria-rowcount": last + 2, ...LABEL })}
    >
      {props.head}
      <div
        class="table-body"
        {...(isTree ? { role: "rowgroup" } : { role: "list", ...LABEL })}
        style={{ height: `${rows.length * height}px` }}
        onKeyDown={(event) => {
          const { key, ctrlKey, metaKey, altKey, target, currentTarget } = event;
          const isRow = (target as Element).closest(".table-row") !== null;
          if (!now || !isRow || ctrlKey || metaKey || altKey || event.isComposing) return;
          if ((target as Element).tagName === "BUTTON" && /^( |Enter)$/.test(key)) return;
          if (currentTarget.contains(target as Node) && press(key, now)) event.preventDefault();
        }}
      >
        {props.children}
        {shown.map(({ row, i }) => {
          const isPicked = row.id === picked?.id;
          const more: HTMLAttributes<HTMLDivElement> = isTree
            ? {
                role: "row",
                "aria-rowindex": i + 2,
                "aria-level": isChild(row) ? 2 : 1,
                "aria-expanded": isGroup(row) ? openGroups.has(row.id) : undefined,
                "aria-selected": isPicked,
              }
            : {
                role: "listitem",
                "aria-posinset": i + 1,
                "aria-setsize": rows.length,
                "aria-label": `${row.label}: ${wordsOf(row)}`,
                "aria-current": isPicked,
              };
          const kinds = ["table-row"];
          if (isGroup(row)) kinds.push("group");
          if (isChild(row)) kinds.push("child");
          if (isPicked) kinds.push("picked");
          if (isNamed(row)) kinds.push("named");
          if (isNew(row)) kinds.push("new");
          return (
            <div
              key={row.id}
              class={kinds.join(" ")}
              title={isNew(row) ? "Changed" : undefined}
              style={{ top: `${i * height}px` }}
              tabIndex={i === current ? 0 : -1}
              onClick={(event) => {
                if ((event.target as Element).closest("a, button")) return;
                next.current = "focus";
                setPlace(i);
                tasks.pick(row);
                if (isTree && isGroup(row)) tasks.toggleGroup(row.id);
                event.currentTarget.focus({ preventScroll: true });
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
