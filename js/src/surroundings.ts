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

/** Hides every element of that class while the returned function has not been called. */
export function hideTwin(owner: Document, twin: string | null | undefined): () => void {
  if (!twin || !/^[A-Za-z][\w-]*$/.test(twin)) return () => {};
  const style = addStyle(owner.head, owner, "frw-twin", `.${twin}{display:none!important}`);
  return () => style.remove();
}

/** Has the reader's browser save a file. */
export function saveFile(name: string, parts: DataView<ArrayBuffer>[]): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
