/** Copies text; where the page may not use the clipboard, by way of a selection. Tells whether it did. */
export async function copyText(text: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelection(text, near);
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
  near.focus();
  return isDone;
}
