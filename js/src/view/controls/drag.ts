/** Follows a pointer that went down on an element, wherever it goes, until it is let go. */
export function followPointer(
  event: PointerEvent,
  move: (event: PointerEvent) => unknown,
  end: () => void = () => {},
): void {
  event.preventDefault();
  const element = event.currentTarget as HTMLElement;
  element.setPointerCapture(event.pointerId);
  element.addEventListener("pointermove", move);
  const drop = () => {
    element.removeEventListener("pointermove", move);
    end();
  };
  element.addEventListener("lostpointercapture", drop, { once: true });
}
