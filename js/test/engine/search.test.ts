/** Places in ascending lists. */

import { expect, it } from "vitest";
import { below, nearest } from "../../src/engine/search";
import { random, seeds } from "../random";

it("how many are below a bound is found as by looking at each", () => {
  for (const seed of seeds(50)) {
    const from = random(seed);
    const values = Array.from({ length: from.below(20) }, () => from.below(30)).sort(
      (a, b) => a - b,
    );
    for (let bound = -1; bound < 32; bound++)
      expect(below(values, bound)).toBe(values.filter((value) => value < bound).length);
  }
});

it("the nearest is the lower of two, and the first or the last beyond the ends", () => {
  const values = [10, 20, 40];
  expect([0, 14, 15, 16, 30, 31, 99].map((wanted) => nearest(values, wanted))).toEqual([
    0, 0, 0, 1, 1, 2, 2,
  ]);
});
