/** The static twin of a card in the page: out of sight while the card is there, and of when it is. */

/**
 * Hides the twin in the card's own cell, or anywhere where there are no cells, until `end` is called.
 *
 * `savedAt` says when the twin was made, if that was for another snapshot: what is saved is that one.
 */
export function hideTwin(el: HTMLElement, name: string | null | undefined) {
  const owner = el.ownerDocument;
  const twin = /^[A-Za-z][\w-]*$/.test(name ?? "") && `.${name}`;
  const hidden = `.jp-Cell:has(.frw-live) ${twin},${twin}:not(.jp-Cell *)`;
  const style = twin ? owner.createElement("style") : null;
  if (style) {
    style.className = "frw-twin";
    const ofTwin = `frw-of-${name}`;
    el.classList.add(ofTwin);
    // On paper the twin stands for the card, wherever the two are.
    style.textContent = `@media screen{${hidden}{display:none!important}}@media print{:root:has(${twin}) .${ofTwin}{display:none!important}}`;
    owner.head.append(style);
  }
  return {
    savedAt: (snapshot: number): string => {
      const place = el.closest(".jp-Cell") ?? owner;
      const made = twin && place.querySelector(`${twin} [class^=frw-s]`);
      return (made && made.className !== `frw-s${snapshot}` && made.textContent) || "";
    },
    end: () => style?.remove(),
  };
}
