/**
 * Fixed-height rows in a scroller. A browser limits how tall an element may be, so the spacer is
 * clamped and, beyond that, one scrolled pixel stands for several. `offset` is the true distance
 * from the first row's top; `scrollTop` is what the scroller says.
 */

export const ROW_HEIGHT = 20;
const MAX_SPACER = 10_000_000;

export interface Scale {
  total: number;
  viewport: number;
  /** Height of the element inside the scroller. */
  spacer: number;
  maxOffset: number;
  maxScroll: number;
}

export interface Range {
  first: number;
  /** One past the last row. */
  end: number;
}

export function scaleOf(total: number, viewport: number): Scale {
  const height = total * ROW_HEIGHT;
  const spacer = Math.min(height, Math.max(MAX_SPACER, viewport));
  return {
    total,
    viewport,
    spacer,
    maxOffset: Math.max(0, height - viewport),
    maxScroll: Math.max(0, spacer - viewport),
  };
}

const clamp = (value: number, high: number) => Math.min(Math.max(0, value), high);

const isTrue = (scale: Scale) => scale.maxOffset === scale.maxScroll;

/** Where the scroller has to stand to show `offset`: a whole pixel. */
export function scrollTopOf(scale: Scale, offset: number): number {
  const at = clamp(offset, scale.maxOffset);
  if (isTrue(scale) || scale.maxOffset === 0) return Math.round(at);
  return Math.round((at / scale.maxOffset) * scale.maxScroll);
}

/** What a scroller dragged to `scrollTop` shows. */
export function offsetOf(scale: Scale, scrollTop: number): number {
  const at = clamp(scrollTop, scale.maxScroll);
  if (isTrue(scale) || scale.maxScroll === 0) return at;
  return Math.round((at / scale.maxScroll) * scale.maxOffset);
}

/** The new offset after the scroller moved: short moves are pixels, long ones are places. */
export function moved(scale: Scale, offset: number, before: number, after: number): number {
  if (isTrue(scale)) return clamp(after, scale.maxOffset);
  if (after <= 0) return 0;
  if (after >= scale.maxScroll) return scale.maxOffset;
  const step = after - before;
  return Math.abs(step) <= scale.viewport
    ? clamp(offset + step, scale.maxOffset)
    : offsetOf(scale, after);
}

/** True once the scroller's place and the offset have drifted so far that it would hit its end early. */
export function hasDrifted(scale: Scale, offset: number, scrollTop: number): boolean {
  return !isTrue(scale) && Math.abs(scrollTop - scrollTopOf(scale, offset)) > 1;
}

export function visibleRows(scale: Scale, offset: number, overscan = 0): Range {
  const at = clamp(offset, scale.maxOffset);
  const first = Math.floor(at / ROW_HEIGHT) - overscan;
  const end = Math.ceil((at + scale.viewport) / ROW_HEIGHT) + overscan;
  return { first: Math.max(0, first), end: Math.min(scale.total, end) };
}

/** The top of row `index` inside the spacer while the scroller stands at `scrollTop`. */
export function rowTop(index: number, offset: number, scrollTop: number): number {
  return index * ROW_HEIGHT - offset + scrollTop;
}

/** The smallest move that brings row `index` into view; `"centre"` puts it in the middle. */
export function offsetToShow(
  scale: Scale,
  offset: number,
  index: number,
  place: "nearest" | "centre" | "top" = "nearest",
): number {
  const top = index * ROW_HEIGHT;
  if (place === "top") return clamp(top, scale.maxOffset);
  if (place === "centre") {
    const rowsAbove = Math.floor((scale.viewport - ROW_HEIGHT) / 2 / ROW_HEIGHT);
    return clamp(top - rowsAbove * ROW_HEIGHT, scale.maxOffset);
  }
  if (top < offset) return clamp(top, scale.maxOffset);
  if (top + ROW_HEIGHT > offset + scale.viewport) {
    return clamp(top + ROW_HEIGHT - scale.viewport, scale.maxOffset);
  }
  return clamp(offset, scale.maxOffset);
}

/** The rows to ask for so that `wanted` and a margin on both sides are held. */
export function rowsToAsk(wanted: Range, total: number): { start: number; count: number } {
  const margin = Math.max(40, wanted.end - wanted.first);
  const start = Math.max(0, wanted.first - margin);
  return { start, count: Math.min(total, wanted.end + margin) - start };
}
