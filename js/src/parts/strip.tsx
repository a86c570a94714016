import { moved, offsetToShow, ROW_HEIGHT, type Scale } from "../core/window";
import type { Store } from "../store";
import { follow } from "./drag";

const CELLS = 200;

/** The rows' scroll bar: where errors, warnings and hits are, and what part is in sight. */
export function drawStrip(store: Store, scale: Scale, put: (offset: number) => void) {
  const { total, viewport, maxOffset } = scale;
  const { marks } = store.looked ?? {};
  const share = total === 0 ? 1 : Math.min(1, viewport / (total * ROW_HEIGHT));
  const height = Math.max(20, share * viewport);
  const room = viewport - height;
  const top = maxOffset === 0 ? 0 : (Math.min(store.offset, maxOffset) / maxOffset) * room;

  const goTo = (offset: number) => {
    put(Math.min(maxOffset, Math.max(0, offset)));
    store.reading.scrolled(offset >= maxOffset - 1);
  };
  const onPointerDown = (event: PointerEvent) => {
    const above = (event.currentTarget as Element).getBoundingClientRect().top;
    const y = event.clientY - above;
    const isOn = y >= top && y <= top + height;
    if (!isOn) goTo(offsetToShow(scale, 0, Math.floor((y / viewport) * total), "centre"));
    const grip = above + (isOn ? y - top : height / 2);
    return follow(event, ({ clientY }) => room > 0 && goTo(((clientY - grip) / room) * maxOffset));
  };

  return (
    <div
      class="sb"
      aria-hidden="true"
      onPointerDown={onPointerDown}
      onWheel={(event) => {
        goTo(moved(scale, store.offset, event.deltaY));
        return true;
      }}
    >
      {share < 1 && <i style={{ top: `${top}px`, height: `${height}px` }} />}
      <svg aria-hidden="true" viewBox={`0 0 6 ${CELLS}`} preserveAspectRatio="none">
        {(["hit", "warning", "error"] as const).map((kind) => (
          <path
            key={kind}
            class={`l-${kind}`}
            d={marks?.[kind].map((cell) => `M0 ${cell + 0.5}h6`).join("")}
          />
        ))}
      </svg>
    </div>
  );
}
