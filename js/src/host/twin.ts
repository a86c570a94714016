/** Hides the static twin of a card while the card is live, and reads from it when it was saved. */

let views = 0;

/** The parent of an element, through shadow roots as well. */
function around(element: Element): Element | null {
  if (element.parentElement) return element.parentElement;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}

/**
 * The elements that contain a card and its twins: its own cell, and a cell around that if an `Output` has both. Without
 * cells, and through a shadow root, it is the innermost element that contains the card and its twin.
 */
function sharedPlaces(el: Element, twin: string): Element[] {
  let narrowest: Element | null = null;
  for (let at = around(el); at; at = around(at)) {
    const hasTwin = at.querySelector(twin) !== null;
    if (hasTwin) narrowest ??= at;
    if (!at.classList.contains("jp-Cell")) continue;
    if (!narrowest || !hasTwin) break;
    return narrowest.getRootNode() === at.getRootNode() ? [at] : [narrowest, at];
  }
  return narrowest ? [narrowest] : [];
}

/**
 * Hides the twin beside a card until `end` is called. Twins of the same class in another cell, a copy or another view
 * stay visible: only a twin in the innermost element that also contains the card is hidden. On paper the twin is shown
 * and the card is hidden.
 *
 * `savedAt` returns when the twin was made, if that was for another snapshot: the saved copy then shows that snapshot.
 */
export function hideTwin(el: HTMLElement, name: string | null | undefined) {
  const twin = /^[A-Za-z][\w-]*$/.test(name ?? "") ? `.${name}` : null;
  views += 1;
  const mark = `frw-beside-${views}`;
  const ofMark = `frw-of-${views}`;
  el.classList.add(ofMark);
  let places: Element[] = [];
  let styles: Element[] = [];

  const hideAt = (place: Element): Element => {
    const style = el.ownerDocument.createElement("style");
    style.className = "frw-twin";
    style.textContent = `@media screen{.${mark} ${twin}{display:none!important}}@media print{.${mark}:has(${twin}) .${ofMark}{display:none!important}}`;
    place.classList.add(mark);
    const root = place.getRootNode();
    (root instanceof ShadowRoot ? root : el.ownerDocument.head).append(style);
    return style;
  };
  const show = () => {
    for (const place of places) place.classList.remove(mark);
    for (const style of styles) style.remove();
    places = [];
    styles = [];
  };
  const look = () => {
    const found = twin ? sharedPlaces(el, twin) : [];
    if (found.length === places.length && found.every((place, i) => place === places[i])) return;
    show();
    places = found;
    styles = found.map(hideAt);
  };
  // A card that is inserted into the page gets a size, so the observer runs before the card is drawn.
  const observer = new ResizeObserver(look);
  observer.observe(el);
  look();
  return {
    savedAt: (snapshot: number): string => {
      look();
      const made = twin && places[0]?.querySelector(`${twin} [class^=frw-s]`);
      return (made && made.className !== `frw-s${snapshot}` && made.textContent) || "";
    },
    end: () => {
      observer.disconnect();
      el.classList.remove(ofMark);
      show();
    },
  };
}
