import { useRef } from "preact/hooks";
import { moved, offsetToShow, ROW_HEIGHT, type Scale } from "../core/window";
import type { Store } from "../store";

const CELLS = 200;

interface Props {
  store: Store;
  scale: Scale;
  put: (offset: number) => void;
}

/** The rows' scroll bar: where errors, warnings and hits are, and what part is in sight. */
export function Strip({ store, scale, put }: Props) {
  const grip = useRef<number | null>(null);
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
    const strip = event.currentTarget as HTMLElement;
    const y = event.clientY - strip.getBoundingClientRect().top;
    strip.setPointerCapture(event.pointerId);
    event.preventDefault();
    if (y < top || y > top + height) {
      goTo(offsetToShow(scale, 0, Math.floor((y / viewport) * total), "centre"));
      grip.current = height / 2;
    } else grip.current = y - top;
  };
  const onPointerMove = (event: PointerEvent) => {
    if (grip.current === null || room <= 0) return;
    const y = event.clientY - (event.currentTarget as HTMLElement).getBoundingClientRect().top;
    goTo(((y - grip.current) / room) * maxOffset);
  };
  const drop = () => {
    grip.current = null;
  };

  return (
    <div
      class="sb"
      aria-hidden="true"
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={drop}
      onWheel={(event) => {
        event.preventDefault();
        goTo(moved(scale, store.offset, event.deltaY));
      }}
      onPointerCancel={drop}
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
