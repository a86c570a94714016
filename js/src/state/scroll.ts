/**
 * Arithmetic of items of different heights in a scroller, any number of them. `offset` counts 20 px for every item, so that it
 * names a place whatever the heights: 50 is the middle of item 2. What is drawn begins there and stacks true
 * heights, and a move walks over them, so they need to be known only near what is shown. A browser limits how tall
 * an element may be: `scrollTop`, what the scroller says, stands for several pixels where the spacer is clamped.
 */

export const ROW_HEIGHT = 20;
const MAX_SPACER = 10_000_000;

/** The height of the item at a place, as far as that is known. */
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

/** Where one is `pixels` further down (or up), by true heights, between the first top and the last bottom. */
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

/** Where the scroller has to stand to show `offset`: a whole pixel. */
export function scrollTopOf({ maxOffset, maxScroll }: Scale, offset: number): number {
  return maxOffset === 0 ? 0 : Math.round((clamp(offset, maxOffset) / maxOffset) * maxScroll);
}

/** What a scroller dragged to `scrollTop` shows. */
export function offsetOf({ maxOffset, maxScroll }: Scale, scrollTop: number): number {
  if (maxScroll === 0 || scrollTop >= maxScroll) return scrollTop > 0 ? maxOffset : 0;
  return Math.round((clamp(scrollTop, maxScroll) / maxScroll) * maxOffset);
}

/** The offset so many pixels further down. */
export function moved(scale: Scale, offset: number, pixels: number): number {
  return clamp(walked(scale.heightOf, scale.total, offset, pixels), scale.maxOffset);
}

/** The new offset after the scroller moved: short moves are pixels, long ones are places. */
export function scrolled(scale: Scale, offset: number, before: number, after: number): number {
  const step = after - before;
  return Math.abs(step) <= scale.viewport ? moved(scale, offset, step) : offsetOf(scale, after);
}

/** How far the scroller is from where it has to stand. */
export function drift(scale: Scale, offset: number, scrollTop: number): number {
  return Math.abs(scrollTop - scrollTopOf(scale, offset));
}

/** What is shown, and how many pixels below the viewport's top its first item begins (0 or less). */
export function visible(scale: Scale, offset: number): Range & { top: number } {
  const { total, viewport, heightOf } = scale;
  const at = clamp(offset, scale.maxOffset) / ROW_HEIGHT;
  const first = Math.floor(at);
  const top = first < total ? Math.round((first - at) * heightOf(first)) : 0;
  let end = first;
  for (let y = top; end < total && y < viewport; end++) y += heightOf(end);
  return { first, end, top };
}

/** The smallest move that brings an item into view; `"centre"` puts it in the middle. */
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

/** The items to ask for so that `wanted` and a margin on both sides are held. */
export function rowsToAsk(wanted: Range, total: number): { start: number; count: number } {
  const margin = Math.max(40, wanted.end - wanted.first);
  const start = Math.max(0, wanted.first - margin);
  return { start, count: Math.min(total, wanted.end + margin) - start };
}
