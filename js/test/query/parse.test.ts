/** Filter texts that cannot be read say where and why. */

import { describe, expect, it } from "vitest";
import { parseQuery, read } from "../../src/query/parse";
import { QuerySyntaxError } from "../../src/query/terms";
import { queryOf, SHARED } from "../filter-cases";

const wrong = SHARED.cases.filter(({ error }) => error);

function errorOf(read: () => unknown): QuerySyntaxError | null {
  try {
    read();
  } catch (error) {
    if (error instanceof QuerySyntaxError) return error;
    throw error;
  }
  return null;
}

describe("a filter text", () => {
  it("that cannot be read says where and why, as in the cases shared with Python", () => {
    expect(wrong.length).toBeGreaterThan(50);
    for (const each of wrong) {
      const error = errorOf(() => queryOf(each));
      const position = [...each.text.slice(0, error?.position)].length;
      expect({ ...each, error: { position, message: error?.message } }).toEqual(each);
    }
  });

  it("has the terms up to what is wrong, as they are written", () => {
    const { terms, error } = read("reset time:x..y tsk:load slow");
    expect(terms.map(({ key, value }) => [key, value])).toEqual([
      ["text", "reset"],
      ["time", "x..y"],
    ]);
    expect(error?.position).toBe(16);
  });

  it("says at its end what is still missing of one that is being typed", () => {
    for (const text of ["level:", "level>=", "task:", "-", "time:"]) {
      expect([text, errorOf(() => parseQuery(text))?.position]).toEqual([
        text,
        text === "-" ? 0 : text.length,
      ]);
    }
  });
});
