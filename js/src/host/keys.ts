/** Which keys a card handles, and which it leaves to the notebook. */

const EDITING = /^([acvxyzf]|Backspace|Delete|Arrow\w+|Home|End)$/i;
/** Keys that also edit with Shift: redo, and paste without styles. */
const SHIFTED = /^[zv]$/i;
const FUNCTION_KEY = /^F\d+$/;

/**
 * Whether a key that was pressed in the card is hidden from the notebook. Keys that type, move or edit belong to the
 * card; combinations with Ctrl or Cmd, and Shift+Enter, which runs the cell, belong to the notebook.
 */
export function isOurs(event: KeyboardEvent, target: Element): boolean {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  if (event.isComposing || event.keyCode === 229) return true;
  if (key === "Tab" || FUNCTION_KEY.test(key)) return false;
  const isField = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  if (ctrlKey || metaKey) {
    if (key.length > 1) return isField && EDITING.test(key);
    return shiftKey ? isField && SHIFTED.test(key) : EDITING.test(key);
  }
  if (altKey) return isField;
  return isField || !(key === "Enter" && shiftKey);
}

/**
 * Keeps the card's keys in the card until the returned function is called. Lumino, which handles JupyterLab's
 * shortcuts, may get a key before or after the card; in both cases it ignores keys from within an element with
 * `data-lm-suppress-shortcuts`.
 */
export function keepKeys(place: HTMLElement): () => void {
  const view = place.ownerDocument.defaultView ?? window;
  const targetOf = (event: Event) => event.composedPath()[0] as Element;
  const before = (event: KeyboardEvent) => {
    if (event.composedPath().includes(place))
      place.toggleAttribute("data-lm-suppress-shortcuts", isOurs(event, targetOf(event)));
  };
  const after = (event: KeyboardEvent) => {
    if (event.defaultPrevented || isOurs(event, targetOf(event))) event.stopPropagation();
  };
  const kinds = ["keydown", "keypress", "keyup"] as const;
  view.addEventListener("keydown", before, true);
  for (const kind of kinds) place.addEventListener(kind, after);
  return () => {
    view.removeEventListener("keydown", before, true);
    for (const kind of kinds) place.removeEventListener(kind, after);
  };
}
