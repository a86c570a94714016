/** Counts and spans of time in words. */

import { describe, expect, it } from "vitest";
import { count, duration, exactCount, plural, span, upTo } from "../../src/format/number";

const thin = (text: string) => text.replaceAll("_", "\u202f");

describe("counts", () => {
  it("are exact up to 999 999, with thin spaces between thousands", () => {
    expect([0, 999, 41200, 999_999].map(count)).toEqual(
      ["0", "999", "41_200", "999_999"].map(thin),
    );
  });

  it("are rounded from a million on, and exact on request", () => {
    expect(count(1_200_000)).toBe(thin("1.20_M"));
    expect(exactCount(1_234_567)).toBe(thin("1_234_567"));
  });

  it("agree with what is counted", () => {
    expect([0, 1, 2].map((n) => plural(n, "line"))).toEqual(["0 lines", "1 line", "2 lines"]);
    expect(plural(2, "match", "matches")).toBe("2 matches");
  });
});

describe("durations", () => {
  it.each([
    [0, "0_s"],
    [0.0002, "<_1_ms"],
    [0.004, "4_ms"],
    [0.0994, "99_ms"],
    [0.9, "0.9_s"],
    [14.2, "14.2_s"],
    [49, "49_s"],
    [59.94, "59.9_s"],
    [59.96, "1_min"],
    [1942.9, "32_min 23_s"],
    [1200, "20_min"],
    [3599.7, "1_h"],
    [3840, "1_h 4_min"],
    [183_600, "2_d 3_h"],
    [86_399, "1_d"],
  ])("%d s reads %s", (seconds, words) => {
    expect(duration(seconds)).toBe(thin(words));
  });

  it("that are unknown or run backwards are a dash", () => {
    expect([null, -1, Number.NaN].map(duration)).toEqual(["–", "–", "–"]);
  });

  it("never carry more than two units, and their minor unit never overflows", () => {
    for (let seconds = 0.01; seconds < 1e6; seconds = seconds * 1.07 + 0.003) {
      const parts = duration(seconds).split(" ");
      expect(parts.length).toBeLessThanOrEqual(2);
      expect(duration(seconds)).not.toMatch(/\b60\u202f(s|min)|\b24\u202fh/);
    }
  });

  it("as an upper bound are never shorter than the span", () => {
    expect([164, 3601, 4.5].map(upTo)).toEqual(["3_min", "2_h", "4.5_s"].map(thin));
  });

  it("of two moments are seconds, or unknown", () => {
    expect([span(1e6, 3.5e6), span(null, 1), span(1, null)]).toEqual([2.5, null, null]);
  });
});
