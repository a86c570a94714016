/** The front end of lists and grids of runs: anywidget calls `initialize` for a model and `render` for each of its views. */

import { prepareRuns, renderRuns } from "./host/runs-model";

export default { initialize: prepareRuns, render: renderRuns };
