/** Python tracebacks in parts. */

import { describe, expect, it } from "vitest";
import { errorParts, tracebackOf } from "../../src/format/traceback";

describe("a traceback", () => {
  const lines = [
    "Traceback (most recent call last):",
    '  File "a.py", line 1, in f',
    "    g()",
    '  File "b.py", line 2, in g',
    "    raise Exception",
    "    ^^^^^",
    "Exception: no",
  ];

  it("falls into frames, without its head line", () => {
    expect(tracebackOf(lines)).toEqual({
      before: [],
      frames: [
        { where: 'File "a.py", line 1, in f', code: ["    g()"] },
        { where: 'File "b.py", line 2, in g', code: ["    raise Exception", "    ^^^^^"] },
      ],
      after: ["Exception: no"],
    });
  });

  it("that is none is kept as it is", () => {
    expect(tracebackOf(["exit code 1"])).toEqual({
      before: ["exit code 1"],
      frames: [],
      after: [],
    });
  });
});

it.each([
  ["ConnectionResetError: [Errno 104] x", ["ConnectionResetError", ": [Errno 104] x"]],
  ["sqlalchemy.exc.OperationalError", ["sqlalchemy.exc.OperationalError", ""]],
  ["the flow stopped: no", ["", "the flow stopped: no"]],
])("the name of an error stands apart from its words: %s", (error, parts) => {
  expect(errorParts(error)).toEqual(parts);
});
