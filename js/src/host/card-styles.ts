/** The styles of the card. */

import base from "../view/base.css";
import card from "../view/card.css";
import contrast from "../view/contrast.css";
import controls from "../view/controls/controls.css";
import histogram from "../view/controls/time-bars.css";
import details from "../view/details/details.css";
import digest from "../view/header/digest.css";
import header from "../view/header/header.css";
import columns from "../view/logs/columns.css";
import filter from "../view/logs/filter.css";
import logs from "../view/logs/logs.css";
import panel from "../view/logs/panel.css";
import rows from "../view/logs/rows.css";
import tasks from "../view/tasks/tasks.css";
import timeline from "../view/timeline/timeline.css";

/** Rules for width, motion and contrast come last. */
export const CARD_STYLES = [
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
