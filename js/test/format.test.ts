import { describe, expect, it } from "vitest";
import {
  ago,
  clock,
  count,
  duration,
  exactCount,
  fraction,
  moment,
  momentNear,
  sameDay,
  upTo,
  utc,
  zoneName,
} from "../src/core/format";

const thin = (text: string) => text.replaceAll("_", "\u202f");
const at = (iso: string) => Date.parse(iso) * 1000;

describe("counts", () => {
  it("are exact up to 999 999, with thin spaces between thousands", () => {
    expect(count(0)).toBe("0");
    expect(count(999)).toBe("999");
    expect(count(41200)).toBe(thin("41_200"));
    expect(count(999_999)).toBe(thin("999_999"));
  });
  it("are rounded from a million on, and exact on request", () => {
    expect(count(1_200_000)).toBe(thin("1.20_M"));
    expect(exactCount(1_234_567)).toBe(thin("1_234_567"));
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
    expect(upTo(164)).toBe(thin("3_min"));
    expect(upTo(3601)).toBe(thin("2_h"));
    expect(upTo(4.5)).toBe(thin("4.5_s"));
  });
});

describe("times", () => {
  const near = at("2026-11-21T02:00:04Z");
  it("are told in the reader's zone", () => {
    expect(clock(near, "UTC")).toBe("02:00:04");
    expect(clock(near, "Asia/Kolkata")).toBe("07:30:04");
    expect(zoneName(near, "UTC")).toBe("UTC");
  });
  it("name the day only where it is another one", () => {
    expect(momentNear(near, near, "UTC")).toBe("02:00:04");
    expect(momentNear(at("2026-11-22T00:00:00Z"), near, "UTC")).toContain("22 Nov");
    expect(sameDay(at("2026-11-20T23:30:00Z"), at("2026-11-21T00:30:00Z"), "Europe/Berlin")).toBe(
      true,
    );
  });
  it("name the year only where it is not this one", () => {
    expect(moment(near, "UTC", at("2026-12-01T00:00:00Z"))).toBe("21 Nov, 02:00:04");
    expect(moment(near, "UTC", at("2027-01-01T00:00:00Z"))).toBe("21 Nov 2026, 02:00:04");
  });
  it("stand in tooltips in full UTC, to the microsecond", () => {
    expect(utc(near + 118_204)).toBe("2026-11-21T02:00:04.118204Z");
    expect(utc(near)).toBe("2026-11-21T02:00:04Z");
    expect(utc(null)).toBeUndefined();
    expect(fraction(near + 118_204, 3)).toBe(".118");
    expect(fraction(-1, 6)).toBe(".999999");
  });
  it("are also told as how long ago", () => {
    expect(ago(near, near + 59e6)).toBe("just now");
    expect(ago(near, near + 181e6)).toBe(thin("3_min ago"));
    expect(ago(near, near + 3 * 86_400e6)).toBe(thin("3_d ago"));
  });
});
