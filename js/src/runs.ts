/** The front end of a list of runs: anywidget calls `initialize` for a model and `render` for each of its views. */

import { prepareRuns, renderRuns } from "./host/runs-model";

export default { initialize: prepareRuns, render: renderRuns };
