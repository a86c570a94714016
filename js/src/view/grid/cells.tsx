import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { HEAD, type Place } from "../../state/run-grid";
import { useGrid, useGridFields } from "../many/context";
import { Heads } from "./heads";
import { TaskCells } from "./task-cells";
import { CELL_WIDTH, drawn, HEAD_HEIGHT, nameWidth, ROW_HEIGHT, stepIn } from "./window";

/** The maximum height, unless the window is lower. */
const MAX_HEIGHT = 620;
/** How near to the oldest loaded column further ones are requested. */
const NEAR_END = 4;

const placeOf = (event: Event): Place | null => {
  const cell = (event.target as Element).closest<HTMLElement>("[data-at]");
  const [run, task] = (cell?.dataset.at ?? "").split(" ").map(Number);
  return run === undefined || task === undefined ? null : { run, task };
};

/** The cells, of which only those in view are in the page; names and heads stay in view. */
export function Cells({ id }: { id: string }) {
  const grid = useGrid();
  const fields = useGridFields(
    "runs",
    "tasks",
    "parts",
    "width",
    "current",
    "hasFocus",
    "hasMore",
    "kernel",
  );
  const { runs, tasks, parts, width, current, hasMore } = fields;
  const box = useRef<HTMLDivElement>(null);
  /** The distance from the right end in pixels, which stays when older runs come at the left. */
  const fromRight = useRef(0);
  /** The width for which that holds. */
  const room = useRef(0);
  const isGoing = useRef(false);
  /** The first run and the first task in view. */
  const [first, setFirst] = useState<Place>({ run: 0, task: 0 });
  const names = useMemo(() => nameWidth(tasks, width), [tasks, width]);
  const wide = Math.ceil(Math.max(0, width - names) / CELL_WIDTH);
  const high = Math.ceil((MAX_HEIGHT - HEAD_HEIGHT) / ROW_HEIGHT);
  const columns = drawn(first.run, wide, runs.length);
  const rows = drawn(first.task, high, tasks.length);
  const failed = useMemo(
    () =>
      tasks.map((_, task) =>
        runs.reduce(
          (n, _, run) => n + Number(grid.cell({ run, task })?.state.family === "failed"),
          0,
        ),
      ),
    [grid, tasks, runs, parts],
  );

  useLayoutEffect(() => {
    if (first.run + wide + NEAR_END > runs.length) grid.loadPage();
  }, [grid, first.run, wide, runs.length, fields.kernel]);

  const keepRight = (scroller: HTMLElement) => {
    room.current = scroller.clientWidth;
    scroller.scrollLeft = scroller.scrollWidth - room.current - fromRight.current;
  };

  useLayoutEffect(() => {
    if (box.current) keepRight(box.current);
  }, [runs.length, width, names]);

  useLayoutEffect(() => {
    const scroller = box.current;
    if (!scroller || !isGoing.current) return;
    isGoing.current = false;
    const left = (runs.length - 1 - current.run) * CELL_WIDTH;
    const last = left - (scroller.clientWidth - names - CELL_WIDTH);
    scroller.scrollLeft = Math.max(last, Math.min(scroller.scrollLeft, left));
    if (current.task === HEAD) return;
    const top = current.task * ROW_HEIGHT;
    const space = scroller.clientHeight - HEAD_HEIGHT - ROW_HEIGHT;
    scroller.scrollTop = Math.max(top - space, Math.min(scroller.scrollTop, top));
  }, [current, fields.hasFocus]);

  const scroll = (scroller: HTMLElement) => {
    // The browser also scrolls when the width changes.
    if (scroller.clientWidth !== room.current) keepRight(scroller);
    fromRight.current = scroller.scrollWidth - scroller.clientWidth - scroller.scrollLeft;
    const run = Math.floor(fromRight.current / CELL_WIDTH);
    const task = Math.floor(scroller.scrollTop / ROW_HEIGHT);
    if (run !== first.run || task !== first.task) setFirst({ run, task });
  };
  const press = (event: KeyboardEvent): boolean => {
    if (event.altKey || event.isComposing) return false;
    const page = Math.max(
      1,
      Math.floor(((box.current?.clientHeight ?? 0) - HEAD_HEIGHT) / ROW_HEIGHT),
    );
    if (event.key === "Enter" || event.key === " ") open(current);
    else {
      const step = stepIn(event, page);
      if (!step) return false;
      isGoing.current = true;
      grid.go({ run: current.run + step.run, task: current.task + step.task });
    }
    return true;
  };
  const open = (place: Place) => {
    if (grid.canOpen) grid.openAt(place);
    // Without a kernel the head is a link.
    else if (place.task === HEAD)
      box.current?.querySelector<HTMLElement>(`[data-at="${place.run} ${HEAD}"] a`)?.click();
  };
  const point = (event: Event) => {
    const place = placeOf(event);
    const { pointed } = grid.store;
    if (place?.run !== pointed?.run || place?.task !== pointed?.task)
      grid.store.change({ pointed: place });
  };

  const idOf = ({ run, task }: Place) => `${id}-${run}-${task}`;
  const isDrawn =
    current.run >= columns.from &&
    current.run < columns.end &&
    (current.task === HEAD || (current.task >= rows.from && current.task < rows.end));
  return (
    <div
      class="grid"
      ref={box}
      role="grid"
      aria-label="Runs and tasks"
      aria-rowcount={tasks.length + 1}
      aria-colcount={hasMore ? -1 : runs.length + 1}
      aria-readonly
      aria-activedescendant={fields.hasFocus && isDrawn ? idOf(current) : undefined}
      tabIndex={0}
      style={{ "--names": `${names}px`, maxHeight: `min(${MAX_HEIGHT}px, 80vh)` }}
      onScroll={({ currentTarget }) => scroll(currentTarget)}
      onKeyDown={(event) => {
        if (press(event)) event.preventDefault();
      }}
      onFocus={() => {
        isGoing.current = !grid.store.pointed;
        grid.store.change({ hasFocus: true });
      }}
      onBlur={() => grid.store.change({ hasFocus: false })}
      onPointerOver={point}
      onPointerLeave={() => grid.store.change({ pointed: null })}
      onClick={(event) => {
        const place = placeOf(event);
        if (!place) return;
        grid.go(place);
        if (!(event.target as Element).closest("a")) open(place);
      }}
    >
      <div
        class="grid-body"
        style={{
          width: `${names + runs.length * CELL_WIDTH}px`,
          height: `${HEAD_HEIGHT + tasks.length * ROW_HEIGHT}px`,
        }}
      >
        <Heads id={id} columns={columns} names={names} />
        {Array.from({ length: rows.end - rows.from }, (_, i) => rows.from + i).map((task) => (
          <TaskCells
            key={task}
            id={id}
            task={task}
            failed={failed[task] ?? 0}
            columns={columns}
            names={names}
          />
        ))}
        <Pointed names={names} />
      </div>
    </div>
  );
}

/** The column under the pointer, and a frame around the cell that has the focus. */
function Pointed({ names }: { names: number }) {
  const { pointed, current, hasFocus, runs } = useGridFields(
    "pointed",
    "current",
    "hasFocus",
    "runs",
  );
  const left = ({ run }: Place) => `${names + (runs.length - 1 - run) * CELL_WIDTH}px`;
  return (
    <>
      {pointed && <i class="grid-band" aria-hidden="true" style={{ left: left(pointed) }} />}
      {hasFocus && current.task !== HEAD && (
        <i
          class="grid-focus"
          aria-hidden="true"
          style={{ left: left(current), top: `${HEAD_HEIGHT + current.task * ROW_HEIGHT}px` }}
        />
      )}
    </>
  );
}
