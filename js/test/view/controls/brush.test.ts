/** Stretches of time as terms of the filter text. */

import { describe, expect, it } from "vitest";
import { parseQuery } from "../../../src/query/parse";
import { between, rounded, timeIn, withTime } from "../../../src/view/controls/brush";
import { shownWithKernel } from "../../kernel";
import { second } from "../../task-samples";

describe("a moment on an axis", () => {
  it.each([
    [90e6, second(61), second(60)],
    [2e6, second(61.4), second(61)],
    [12_345, second(1.234_567), second(1.23)],
    [9, second(1.234_567), second(1.234_567)],
    [0.2, second(1.234_567), second(1.234_567)],
  ])("with %d microseconds a pixel is no finer than that", (perPixel, at, expected) => {
    expect(rounded(at, perPixel)).toBe(expected);
  });
});

describe("a stretch of time", () => {
  it("leaves out the seconds that are 0, and what the second end shares with the first", () => {
    expect(between([second(60), second(150)])).toBe("time:2026-11-21T12:01Z..12:02:30Z");
    expect(between([second(0.5), second(60)])).toBe("time:2026-11-21T12:00:00.5Z..12:01Z");
    const next = second(24 * 3600);
    expect(between([second(0), next])).toBe("time:2026-11-21T12:00Z..2026-11-22T12:00Z");
  });

  it("may be open at one end", () => {
    expect(between([second(0), null])).toBe("time:2026-11-21T12:00Z..");
    expect(between([null, second(0)])).toBe("time:..2026-11-21T12:00Z");
  });

  it("is read back as it was meant", () => {
    for (const ends of [
      [second(0), second(90)],
      [second(0.000_001), second(86_400.5)],
      [null, second(3)],
      [second(3), null],
    ] as const)
      expect(parseQuery(between([...ends])).terms[0]?.value).toEqual(ends);
  });

  it("takes the place of any other in a text", () => {
    expect(withTime("reset time:..02:00 level:error", [second(0), second(60)])).toBe(
      "reset level:error time:2026-11-21T12:00Z..12:01Z",
    );
    expect(withTime("reset time:..02:00", null)).toBe("reset");
  });
});

describe("the time that a text asks for", () => {
  const { logs } = shownWithKernel();
  it.each([
    ["reset", undefined],
    ["time:12:00..12:01", [second(0), second(60)]],
    ["time:12:00.. time:..13:00", undefined],
    ["-time:12:00..", undefined],
  ])("%s", (text, ends) => {
    expect(timeIn(text, logs.clock)).toEqual(ends);
  });
});
