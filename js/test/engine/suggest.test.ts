/** What was probably meant by a name that no line has. */

import { describe, expect, it } from "vitest";
import { adviceOn } from "../../src/engine/suggest";
import { parseQuery } from "../../src/query/parse";

const counts = (names: (string | null)[]) => new Map(names.map((name) => [name, 1]));
const NAMES = {
  task: counts(["load", "load[7]", "extract", "tidy up", null]),
  logger: counts(["prefect", "boto3"]),
};
const advice = (text: string) => adviceOn(parseQuery(text), NAMES);

describe("advice", () => {
  it.each([
    ["task:laod", "No task is called laod. Did you mean task:load?"],
    ['task="laod"', 'No task is called laod. Did you mean task="load"?'],
    ['task="lod[7]"', 'No task is called lod[7]. Did you mean task="load[7]"?'],
    ["task:LAOD", "No task is called LAOD. Did you mean task:load?"],
    ['task:"tidy upp"', 'No task is called tidy upp. Did you mean task:"tidy up"?'],
    ["logger:prefct", "No logger is called prefct. Did you mean logger:prefect?"],
    ["task:zzzzzz", "No task is called zzzzzz."],
  ])("on %s", (text, words) => {
    expect(advice(text)).toBe(words);
  });

  it.each(["task:LOA", 'task="load"', "reset", "-task:laod", 'task=""', "level:error"])(
    "is not given on %s",
    (text) => {
      expect(advice(text)).toBeNull();
    },
  );
});
