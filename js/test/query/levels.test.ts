/** Level pills and the level terms of a filter text. */

import { describe, expect, it } from "vitest";
import { LEVELS, type Level } from "../../src/format/level";
import { levelsIn, withLevel } from "../../src/query/levels";

describe("the levels that a text lets through", () => {
  it.each<[string, Level[] | null]>([
    ["", null],
    ["reset", null],
    ["level:error", ["error"]],
    ["level>=warning reset", ["critical", "error", "warning"]],
    ["level:info level:debug", ["info", "debug"]],
    ["-level:debug", ["critical", "error", "warning", "info"]],
    ["level:", null],
  ])("%s", (text, levels) => {
    expect(levelsIn(text)).toEqual(levels && new Set(levels));
  });
});

describe("a press on a level", () => {
  const occurring: Level[] = ["error", "warning", "info"];
  const pressed = (text: string, ...levels: Level[]) =>
    levels.reduce((done, level) => withLevel(done, level, occurring), text);

  it("shows it alone, a second one beside it, and the same again takes it out", () => {
    expect(pressed("reset", "error")).toBe("reset level:error");
    expect(pressed("", "error", "info")).toBe("level:error level:info");
    expect(pressed("", "error", "info", "error")).toBe("level:info");
  });

  it("on the last one shown, or on all that occur, leaves no term", () => {
    expect(pressed("reset", "error", "error")).toBe("reset");
    expect(pressed("reset", "error", "info", "warning")).toBe("reset");
  });

  it("puts single levels in the place of a bound", () => {
    expect(withLevel("level>=warning", "debug", LEVELS)).toBe(
      "level:critical level:error level:warning level:debug",
    );
  });
});
