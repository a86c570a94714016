import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { count } from "../../format/number";
import { sameDay } from "../../format/time";
import type { Item, Logs } from "../../protocol/wire";
import type { Card } from "../../state/card";
import { isGap, isHeld, isLine, itemAt, lineAt, needsMicroseconds } from "../../state/row-cache";
import {
  drift,
  moved as movedBy,
  offsetToShow,
  ROW_HEIGHT,
  type Scale,
  scaleOf,
  scrolled,
  scrollTopOf,
  visible,
} from "../../state/scroll";
import { canFollow, isGoing, type Store } from "../../state/store";
import { useCard, useFields } from "../context";
import { Icon } from "../controls/icons";
import { columnsStyle, LogHead } from "./columns";
import { pressRow } from "./keys";
import { HEAD_ROWS, LogLine } from "./line";
import { Minimap } from "./minimap";
import { dragRows, dropSelection, placeUnder, selectedText } from "./selecting";
import { SelectionMenu } from "./selection-menu";

const HEIGHT = 440;
/** The height of the column header. */
const HEAD = 22;
export const MIN_HEIGHT = 120;
const OVERSCAN = 8;
const SETTLE_MS = 140;
/** The height of a gap, a divider or another marker between lines. */
const MARKER_HEIGHT = 24;

type Drawn = [place: number, item: Item | undefined, y: number][];

/** The height of the log rows: the reader's choice, otherwise the default, or less for a short log. */
export function areaHeight(
  { areaHeight: chosen, payload, kernel }: Pick<Store, "areaHeight" | "payload" | "kernel">,
  logs: Logs,
): number {
  if (chosen !== null) return chosen;
  const isDone = payload?.header.is_finished === true && logs.is_complete;
  const isLasting = isDone || kernel === "absent" || kernel === "gone";
  const needed = logs.total * ROW_HEIGHT + HEAD;
  return isLasting ? Math.min(HEIGHT, Math.max(MIN_HEIGHT, needed)) : HEIGHT;
}

/** The log rows. Only the visible ones are in the page, whatever the number of lines. */
export function LogRows({ logs: data }: { logs: Logs }) {
  const card = useCard();
  const { store, logs } = card;
  const frame = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const hasFocus = useRef(false);
  /** Whether rows were selected since the pointer went down; releasing it is then not a click. */
  const hasDragged = useRef(false);
  const settling = useRef<ReturnType<typeof setTimeout>>(undefined);
  const digits = useRef<3 | 6>(3);
  const drawnBefore = useRef<Drawn>([]);
  const [hovered, setHovered] = useState<number | null>(null);
  const fields = useFields(
    "rows",
    "offset",
    "viewport",
    "areaHeight",
    "cursor",
    "goal",
    "isWrapped",
    "heights",
    "columns",
    "rangeFrom",
    "selected",
    "annotations",
    "query",
    "result",
    "payload",
    "zone",
    "width",
    "isLate",
    "kernel",
  );
  const { cursor, rows, goal, isWrapped, heights, payload, columns, zone } = fields;

  const heightAt = (place: number) => {
    const item = itemAt(rows, place);
    if (item === undefined) return ROW_HEIGHT;
    if (!isLine(item)) return MARKER_HEIGHT;
    return isWrapped ? (heights.get(item[0]) ?? ROW_HEIGHT) : ROW_HEIGHT;
  };
  const height = areaHeight(fields, data);
  const scale = scaleOf(rows.total, fields.viewport ?? height - HEAD, heightAt);
  const known = Math.min(fields.offset, scale.maxOffset);
  // The first frame is drawn at the goal, not at the old position.
  const offset = goal ? offsetToShow(scale, known, goal.place, goal.where) : known;
  const scrollTop = offset === fields.offset ? store.scrollTop : scrollTopOf(scale, offset);
  const range = visible(scale, offset);

  const put = (next: number) => {
    const element = scroller.current;
    if (!element) return;
    element.scrollTop = scrollTopOf(scale, next);
    store.change({ offset: next, scrollTop: element.scrollTop });
  };

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let width = element.clientWidth;
    const measure = () => {
      if (element.clientHeight > HEAD) store.change({ viewport: element.clientHeight - HEAD });
      if (element.clientWidth !== width) store.change({ heights: new Map() });
      width = element.clientWidth;
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
      clearTimeout(settling.current);
    };
  }, [store]);

  // New rows do not move the lines being read; the goal stays in view until the reader scrolls.
  useLayoutEffect(() => {
    put(offset);
  }, [goal, rows, heights, isWrapped, scale.viewport]);

  useLayoutEffect(() => {
    // The store has the offset that was just set and is not drawn yet.
    const next = visible(scale, store.offset);
    if (isHeld(rows, next)) logs.hasAll();
    else logs.want(next);
  }, [rows, range.first, range.end]);

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
    for (const row of scroller.current?.querySelectorAll<HTMLElement>(".line[data-at]") ?? []) {
      const line = lineAt(rows, Number(row.dataset.at));
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
    logs.scrolled(next >= scale.maxOffset - 1);
    clearTimeout(settling.current);
    const settle = () => {
      if (store.offset === next && drift(scale, next, element.scrollTop) > 1) put(next);
    };
    // A scroller that reached its end too early would stop there.
    const isAtEnd = scrollTop <= 0 || scrollTop >= scale.maxScroll;
    if (isAtEnd) settle();
    else settling.current = setTimeout(settle, SETTLE_MS);
  };

  useLayoutEffect(() => {
    logs.reportScroll = onScroll;
    return () => {
      logs.reportScroll = () => {};
    };
  });

  const onClick = (event: MouseEvent) => {
    const target = event.target as HTMLElement;
    const place = placeUnder(target);
    if (place === null) return;
    const what = target.closest<HTMLElement>("[data-do]")?.dataset.do;
    const element = scroller.current as HTMLElement;
    if (what) act(card, place, what, element);
    else if (event.shiftKey) {
      dropSelection(element);
      store.change({ rangeFrom: store.rangeFrom ?? store.cursor ?? place });
      logs.stand(place);
      card.tellSelection();
      card.chosenRows();
    } else if (selectedText(element) === "" && !hasDragged.current) {
      const hadRange = store.rangeFrom !== null;
      store.change({ rangeFrom: null });
      logs.stand(place);
      if (hadRange) card.tellSelection();
    }
    // On a click, the notebook moves the focus to the cell.
    if (!target.closest("a, button, input"))
      element.querySelector<HTMLElement>(`[data-at="${place}"]`)?.focus({ preventScroll: true });
  };

  const onCopy = (event: ClipboardEvent) => {
    const element = scroller.current as HTMLElement;
    if (store.rangeFrom === null && selectedText(element) !== "") return;
    event.preventDefault();
    const copy = card.chosenRows();
    if (copy && event.clipboardData) {
      event.clipboardData.setData("text/plain", copy.text);
      card.saidCopied(copy);
    } else void card.copyRows(event.target as HTMLElement);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, range.end - range.first - 2);
    pressRow(event, card, { first: range.first, page });
  };

  const drawn = drawnItems(fields, scale, range, drawnBefore.current);
  drawnBefore.current = drawn;
  const isAway = cursor === null || !drawn.some(([place]) => place === cursor);
  // While the focused row is scrolled away, it is kept off-screen: removing it would lose the focus.
  const isKept = cursor !== null && isAway && (hasFocus.current || goal?.isFocused);
  const kept: Drawn = isKept ? [[cursor, itemAt(rows, cursor), -99_999]] : [];
  const list = [...kept, ...drawn].sort(([a], [b]) => a - b);
  if (needsMicroseconds(rows, range)) digits.current = 6;
  const began = payload?.header.started_at ?? null;
  const isOverDays = drawn.some(
    ([, item]) => isLine(item) && began !== null && !sameDay(item[1], began, zone),
  );
  const newFrom = payload?.changes?.first_seq ?? null;
  const pinned = new Set(fields.annotations.pins.map(({ seq }) => seq));
  const { rangeFrom } = fields;
  const [low, high] =
    rangeFrom === null || cursor === null
      ? [0, -1]
      : [Math.min(rangeFrom, cursor), Math.max(rangeFrom, cursor)];
  const room =
    fields.width < 720 && !isWrapped ? Math.floor((fields.width - 190) / 7.3) : undefined;
  const style = columnsStyle(columns, data, { digits: digits.current, isOverDays });
  const isFiltered = rows.query.lines !== "all";

  return (
    <div class="log" ref={frame}>
      <div
        class={`log-rows ${isWrapped ? "wrapped" : ""}`}
        ref={scroller}
        role="grid"
        aria-label="Log lines"
        aria-rowcount={rows.total + HEAD_ROWS}
        aria-multiselectable
        tabIndex={isAway ? 0 : -1}
        style={{ height: `${height}px`, ...style }}
        onScroll={onScroll}
        onClick={onClick}
        onCopy={onCopy}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          hasDragged.current = false;
          dragRows(event, event.currentTarget, card, {
            scrollBy: (pixels) => put(movedBy(scale, store.offset, pixels)),
            begin: () => {
              hasDragged.current = true;
            },
          });
        }}
        onPointerOver={(event) => setHovered(placeUnder(event.target))}
        onPointerLeave={() => setHovered(null)}
        onFocusIn={() => {
          hasFocus.current = true;
        }}
        onFocusOut={() => {
          hasFocus.current = false;
        }}
      >
        <LogHead />
        <div class="spacer" role="rowgroup" style={{ height: `${scale.spacer}px` }}>
          {list.map(([place, item, y]) => line(place, item, y + scrollTop))}
        </div>
      </div>
      <Minimap scale={scale} put={put} />
      <SelectionMenu area={frame} />
      <Pill />
    </div>
  );

  function line(place: number, item: Item | undefined, top: number) {
    const row = isLine(item) ? item : null;
    const seq = row?.[0] ?? null;
    return (
      <LogLine
        key={place}
        place={place}
        top={top}
        item={item}
        above={columns.since ? (lineAt(rows, place - 1)?.[1] ?? null) : null}
        zone={zone}
        began={began}
        markers={logs.markers}
        isFiltered={isFiltered}
        room={room}
        digits={digits.current}
        hasLogger={columns.logger}
        hasSince={columns.since}
        isCurrent={place === cursor}
        isChosen={(seq !== null && fields.selected.has(seq)) || (place >= low && place <= high)}
        isPinned={seq !== null && pinned.has(seq)}
        isNew={newFrom !== null && seq !== null && seq >= newFrom}
        hasActions={seq !== null && (place === cursor || place === hovered)}
        link={row ? (card.host.linkTo?.(row) ?? null) : null}
      />
    );
  }
}

function act(card: Card, place: number, what: string, element: HTMLElement): void {
  const { store, logs } = card;
  const item = itemAt(store.rows, place);
  if (isGap(item)) {
    const [, hidden, first, last] = item;
    const opened: [number, number] =
      what === "all" ? [first, hidden] : place === 0 ? [last, -20] : [first, 20];
    logs.show({ opened: [...store.query.opened, opened] });
    return;
  }
  if (!isLine(item)) return;
  logs.stand(place);
  if (what === "open") logs.open(place);
  else if (what === "pin") card.pins.toggle();
  else if (what === "link") void card.host.copyText(card.host.linkTo?.(item) ?? "", element);
  else logs.filterTask(item, what === "out");
}

/** The rows to draw. After a far jump the previous ones stay until the answer arrives or is late. */
function drawnItems(
  store: Pick<Store, "rows" | "isLate">,
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
    drawn.push([at, itemAt(store.rows, at), y]);
    y += height(at);
  }
  const isEmpty = drawn.length > 0 && drawn.every(([, item]) => item === undefined);
  const wasThere = before.some(([, item]) => item !== undefined);
  return isEmpty && wasThere && !store.isLate ? before : drawn;
}

/** A pill that says that the card waits for the kernel, or that there are new lines. */
function Pill() {
  const { logs, store } = useCard();
  const fields = useFields("isLate", "unseen", "isAtTail", "payload", "kernel");
  const { unseen, isAtTail, payload } = fields;
  if (fields.isLate)
    return (
      <p class="log-pill" role="status">
        <Icon name="queued" />
        Waiting for the kernel
      </p>
    );
  const isOn = canFollow(fields) && payload?.is_following === true;
  if (!isGoing(fields) || (isAtTail ? !isOn : unseen === 0)) return null;
  if (isAtTail)
    return (
      <p class="log-pill">
        <Icon name="follow" />
        Following <span class="dim wide-only">· scroll up to pause</span>
      </p>
    );
  return (
    <button
      type="button"
      class="log-pill"
      onClick={() => {
        logs.scrolled(true);
        logs.goTo(store.rows.total - 1, "nearest");
      }}
    >
      <Icon name={isOn ? "pause" : "follow"} />
      {isOn && "Paused · "}
      {count(unseen)} new {unseen === 1 ? "line" : "lines"}
    </button>
  );
}
