/** The front end of the widget: anywidget calls `initialize` for a model and `render` for each of its views. */

import { prepareCard, renderCard } from "./host/model";

export default { initialize: prepareCard, render: renderCard };
