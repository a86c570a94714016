import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { count, sameDay } from "../core/format";
import { heightOf, isGap, isHeld, isLine, itemAt, lineAt, needMicroseconds } from "../core/items";
import {
  drift,
  offsetToShow,
  ROW_HEIGHT,
  type Scale,
  scaleOf,
  scrolled,
  scrollTopOf,
  visible,
} from "../core/window";
import type { Item, Logs } from "../core/wire";
import { togglePin } from "../evidence";
import type { Store } from "../store";
import { icon } from "./icons";
import { pressRow } from "./keys";
import { LogLine } from "./line";
import { drawStrip } from "./strip";

const HEIGHT = 440;
export const LEAST = 120;
const OVERSCAN = 8;
const SETTLE_MS = 140;

type Drawn = [place: number, item: Item | undefined, y: number][];

/** How high the log rows are: as the reader had it, else as the drawing has it, and less for a short log. */
export function areaHeight(store: Store, logs: Logs): number {
  if (store.areaHeight !== null) return store.areaHeight;
  const isDone = store.payload?.header.is_finished === true && logs.is_complete;
  return isDone ? Math.min(HEIGHT, Math.max(LEAST, logs.total * ROW_HEIGHT)) : HEIGHT;
}

/** The log rows: a fixed number of them in the page, whatever the number of lines. */
export function LogRows({ store, logs }: { store: Store; logs: Logs }) {
  const scroller = useRef<HTMLDivElement>(null);
  const hasFocus = useRef(false);
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isWide = useRef(false);
  const drawnBefore = useRef<Drawn>([]);

  const { cursor, held, goal, reading, isWrapped, heights } = store;
  const heightAt = (place: number) => {
    const item = itemAt(held, place);
    return isWrapped && isLine(item) ? (heights.get(item[0]) ?? ROW_HEIGHT) : heightOf(item);
  };
  const scale = scaleOf(held.total, store.viewport ?? areaHeight(store, logs), heightAt);
  const offset = Math.min(store.offset, scale.maxOffset);
  const range = visible(scale, offset);

  const put = (next: number) => {
    const element = scroller.current;
    if (!element) return;
    element.scrollTop = scrollTopOf(scale, next);
    store.change({ offset: next, scrollTop: element.scrollTop });
  };

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let width = element.clientWidth;
    const observer = new ResizeObserver(() => {
      if (element.clientHeight > 0) store.change({ viewport: element.clientHeight });
      if (element.clientWidth !== width) store.change({ heights: new Map() });
      width = element.clientWidth;
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      clearTimeout(settling.current);
    };
  }, [store]);

  // What arrives moves nothing that is being read; what was gone to stays in view until the reader scrolls.
  useLayoutEffect(() => {
    const at = Math.min(store.offset, scale.maxOffset);
    put(goal ? offsetToShow(scale, at, goal.place, goal.where) : at);
  }, [goal, held, heights, isWrapped, scale.viewport]);

  useLayoutEffect(() => {
    // Where the rows were just moved to, which is not yet drawn.
    const next = visible(scale, store.offset);
    if (isHeld(held, next)) reading.content();
    else reading.want(next);
  }, [held, range.first, range.end]);

  useLayoutEffect(() => {
    if (!goal?.isFocused) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-at="${goal.place}"]`);
    if (!row) return;
    row.focus({ preventScroll: true });
    store.change({ goal: { ...goal, isFocused: false } });
  });

  useLayoutEffect(() => {
    if (!isWrapped) return;
    const measured = new Map<number, number>();
    for (const row of scroller.current?.querySelectorAll<HTMLElement>(".r[data-at]") ?? []) {
      const line = lineAt(held, Number(row.dataset.at));
      if (line && row.offsetHeight > 0) measured.set(line[0], row.offsetHeight);
    }
    const isKnown = [...measured].every(([seq, height]) => heights.get(seq) === height);
    if (!isKnown) store.change({ heights: new Map([...[...heights].slice(-2000), ...measured]) });
  });

  const onScroll = () => {
    const element = scroller.current;
    if (!element || element.scrollTop === store.scrollTop) return;
    const { scrollTop } = element;
    const next = scrolled(scale, store.offset, store.scrollTop, scrollTop);
    store.change({ offset: next, scrollTop });
    reading.scrolled(next >= scale.maxOffset - 1);
    clearTimeout(settling.current);
    const settle = () => {
      if (store.offset === next && drift(scale, next, element.scrollTop) > 1) put(next);
    };
    // A scroller that has come to its end too early would stop there.
    const isAtEnd = scrollTop <= 0 || scrollTop >= scale.maxScroll;
    if (isAtEnd) settle();
    else settling.current = setTimeout(settle, SETTLE_MS);
  };

  const onClick = (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    const place = placeUnder(target);
    if (place === null) return;
    const what = target.closest<HTMLElement>("[data-do]")?.dataset.do;
    if (what) act(store, place, what);
    else if (!getSelection()?.toString()) {
      if (event.shiftKey) store.change({ rangeFrom: store.rangeFrom ?? cursor });
      else store.change({ rangeFrom: null });
      reading.stand(place);
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, range.end - range.first - 2);
    return pressRow(event, store, { first: range.first, page });
  };

  const drawn = drawnItems(store, scale, range, drawnBefore.current);
  drawnBefore.current = drawn;
  const isAway = cursor === null || !drawn.some(([place]) => place === cursor);
  // The focused row is kept, out of sight, while it is scrolled away: focus would be lost with it.
  const isKept = cursor !== null && isAway && (hasFocus.current || goal?.isFocused);
  const kept: Drawn = isKept ? [[cursor, itemAt(held, cursor), -99_999]] : [];
  const list = [...kept, ...drawn].sort(([a], [b]) => a - b);
  const micros = needMicroseconds(held, range);
  if (micros.size > 0) isWide.current = true;
  const began = store.payload?.header.started_at ?? null;
  const isOverDays = drawn.some(
    ([, item]) => isLine(item) && began !== null && !sameDay(item[1], began, store.zone),
  );
  const newFrom = store.payload?.changes?.first_seq ?? null;
  const pinned = new Set(store.kept.pins.map(({ seq }) => seq));
  const { rangeFrom } = store;
  const [low, high] = rangeFrom === null ? [0, -1] : [rangeFrom, cursor ?? 0].sort((a, b) => a - b);
  const room = store.width < 720 && !isWrapped ? Math.floor((store.width - 190) / 7.3) : undefined;

  return (
    <div class="log">
      <div
        class={`scroll ${isWide.current ? "us" : ""} ${isOverDays ? "days" : ""} ${isWrapped ? "wrap" : ""}`}
        ref={scroller}
        role="table"
        aria-label="Log lines"
        aria-rowcount={held.total}
        tabIndex={isAway ? 0 : -1}
        style={{ height: `${areaHeight(store, logs)}px` }}
        onScroll={onScroll}
        onClick={onClick}
        onKeyDown={onKeyDown}
        onPointerOver={(event) =>
          store.change({ hovered: placeUnder(event.target as HTMLElement) })
        }
        onPointerLeave={() => store.change({ hovered: null })}
        onFocusIn={() => {
          hasFocus.current = true;
        }}
        onFocusOut={() => {
          hasFocus.current = false;
        }}
      >
        <div class="spacer" role="rowgroup" style={{ height: `${scale.spacer}px` }}>
          {list.map(([place, item, y]) => line(place, item, y + store.scrollTop))}
        </div>
      </div>
      {drawStrip(store, scale, put)}
      {store.isLate ? (
        <p class="follow" role="status">
          {icon("queued")}
          Waiting for the kernel
        </p>
      ) : (
        drawFollowPill(store)
      )}
    </div>
  );

  function line(place: number, item: Item | undefined, top: number) {
    const seq = isLine(item) ? item[0] : null;
    return (
      <LogLine
        key={place}
        place={place}
        top={top}
        item={item}
        zone={store.zone}
        began={began}
        marks={reading.marks()}
        room={room}
        hasMicros={micros.has(place)}
        isCurrent={place === cursor}
        isSelected={
          (seq !== null && store.selected.has(seq)) ||
          (place >= (low ?? 0) && place <= (high ?? -1))
        }
        isPinned={seq !== null && pinned.has(seq)}
        isNew={newFrom !== null && seq !== null && seq >= newFrom}
        hasActions={seq !== null && (place === cursor || place === store.hovered)}
      />
    );
  }
}

function act(store: Store, place: number, what: string): void {
  const { reading } = store;
  const item = itemAt(store.held, place);
  if (isGap(item)) {
    const [, hidden, first, last] = item;
    const opened: [number, number] =
      what === "all" ? [first, hidden] : place === 0 ? [last, -20] : [first, 20];
    reading.show({ opened: [...store.look.opened, opened] });
    return;
  }
  if (!isLine(item)) return;
  reading.stand(place);
  if (what === "open") reading.open(place);
  else if (what === "pin") togglePin(store);
  else reading.filterTask(item, what === "out");
}

function placeUnder(target: HTMLElement): number | null {
  const at = target.closest<HTMLElement>("[data-at]")?.dataset.at;
  return at === undefined ? null : Number(at);
}

/** After a far jump what was drawn before stays until the answer comes, or until that takes too long. */
function drawnItems(
  store: Store,
  { total, heightOf: height }: Scale,
  shown: { first: number; end: number; top: number },
  before: Drawn,
): Drawn {
  const first = Math.max(0, shown.first - OVERSCAN);
  const end = Math.min(total, shown.end + OVERSCAN);
  let y = shown.top;
  for (let at = first; at < shown.first; at++) y -= height(at);
  const drawn: Drawn = [];
  for (let at = first; at < end; at++) {
    drawn.push([at, itemAt(store.held, at), y]);
    y += height(at);
  }
  const isEmpty = drawn.length > 0 && drawn.every(([, item]) => item === undefined);
  const wasThere = before.some(([, item]) => item !== undefined);
  return isEmpty && wasThere && !store.isLate ? before : drawn;
}

function drawFollowPill(store: Store) {
  const { unseen, reading, isAtTail } = store;
  const isOn = store.canFollow && store.payload?.is_following;
  if (!store.isGoing || (isAtTail ? !isOn : unseen === 0)) return null;
  if (isAtTail)
    return (
      <p class="follow">
        {icon("down")}
        Following <span class="d opt">· scroll up to pause</span>
      </p>
    );
  return (
    <button
      type="button"
      class="follow"
      onClick={() => {
        reading.scrolled(true);
        reading.goTo(store.held.total - 1, "nearest");
      }}
    >
      {icon("down")}
      {isOn && "Paused · "}
      {count(unseen)} new {unseen === 1 ? "line" : "lines"}
    </button>
  );
}
