import { useEffect, useState } from "preact/hooks";
import { quoted } from "../../query/rewrite";
import { useCard } from "../context";
import { dropSelection, selectedText } from "./selecting";

interface Chosen {
  text: string;
  x: number;
  y: number;
}

const MAX_CHARS = 300;

/** The menu for text selected in the messages of `area`: filter for it, or filter it out. */
export function SelectionMenu({ area }: { area: { current: HTMLElement | null } }) {
  const { logs } = useCard();
  const [chosen, setChosen] = useState<Chosen | null>(null);

  useEffect(() => {
    const element = area.current;
    if (!element) return;
    const look = ({ clientX, clientY }: PointerEvent) => {
      const text = selectedText(element).trim();
      if (text === "" || text.length > MAX_CHARS) return setChosen(null);
      const box = element.getBoundingClientRect();
      setChosen({
        text,
        x: Math.max(0, Math.min(clientX - box.left, box.width - 280)),
        y: clientY - box.top + 12,
      });
    };
    const later = (event: PointerEvent) => {
      // After dispatch, the event's target is the host of the shadow root, so it is read now.
      const isInMessage = (event.target as Element).closest(".message, .whole-message") !== null;
      // The browser updates the selection only after the pointer is released.
      setTimeout(() => (isInMessage ? look(event) : setChosen(null)));
    };
    const drop = (event: Event) => {
      if (!(event.target as Element).closest?.(".selection-menu")) setChosen(null);
    };
    element.addEventListener("pointerup", later);
    element.addEventListener("pointerdown", drop);
    element.addEventListener("keydown", drop);
    return () => {
      element.removeEventListener("pointerup", later);
      element.removeEventListener("pointerdown", drop);
      element.removeEventListener("keydown", drop);
    };
  }, [area]);

  if (!chosen) return null;
  const filter = (sign: "" | "-") => {
    logs.addTerm(sign + quoted(chosen.text));
    if (area.current) dropSelection(area.current);
    setChosen(null);
  };
  return (
    <div
      class="selection-menu"
      role="toolbar"
      aria-label="Selected text"
      style={{ left: `${chosen.x}px`, top: `${chosen.y}px` }}
    >
      <button type="button" class="button quiet" onClick={() => filter("")}>
        Filter for this text
      </button>
      <button type="button" class="button quiet" onClick={() => filter("-")}>
        Filter out
      </button>
    </div>
  );
}
