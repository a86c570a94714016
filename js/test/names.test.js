import { expect, it } from "vitest";
import { ownNames } from "../names.mjs";

const own = await ownNames();

it.each(["class", "hasMicros", "isDigestUnfolded", "goTo"])(
  "%s is ours and may be shortened",
  (name) => {
    expect(own.test(name)).toBe(true);
  },
);

it.each([
  ...["lines", "started_at", "is_finished", "heldup", "critical"],
  ...["className", "style", "value", "shouldComponentUpdate", "timeZoneName", "__k"],
  ...["ArrowDown", "PageUp", "CRITICAL", "label", "refresh", "aria-sort", "s"],
  ...["render", "initialize", "model", "el", "host", "get", "on", "off", "send"],
])("%s is known to others and stays", (name) => {
  expect(own.test(name)).toBe(false);
});
