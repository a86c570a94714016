import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { copyText } from "../clipboard";
import { count, sameDay } from "../core/format";
import { isHeld, needMicroseconds, rowAt } from "../core/rows";
import {
  hasDrifted,
  moved,
  offsetToShow,
  ROW_HEIGHT,
  rowTop,
  type Scale,
  scaleOf,
  scrollTopOf,
  visibleRows,
} from "../core/window";
import type { LogRow, Logs } from "../core/wire";
import type { Store } from "../store";
import { Icon } from "./icons";
import { LogLine, lineText } from "./line";

const HEIGHT = 440;
const LEAST = 120;
const OVERSCAN = 8;
const SETTLE_MS = 140;

type Drawn = [position: number, row: LogRow | undefined][];

/** The log rows: a fixed number of them in the page, whatever the number of lines. */
export function LogRows({ store, logs }: { store: Store; logs: Logs }) {
  const scroller = useRef<HTMLDivElement>(null);
  const hasFocus = useRef(false);
  const toFocus = useRef<number | null>(null);
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isWide = useRef(false);
  const drawnBefore = useRef<Drawn>([]);

  const scale = scaleOf(logs.total, store.viewport ?? areaHeight(store, logs));
  const offset = Math.min(store.offset, scale.maxOffset);
  const range = visibleRows(scale, offset);
  const { cursor, rows: held, goal } = store;

  const put = (next: number) => {
    const element = scroller.current;
    if (!element) return;
    element.scrollTop = scrollTopOf(scale, next);
    store.set({ offset: next, scrollTop: element.scrollTop });
  };

  useEffect(() => {
    const element = scroller.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => {
      if (element.clientHeight > 0) store.set({ viewport: element.clientHeight });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      clearTimeout(settling.current);
    };
  }, [store]);

  // A new snapshot or a new height moves nothing that is being read.
  useLayoutEffect(() => put(Math.min(store.offset, scale.maxOffset)), [logs.total, scale.viewport]);

  useLayoutEffect(() => {
    if (!goal) return;
    store.set({ goal: null });
    put(offsetToShow(scale, store.offset, goal.row, goal.place));
    if (goal.isFocused) toFocus.current = goal.row;
  }, [goal]);

  useLayoutEffect(() => {
    if (isHeld(held, range)) store.content();
    else store.want(range);
  }, [held, range.first, range.end]);

  useLayoutEffect(() => {
    if (toFocus.current === null || store.goal) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-at="${toFocus.current}"]`);
    if (!row) return;
    toFocus.current = null;
    row.focus({ preventScroll: true });
  });

  const onScroll = () => {
    const element = scroller.current;
    if (!element || element.scrollTop === store.scrollTop) return;
    const { scrollTop } = element;
    const next = moved(scale, store.offset, store.scrollTop, scrollTop);
    store.set({ offset: next, scrollTop });
    store.scrolled(next >= scale.maxOffset - 1);
    clearTimeout(settling.current);
    settling.current = setTimeout(() => {
      if (hasDrifted(scale, next, element.scrollTop)) put(next);
    }, SETTLE_MS);
  };

  const onClick = (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    const at = positionUnder(target);
    if (at === null) return;
    if (target.closest("[data-open]")) store.open(at);
    else store.set({ cursor: at });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const isHandled = handleKey(event, store, logs, range.first, scale);
    if (isHandled) event.preventDefault();
  };

  const drawn = drawnRows(store, scale, offset, drawnBefore.current);
  drawnBefore.current = drawn;
  const isAway = cursor === null || !drawn.some(([position]) => position === cursor);
  const isKept = isAway && (hasFocus.current || toFocus.current !== null || goal?.isFocused);
  const micros = needMicroseconds(held, range);
  if (micros.size > 0) isWide.current = true;
  const began = store.payload?.header.started_at ?? null;
  const isOverDays = drawn.some(
    ([, row]) => row && began !== null && !sameDay(row[1], began, store.zone),
  );
  const newFrom = store.payload?.changes?.first_seq ?? null;
  const first = visibleRows(scale, offset, OVERSCAN).first;

  return (
    <div class="log">
      <div
        class={`scroll ${isWide.current ? "us" : ""} ${isOverDays ? "days" : ""}`}
        ref={scroller}
        role="table"
        aria-label="Log lines"
        aria-rowcount={logs.total}
        tabIndex={isAway ? 0 : -1}
        style={{ height: `${areaHeight(store, logs)}px` }}
        onScroll={onScroll}
        onClick={onClick}
        onKeyDown={onKeyDown}
        onPointerOver={(event) =>
          store.set({ hovered: positionUnder(event.target as HTMLElement) })
        }
        onPointerLeave={() => store.set({ hovered: null })}
        onFocusIn={() => {
          hasFocus.current = true;
        }}
        onFocusOut={() => {
          hasFocus.current = false;
        }}
      >
        <div class="spacer" role="rowgroup" style={{ height: `${scale.spacer}px` }}>
          {drawn
            .map(([position, row], i) =>
              line(position, row, rowTop(first + i, offset, store.scrollTop)),
            )
            .concat(
              isKept && cursor !== null ? line(cursor, rowAt(held, cursor), -2 * ROW_HEIGHT) : [],
            )}
        </div>
      </div>
      {store.isRowsLate ? (
        <p class="follow" role="status">
          <Icon name="queued" />
          Waiting for the kernel
        </p>
      ) : (
        <FollowPill store={store} logs={logs} />
      )}
    </div>
  );

  /** The focused row is kept, out of sight, while it is scrolled away: focus would be lost with it. */
  function line(position: number, row: LogRow | undefined, top: number) {
    return (
      <LogLine
        key={position}
        position={position}
        top={top}
        row={row}
        zone={store.zone}
        began={began}
        hasMicros={micros.has(position)}
        isCurrent={position === cursor}
        isNew={newFrom !== null && row !== undefined && row[0] >= newFrom}
        hasActions={row !== undefined && (position === cursor || position === store.hovered)}
      />
    );
  }
}

function areaHeight(store: Store, logs: Logs): number {
  const isDone = store.payload?.header.is_finished === true && logs.is_complete;
  return isDone ? Math.min(HEIGHT, Math.max(LEAST, logs.total * ROW_HEIGHT)) : HEIGHT;
}

function positionUnder(target: HTMLElement): number | null {
  const at = target.closest<HTMLElement>("[data-at]")?.dataset.at;
  return at === undefined ? null : Number(at);
}

/** After a far jump the rows drawn before stay until the answer comes, or until that takes too long. */
function drawnRows(store: Store, scale: Scale, offset: number, before: Drawn): Drawn {
  const held = store.rows;
  const { first, end } = visibleRows(scale, offset, OVERSCAN);
  const drawn: Drawn = [];
  for (let at = first; at < end; at++) drawn.push([at, rowAt(held, at)]);
  const hasAny = drawn.some(([, row]) => row !== undefined);
  const isKept = !hasAny && !store.isRowsLate && before.some(([, row]) => row !== undefined);
  return isKept ? before.slice(0, drawn.length) : drawn;
}

function handleKey(
  event: KeyboardEvent,
  store: Store,
  logs: Logs,
  firstVisible: number,
  scale: Scale,
): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const target = event.target as HTMLElement;
  const isPress = event.key === "Enter" || event.key === " ";
  if (target.tagName === "BUTTON" && isPress) return false;
  const cursor = store.cursor;
  const page = Math.max(1, Math.floor(scale.viewport / ROW_HEIGHT) - 1);
  const here = cursor ?? firstVisible;
  const steps: Record<string, number> = {
    ArrowDown: cursor === null ? here : here + 1,
    ArrowUp: here - 1,
    PageDown: here + page,
    PageUp: here - page,
    Home: 0,
    End: logs.total - 1,
  };
  const next = steps[event.key];
  if (next !== undefined) {
    const row = Math.min(Math.max(0, next), logs.total - 1);
    store.set({ cursor: row });
    store.goTo(row, "nearest", true);
    store.scrolled(row === logs.total - 1);
    return true;
  }
  if (event.key === "Escape" && store.opened) store.set({ opened: null });
  else if ((event.key === "Enter" || event.key === "ArrowRight") && cursor !== null)
    store.open(cursor);
  else if (event.key === "c" && cursor !== null) copyCurrent(store, cursor, target);
  else if (event.key.toLowerCase() === "e" && logs.first_error !== null)
    store.showRow(logs.first_error);
  else return false;
  return true;
}

function copyCurrent(store: Store, cursor: number, near: HTMLElement): void {
  const row = rowAt(store.rows, cursor);
  if (row) void copyText(lineText(row), near);
}

function FollowPill({ store, logs }: { store: Store; logs: Logs }) {
  const unseen = store.unseen;
  if (store.isFollowing || unseen === 0) return null;
  return (
    <button
      type="button"
      class="follow"
      onClick={() => {
        store.goTo(logs.total - 1, "nearest");
        store.scrolled(true);
      }}
    >
      <Icon name="down" />
      Paused · {count(unseen)} new {unseen === 1 ? "line" : "lines"}
    </button>
  );
}
