/**
 * The arithmetic of scrolling over any number of items of different heights. `offset` counts 20 px for every item, so
 * that it names a place whatever the heights are: 50 is the middle of item 2. Drawing starts there and stacks items by
 * their real heights, and scrolling steps over real heights, so heights need to be known only near the visible items. A
 * browser limits the height of an element. If the spacer is clamped, one pixel of `scrollTop` means several of `offset`.
 */

export const ROW_HEIGHT = 20;
const MAX_SPACER = 10_000_000;

/** The height of the item at a place, or an estimate. */
export type HeightOf = (place: number) => number;

export interface Scale {
  total: number;
  viewport: number;
  heightOf: HeightOf;
  /** Height of the element inside the scroller. */
  spacer: number;
  maxOffset: number;
  maxScroll: number;
}

export interface Range {
  first: number;
  /** One past the last item. */
  end: number;
}

const clamp = (value: number, high: number) => Math.min(Math.max(0, value), high);

/** The offset `pixels` further down (or up) by real heights, limited to the first and last item. */
function walked(heightOf: HeightOf, total: number, offset: number, pixels: number): number {
  let place = Math.min(Math.floor(offset / ROW_HEIGHT), total);
  let inside = pixels;
  if (place < total) inside += (offset / ROW_HEIGHT - place) * heightOf(place);
  while (inside < 0 && place > 0) {
    place -= 1;
    inside += heightOf(place);
  }
  while (place < total && inside >= heightOf(place)) {
    inside -= heightOf(place);
    place += 1;
  }
  if (place >= total || inside <= 0) return place * ROW_HEIGHT;
  const height = heightOf(place);
  return place * ROW_HEIGHT + (height === ROW_HEIGHT ? inside : (inside / height) * ROW_HEIGHT);
}

export function scaleOf(total: number, viewport: number, heightOf: HeightOf): Scale {
  const maxOffset = walked(heightOf, total, total * ROW_HEIGHT, -viewport);
  const maxScroll = Math.min(Math.ceil(maxOffset), Math.max(0, MAX_SPACER - viewport));
  return { total, viewport, heightOf, spacer: maxScroll + viewport, maxOffset, maxScroll };
}

/** The `scrollTop` for an offset, in whole pixels. */
export function scrollTopOf({ maxOffset, maxScroll }: Scale, offset: number): number {
  return maxOffset === 0 ? 0 : Math.round((clamp(offset, maxOffset) / maxOffset) * maxScroll);
}

/** The offset after the scroll bar was dragged to `scrollTop`. */
export function offsetOf({ maxOffset, maxScroll }: Scale, scrollTop: number): number {
  if (maxScroll === 0 || scrollTop >= maxScroll) return scrollTop > 0 ? maxOffset : 0;
  return Math.round((clamp(scrollTop, maxScroll) / maxScroll) * maxOffset);
}

/** The offset a number of pixels further down. */
export function moved(scale: Scale, offset: number, pixels: number): number {
  return clamp(walked(scale.heightOf, scale.total, offset, pixels), scale.maxOffset);
}

/** The offset after a scroll event: short moves are in pixels, long ones in places. */
export function scrolled(scale: Scale, offset: number, before: number, after: number): number {
  const step = after - before;
  return Math.abs(step) <= scale.viewport ? moved(scale, offset, step) : offsetOf(scale, after);
}

/** The difference between the actual and the expected `scrollTop`. */
export function drift(scale: Scale, offset: number, scrollTop: number): number {
  return Math.abs(scrollTop - scrollTopOf(scale, offset));
}

/** The visible items, and the position of the first one relative to the viewport's top (0 or less). */
export function visible(scale: Scale, offset: number): Range & { top: number } {
  const { total, viewport, heightOf } = scale;
  const at = clamp(offset, scale.maxOffset) / ROW_HEIGHT;
  const first = Math.floor(at);
  const top = first < total ? Math.round((first - at) * heightOf(first)) : 0;
  let end = first;
  for (let y = top; end < total && y < viewport; end++) y += heightOf(end);
  return { first, end, top };
}

/** The nearest offset at which an item is visible; with `"centre"` it is in the middle. */
export function offsetToShow(
  scale: Scale,
  offset: number,
  place: number,
  where: "nearest" | "centre" | "top" = "nearest",
): number {
  const { total, viewport, heightOf, maxOffset } = scale;
  const top = place * ROW_HEIGHT;
  const above = (pixels: number) =>
    clamp(walked(heightOf, total, top, Math.min(0, -pixels)), maxOffset);
  const room = viewport - heightOf(place);
  if (where === "top" || (where === "nearest" && top <= offset)) return above(0);
  if (where === "centre") return above(Math.floor(room / 2 / ROW_HEIGHT) * ROW_HEIGHT);
  return Math.max(above(room), clamp(offset, maxOffset));
}

/** The items to request for `wanted`, with a margin on both sides. */
export function rowsToAsk(wanted: Range, total: number): { start: number; count: number } {
  const margin = Math.max(40, wanted.end - wanted.first);
  const start = Math.max(0, wanted.first - margin);
  return { start, count: Math.min(total, wanted.end + margin) - start };
}
