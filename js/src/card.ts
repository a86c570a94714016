/** The front end of the widget: anywidget calls `render`. */

import { renderCard } from "./host/model";

export default { render: renderCard };
