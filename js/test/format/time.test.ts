/** Moments in words. */

import { describe, expect, it } from "vitest";
import {
  ago,
  clock,
  dateOf,
  fraction,
  isZone,
  moment,
  momentNear,
  sameDay,
  utc,
  zoneName,
} from "../../src/format/time";

const thin = (text: string) => text.replaceAll("_", "\u202f");
const at = (iso: string) => Date.parse(iso) * 1000;
const near = at("2026-11-21T02:00:04Z");

describe("moments", () => {
  it("are said in a zone", () => {
    expect([clock(near, "UTC"), clock(near, "Asia/Kolkata")]).toEqual(["02:00:04", "07:30:04"]);
    expect(dateOf(at("2026-11-21T23:30:00Z"), "Europe/Berlin")).toBe("2026-11-22");
    expect(clock(null, "UTC")).toBe("–");
  });

  it("have the short name of the zone at that time", () => {
    expect(zoneName(near, "UTC")).toBe("UTC");
    expect(zoneName(near, "Europe/Berlin")).toBe("CET");
    expect(zoneName(at("2026-07-01T00:00:00Z"), "Europe/Berlin")).toBe("CEST");
  });

  it("name the day only where it is another one", () => {
    expect(momentNear(near, near, "UTC")).toBe("02:00:04");
    expect(momentNear(at("2026-11-22T00:00:00Z"), near, "UTC")).toContain("22 Nov");
    expect(momentNear(near, null, "UTC")).toContain("21 Nov");
    const [evening, night] = [at("2026-11-20T23:30:00Z"), at("2026-11-21T00:30:00Z")];
    expect([sameDay(evening, night, "Europe/Berlin"), sameDay(evening, night, "UTC")]).toEqual([
      true,
      false,
    ]);
  });

  it("name the year only where it is not this one", () => {
    expect(moment(near, "UTC", at("2026-12-01T00:00:00Z"))).toBe("21 Nov, 02:00:04");
    expect(moment(near, "UTC", at("2027-01-01T00:00:00Z"))).toBe("21 Nov 2026, 02:00:04");
  });

  it("stand in tooltips in full UTC, to the microsecond", () => {
    expect(utc(near + 118_204)).toBe("2026-11-21T02:00:04.118204Z");
    expect(utc(near)).toBe("2026-11-21T02:00:04Z");
    expect([utc(null), utc(1e19)]).toEqual([undefined, undefined]);
    expect([fraction(near + 118_204, 3), fraction(-1, 6)]).toEqual([".118", ".999999"]);
  });

  it("are also said as how long ago", () => {
    expect(ago(near, near + 59e6)).toBe("just now");
    expect(ago(near, near + 181e6)).toBe(thin("3_min ago"));
    expect(ago(near, near + 3 * 86_400e6)).toBe(thin("3_d ago"));
  });
});

it("a zone that the browser does not know is none", () => {
  expect(["UTC", "Europe/Berlin", "", "Mars/Base"].map(isZone)).toEqual([true, true, false, false]);
});
