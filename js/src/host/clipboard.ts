/**
 * Copies text, which may be a promise. If the page may not use the clipboard, the text is copied through a selection,
 * which needs it at once. Returns whether it succeeded.
 */
export async function copyText(
  text: string | Promise<string>,
  near: HTMLElement,
): Promise<boolean> {
  try {
    if (typeof text === "string") await navigator.clipboard.writeText(text);
    else {
      const blob = text.then((found) => new Blob([found], { type: "text/plain" }));
      blob.catch(() => {});
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    }
    return true;
  } catch {
    return typeof text === "string" && copySelection(text, near);
  }
}

function copySelection(text: string, near: HTMLElement): boolean {
  const owner = near.ownerDocument;
  const area = owner.createElement("textarea");
  area.value = text;
  area.style.cssText = "position:absolute;opacity:0;height:0;width:0";
  near.after(area);
  area.select();
  const isDone = owner.execCommand?.("copy") ?? false;
  area.remove();
  near.focus({ preventScroll: true });
  return isDone;
}
