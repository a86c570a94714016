/** Follows a pointer pressed on an element, anywhere, until it is released. */
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
