/** Times in a filter text, as the clock of a zone shows them. */

import { describe, expect, it } from "vitest";
import { range } from "../../src/query/clock";

const BERLIN = { tz: "Europe/Berlin", firstDay: "2026-10-25" };
const micros = (iso: string) => Date.parse(iso) * 1000;

describe("a range of times", () => {
  it("is of the run's first day and of the card's zone", () => {
    expect(range("12:00..13:30:15.5", 0, BERLIN)).toEqual([
      micros("2026-10-25T11:00:00Z"),
      micros("2026-10-25T12:30:15.5Z"),
    ]);
  });

  it("has an end that is left open, and one that takes day and zone of the other", () => {
    expect(range("2026-11-22T02:29Z..02:33", 0, BERLIN)).toEqual([
      micros("2026-11-22T02:29:00Z"),
      micros("2026-11-22T02:33:00Z"),
    ]);
    expect(range("..02:33+05:30", 0, BERLIN)).toEqual([null, micros("2026-10-24T21:03:00Z")]);
  });

  it.each([
    ["02:30..", "02:30 happens twice on 2026-10-25 in Europe/Berlin. Add Z or an offset."],
    [
      "2026-03-29T02:30..",
      "02:30 does not exist on 2026-03-29 in Europe/Berlin. Add Z or an offset.",
    ],
    ["13:00..12:00", "The range ends before it begins."],
    ["..", "A time range is a..b; one end may be left out."],
    ["25:00..", "Not a time: 25:00. Times: 02:29, 2026-11-22T02:29Z."],
    ["2026-02-30T01:00..", "Not a time: 2026-02-30T01:00. Times: 02:29, 2026-11-22T02:29Z."],
  ])("%s is refused in words", (text, words) => {
    expect(() => range(text, 0, BERLIN)).toThrow(words);
  });

  it("needs a date where no run says one", () => {
    expect(() => range("02:29..", 0, { tz: "UTC", firstDay: null })).toThrow("02:29");
  });
});
