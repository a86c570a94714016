/** Changes to a filter text. */

import { describe, expect, it } from "vitest";
import { parseQuery } from "../../src/query/parse";
import { exactly, quoted, withoutKey, withoutTerm, withTerm } from "../../src/query/rewrite";
import type { Key } from "../../src/query/terms";
import { SHARED } from "../filter-cases";

describe("a filter text", () => {
  it("takes what a click writes, as in the cases shared with Python", () => {
    expect(SHARED.rewrites.length).toBeGreaterThan(10);
    for (const { do: what, text, with: term, gives } of SHARED.rewrites) {
      const done = {
        with: () => withTerm(text, term),
        without: () => withoutTerm(text, term),
        without_key: () => withoutKey(text, term as Key),
      }[what]();
      expect([what, text, term, done]).toEqual([what, text, term, gives]);
    }
  });

  it("keeps what cannot be read behind what is added", () => {
    expect(withTerm('level:error "open', "task:load")).toBe('task:load level:error "open');
    expect(withTerm("reset", "tsk:x")).toBe("reset");
  });

  it.each(["load[7]", 'a "b"', "C:\\new", "", "a\nb\tc\r", "über größe"])(
    "finds a name again that was written in quotes: %j",
    (name) => {
      const [term] = parseQuery(exactly("task", name)).terms;
      expect(term).toMatchObject({ op: "=", value: name });
      if (name)
        expect(parseQuery(quoted(name)).terms[0]).toMatchObject({ key: "text", value: name });
    },
  );
});
