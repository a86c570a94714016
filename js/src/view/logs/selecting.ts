/** Selecting rows by dragging, also beyond the visible ones, and selecting text within one message. */

import type { Card } from "../../state/card";

const EDGE_PX = 24;
const SCROLL_MS = 50;

export function placeUnder(target: EventTarget | null): number | null {
  const at = (target as Element | null)?.closest?.<HTMLElement>("[data-at]")?.dataset.at;
  return at === undefined ? null : Number(at);
}

/** The selected text in the tree of an element; in Chromium a shadow root has its own selection. */
export function selectedText(element: Element): string {
  const root = element.getRootNode() as Document | (ShadowRoot & { getSelection?(): Selection });
  const selection = root.getSelection?.() ?? element.ownerDocument.getSelection();
  return selection?.toString() ?? "";
}

export function dropSelection(element: Element): void {
  const root = element.getRootNode() as Document | (ShadowRoot & { getSelection?(): Selection });
  root.getSelection?.()?.removeAllRanges();
  element.ownerDocument.getSelection()?.removeAllRanges();
}

interface Drag {
  /** Moves the rows by pixels. */
  scrollBy: (pixels: number) => void;
  /** Called when rows begin to be selected. */
  begin: () => void;
}

/**
 * Follows a pointer from the row where it was pressed. Within that row it selects text, as usual; outside of it, it
 * selects rows, and scrolls at the edges.
 */
export function dragRows(
  event: PointerEvent,
  scroller: HTMLElement,
  card: Card,
  { scrollBy, begin }: Drag,
): void {
  const begun = placeUnder(event.target);
  if (begun === null || event.button !== 0 || event.pointerType === "touch") return;
  const { logs, store } = card;
  const owner = scroller.ownerDocument;
  let isOverRows = false;
  let y = event.clientY;
  let x = event.clientX;
  let timer: ReturnType<typeof setInterval> | undefined;
  let frame = 0;

  const under = (): number | null => {
    const box = scroller.getBoundingClientRect();
    const head = scroller.querySelector<HTMLElement>(".log-head")?.offsetHeight ?? 0;
    const inside = Math.min(box.bottom - 4, Math.max(box.top + head + 2, y));
    const root = scroller.getRootNode() as Document | ShadowRoot;
    return placeUnder(
      root.elementFromPoint(Math.min(box.right - 20, Math.max(box.left + 4, x)), inside),
    );
  };
  const reach = () => {
    const place = under();
    if (place === null) return;
    if (!isOverRows && place === begun) return;
    if (!isOverRows) begin();
    isOverRows = true;
    scroller.classList.add("selecting");
    dropSelection(scroller);
    if (store.rangeFrom !== begun) store.change({ rangeFrom: begun });
    if (store.cursor !== place) logs.stand(place);
    store.change({ goal: null, isAtTail: false });
  };
  const tick = () => {
    const box = scroller.getBoundingClientRect();
    const above = box.top + EDGE_PX - y;
    const below = y - (box.bottom - EDGE_PX);
    if (!isOverRows || (above <= 0 && below <= 0)) return;
    scrollBy(above > 0 ? -above * 2 : below * 2);
    frame = requestAnimationFrame(reach);
  };
  const move = (moved: PointerEvent) => {
    ({ clientX: x, clientY: y } = moved);
    reach();
    timer ??= setInterval(tick, SCROLL_MS);
  };
  const end = () => {
    clearInterval(timer);
    cancelAnimationFrame(frame);
    scroller.classList.remove("selecting");
    owner.removeEventListener("pointermove", move, true);
    owner.removeEventListener("pointerup", end, true);
    owner.removeEventListener("pointercancel", end, true);
    if (!isOverRows) return;
    card.tellSelection();
    card.chosenRows();
    if (store.cursor !== null) logs.goTo(store.cursor, "nearest", true);
  };
  owner.addEventListener("pointermove", move, true);
  owner.addEventListener("pointerup", end, true);
  owner.addEventListener("pointercancel", end, true);
}
