import { STYLES } from "./styles";

/** What the card does to the page around it: its styles once per root, the twin out of sight, a file to save. */

function addStyle(target: ParentNode & Node, owner: Document, name: string, text: string) {
  const style = owner.createElement("style");
  style.className = name;
  style.textContent = text;
  target.appendChild(style);
  return style;
}

/** Puts the styles into the root that holds `el`: the document, or the host's shadow root. */
export function styleRoot(el: HTMLElement): void {
  const root = el.getRootNode();
  const target = root instanceof ShadowRoot ? root : el.ownerDocument.head;
  for (const style of target.querySelectorAll("style.frw-style")) {
    if (style.textContent === STYLES) return;
  }
  addStyle(target, el.ownerDocument, "frw-style", STYLES);
}

/**
 * Hides the static twin of a card in the card's own cell, or anywhere where there are no cells, until `end` is called.
 *
 * `savedAt` says when the twin was made, if that was for another snapshot: what is saved is that one.
 */
export function hideTwin(el: HTMLElement, name: string | null | undefined) {
  const owner = el.ownerDocument;
  const twin = /^[A-Za-z][\w-]*$/.test(name ?? "") && `.${name}`;
  const hidden = `.jp-Cell:has(.frw-live) ${twin},${twin}:not(.jp-Cell *)`;
  const style = twin
    ? addStyle(owner.head, owner, "frw-twin", `@media screen{${hidden}{display:none!important}}`)
    : null;
  return {
    savedAt: (snapshot: number) => {
      const place = el.closest(".jp-Cell") ?? owner;
      const made = twin && place.querySelector(`${twin} [class^=frw-s]`);
      return (made && made.className !== `frw-s${snapshot}` && made.textContent) || "";
    },
    end: () => style?.remove(),
  };
}

/** Has the reader's browser save a file. */
export function saveFile(name: string, parts: DataView<ArrayBuffer>[]): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
