/** Style sheets of shadow roots, one for all cards of a document. */

/** A sheet belongs to one document; a card can be in another one. */
const sheets = new WeakMap<Document, CSSStyleSheet>();

function sheetOf(page: Document, styles: string): CSSStyleSheet {
  let sheet = sheets.get(page);
  if (!sheet) {
    sheet = new (page.defaultView ?? window).CSSStyleSheet();
    sheet.replaceSync(styles);
    sheets.set(page, sheet);
  }
  return sheet;
}

/** Gives a shadow root its styles, which are the same for all roots of a script. */
export function adoptStyles(root: ShadowRoot, styles: string): void {
  try {
    root.adoptedStyleSheets = [sheetOf(root.ownerDocument, styles)];
  } catch {
    const style = root.ownerDocument.createElement("style");
    style.textContent = styles;
    root.append(style);
  }
}
