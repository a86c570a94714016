/** Which addresses a link may lead to. */

import { expect, it } from "vitest";
import { safeLink } from "../../src/format/links";

it("links lead to http and https only", () => {
  expect(safeLink("https://prefect.example.com/x")).toBe("https://prefect.example.com/x");
  for (const bad of [
    "javascript:alert(1)",
    "data:text/html,x",
    " \tjavascript:x",
    "/relative",
    "",
    null,
  ])
    expect(safeLink(bad)).toBeNull();
});
