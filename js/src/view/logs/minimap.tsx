import { moved, offsetToShow, ROW_HEIGHT, type Scale } from "../../state/scroll";
import { useCard, useFields } from "../context";
import { followPointer } from "../controls/drag";

const CELLS = 200;
const MIN_THUMB = 20;

/** The scroll bar of the rows; it shows errors, warnings and hits, and the visible part. */
export function Minimap({ scale, put }: { scale: Scale; put: (offset: number) => void }) {
  const { logs, store } = useCard();
  const { result, offset } = useFields("result", "offset");
  const { total, viewport, maxOffset } = scale;
  const { marks } = result ?? {};
  const share = total === 0 ? 1 : Math.min(1, viewport / (total * ROW_HEIGHT));
  const height = Math.max(MIN_THUMB, share * viewport);
  const room = viewport - height;
  const top = maxOffset === 0 ? 0 : (Math.min(offset, maxOffset) / maxOffset) * room;

  const goTo = (wanted: number) => {
    put(Math.min(maxOffset, Math.max(0, wanted)));
    logs.scrolled(wanted >= maxOffset - 1);
  };
  const onPointerDown = (event: PointerEvent) => {
    const above = (event.currentTarget as Element).getBoundingClientRect().top;
    const y = event.clientY - above;
    const isOn = y >= top && y <= top + height;
    if (!isOn) goTo(offsetToShow(scale, 0, Math.floor((y / viewport) * total), "centre"));
    const grip = above + (isOn ? y - top : height / 2);
    followPointer(event, ({ clientY }) => {
      if (room > 0) goTo(((clientY - grip) / room) * maxOffset);
    });
  };

  return (
    <div
      class="minimap"
      aria-hidden="true"
      onPointerDown={onPointerDown}
      onWheel={(event) => {
        const next = moved(scale, store.offset, event.deltaY);
        if (next === store.offset) return;
        event.preventDefault();
        goTo(next);
      }}
    >
      {share < 1 && <i class="thumb" style={{ top: `${top}px`, height: `${height}px` }} />}
      <svg aria-hidden="true" viewBox={`0 0 6 ${CELLS}`} preserveAspectRatio="none">
        {(["hit", "warning", "error"] as const).map((kind) => (
          <path
            key={kind}
            class={`mark-${kind}`}
            d={marks?.[kind].map((cell) => `M0 ${cell + 0.5}h6`).join("")}
          />
        ))}
      </svg>
    </div>
  );
}
