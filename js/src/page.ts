/** The script of an exported page: puts a card over each twin, and answers it from the data in the page. */

import { renderPage } from "./host/page";

await renderPage();
