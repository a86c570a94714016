/** The static twin of a card in the page: out of sight while the card is there, and of when it is. */

let views = 0;

/** What stands around an element: through shadow roots as well. */
function around(element: Element): Element | null {
  if (element.parentElement) return element.parentElement;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}

/** The narrowest place around a card that has its twin as well; never beyond the card's own cell. */
function sharedPlace(el: Element, twin: string): Element | null {
  for (let at = around(el); at; at = around(at)) {
    if (at.querySelector(twin)) return at;
    if (at.classList.contains("jp-Cell")) return null;
  }
  return null;
}

/**
 * Hides the twin that stands beside a card until `end` is called. Others of the same class, of another cell, a copy or
 * another view, stay: only what shares the narrowest place with the card is hidden. On paper the twin stands for it.
 *
 * `savedAt` says when the twin was made, if that was for another snapshot: what is saved is that one.
 */
export function hideTwin(el: HTMLElement, name: string | null | undefined) {
  const twin = /^[A-Za-z][\w-]*$/.test(name ?? "") ? `.${name}` : null;
  views += 1;
  const mark = `frw-beside-${views}`;
  const ofMark = `frw-of-${views}`;
  el.classList.add(ofMark);
  const style = el.ownerDocument.createElement("style");
  style.className = "frw-twin";
  let place: Element | null = null;

  const show = () => {
    place?.classList.remove(mark);
    style.remove();
    place = null;
  };
  const look = () => {
    const found = twin && sharedPlace(el, twin);
    if (found === place) return;
    show();
    if (!found) return;
    place = found;
    place.classList.add(mark);
    style.textContent = `@media screen{.${mark} ${twin}{display:none!important}}@media print{.${mark}:has(${twin}) .${ofMark}{display:none!important}}`;
    const root = place.getRootNode();
    (root instanceof ShadowRoot ? root : el.ownerDocument.head).append(style);
  };
  // A card that comes into the page has a size then, and is looked at before it is drawn.
  const observer = new ResizeObserver(look);
  observer.observe(el);
  look();
  return {
    savedAt: (snapshot: number): string => {
      look();
      const made = twin && place?.querySelector(`${twin} [class^=frw-s]`);
      return (made && made.className !== `frw-s${snapshot}` && made.textContent) || "";
    },
    end: () => {
      observer.disconnect();
      el.classList.remove(ofMark);
      show();
    },
  };
}
