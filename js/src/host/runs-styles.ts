/** The styles of lists and grids of runs. */

import base from "../view/base.css";
import card from "../view/card.css";
import contrast from "../view/contrast.css";
import controls from "../view/controls/controls.css";
import timeBars from "../view/controls/time-bars.css";
import grid from "../view/grid/grid.css";
import header from "../view/header/header.css";
import filter from "../view/logs/filter.css";
import runs from "../view/runs/runs.css";
import tasks from "../view/tasks/tasks.css";

/** Rules for motion and contrast come last. */
export const RUNS_STYLES = [
  base,
  controls,
  card,
  header,
  filter,
  timeBars,
  tasks,
  runs,
  grid,
  contrast,
].join("\n");
