/** Levels of log lines in words. */

import { describe, expect, it } from "vitest";
import { levelOf, levelWord } from "../../src/format/level";

const row = (level: number | null, name: string | null = null) =>
  ({ 2: level, 3: name }) as Parameters<typeof levelWord>[0];

describe("a level", () => {
  it("has the family of its number; a line without one counts as info", () => {
    expect([50, 45, 30, 20, 19, 5, null].map((level) => levelOf(row(level)))).toEqual([
      "critical",
      "error",
      "warning",
      "info",
      "debug",
      "debug",
      "info",
    ]);
  });

  it("has the name that the line came with, in five letters where it is a common one", () => {
    expect(levelWord(row(30, "WARNING"))).toBe("WARN");
    expect(levelWord(row(50, "critical"))).toBe("CRIT");
    expect(levelWord(row(25, "Notice"))).toBe("NOTICE");
    expect([levelWord(row(40, " ")), levelWord(row(null))]).toEqual(["ERROR", "INFO"]);
  });
});
