/** Follows a pointer that went down on an element, wherever it goes, until it is let go. */
export function follow(
  event: PointerEvent,
  move: (event: PointerEvent) => unknown,
  end = () => {},
): true {
  const element = event.currentTarget as HTMLElement;
  element.setPointerCapture(event.pointerId);
  element.addEventListener("pointermove", move);
  const drop = () => {
    element.removeEventListener("pointermove", move);
    end();
  };
  element.addEventListener("lostpointercapture", drop, { once: true });
  return true;
}
