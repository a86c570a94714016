import { useEffect, useRef } from "preact/hooks";
import { useHost } from "../context";

interface Props {
  /** The id of the card's widget model. */
  model: string;
  /** How often it was opened: the card is scrolled to each time. */
  turn?: number;
  onClose: () => void;
}

/** The card of a run that was opened from the card above. */
export function OpenedRun({ model, turn = 0, onClose }: Props) {
  const { drawModel } = useHost();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let remove = () => {};
    let isGone = false;
    drawModel?.(model, element).then(
      (end) => {
        if (isGone) end();
        else remove = end;
        element.scrollIntoView({ block: "nearest" });
      },
      () => onClose(),
    );
    return () => {
      isGone = true;
      remove();
    };
  }, [drawModel, model]);
  useEffect(() => {
    if (turn > 0) place.current?.scrollIntoView({ block: "nearest" });
  }, [turn]);
  return (
    <div class="opened-run">
      <div class="bar">
        <span class="dim">Opened from the card above</span>
        <span class="space" />
        <button type="button" class="link" onClick={onClose}>
          Close this card
        </button>
      </div>
      <div ref={place} />
    </div>
  );
}
