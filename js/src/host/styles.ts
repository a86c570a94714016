/** The styles of the card, one sheet for all cards of a document. */

import base from "../view/base.css";
import card from "../view/card.css";
import contrast from "../view/contrast.css";
import controls from "../view/controls/controls.css";
import details from "../view/details/details.css";
import digest from "../view/header/digest.css";
import header from "../view/header/header.css";
import columns from "../view/logs/columns.css";
import filter from "../view/logs/filter.css";
import histogram from "../view/logs/histogram.css";
import logs from "../view/logs/logs.css";
import panel from "../view/logs/panel.css";
import rows from "../view/logs/rows.css";
import tasks from "../view/tasks/tasks.css";
import timeline from "../view/timeline/timeline.css";

/** Rules for width, motion and contrast come last. */
export const STYLES = [
  base,
  controls,
  card,
  header,
  digest,
  logs,
  filter,
  histogram,
  columns,
  rows,
  panel,
  tasks,
  timeline,
  details,
  contrast,
].join("\n");

/** A sheet belongs to one document; a card can be in another one. */
const sheets = new WeakMap<Document, CSSStyleSheet>();

function sheetOf(page: Document): CSSStyleSheet {
  let sheet = sheets.get(page);
  if (!sheet) {
    sheet = new (page.defaultView ?? window).CSSStyleSheet();
    sheet.replaceSync(STYLES);
    sheets.set(page, sheet);
  }
  return sheet;
}

export function adoptStyles(root: ShadowRoot): void {
  try {
    root.adoptedStyleSheets = [sheetOf(root.ownerDocument)];
  } catch {
    const style = root.ownerDocument.createElement("style");
    style.textContent = STYLES;
    root.append(style);
  }
}
