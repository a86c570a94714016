import { useEffect, useRef } from "preact/hooks";
import { useHost } from "../context";

interface Props {
  /** The id of the card's widget model. */
  model: string;
  onClose: () => void;
}

/** The card of a run that was opened from the card above. */
export function OpenedRun({ model, onClose }: Props) {
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
