import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Known, marks, matcher } from "../src/core/query/match";
import { parseQuery } from "../src/core/query/parse";
import { between, exactly, withoutKey, withoutTerm, withTerm } from "../src/core/query/rewrite";
import { type Key, QuerySyntaxError } from "../src/core/query/terms";
import type { LogRow } from "../src/core/wire";

interface Line {
  seq: number;
  at: string;
  level: number | null;
  task: string | null;
  logger: string | null;
  run: string | null;
  attempt: number | null;
  message: string | null;
}
interface Case {
  text: string;
  tz?: string;
  first_day?: string;
  lines?: string;
  messages?: string[];
  hits?: number[];
  error?: { position: number; message: string };
}
interface Rewrite {
  do: "with" | "without" | "without_key";
  text: string;
  with: string;
  gives: string;
}
interface Shared {
  sets: Record<string, { lines: Line[] }>;
  cases: Case[];
  rewrites: Rewrite[];
}

const shared: Shared = JSON.parse(
  readFileSync(new URL("../../tests/fixtures/filter_cases.json", import.meta.url), "utf8"),
);

function micros(at: string): number {
  const [whole = "", fraction = ""] = at.replace("Z", "").split(".");
  return Date.parse(`${whole}Z`) * 1000 + Number(fraction.padEnd(6, "0"));
}

const row = (line: Line): LogRow => {
  const { seq, at, level, task, logger, message } = line;
  const length = message?.length ?? 0;
  return [seq, micros(at), level, null, task, logger, message ?? "", length, seq, true];
};

const lineOf = (message: string, seq: number): Line => ({
  seq,
  at: "2026-01-01T00:00:00Z",
  level: 20,
  task: null,
  logger: null,
  run: null,
  attempt: null,
  message,
});

const linesOf = ({ messages, lines = "none" }: Case): Line[] =>
  messages?.map(lineOf) ?? shared.sets[lines]?.lines ?? [];

const queryOf = ({ text, tz, first_day }: Case) => parseQuery(text, { tz, firstDay: first_day });

describe("a filter text", () => {
  it("means what the shared cases say", () => {
    for (const each of shared.cases.filter(({ hits }) => hits)) {
      const lines = linesOf(each);
      const known: Known = {
        run: ([seq]) => lines[seq]?.run ?? null,
        attempt: ([seq]) => lines[seq]?.attempt ?? null,
      };
      const fits = matcher(queryOf(each), known);
      const hits = lines.map(row).filter(fits);
      expect({ ...each, hits: hits.map(([seq]) => seq) }).toEqual(each);
    }
  });

  it("that cannot be read says where and why", () => {
    for (const each of shared.cases.filter(({ error }) => error)) {
      try {
        queryOf(each);
        expect.fail(`no error: ${each.text}`);
      } catch (error) {
        if (!(error instanceof QuerySyntaxError)) throw error;
        const position = [...each.text.slice(0, error.position)].length;
        expect({ ...each, error: { position, message: error.message } }).toEqual(each);
      }
    }
  });

  it("takes what a click writes", () => {
    for (const { do: what, text, with: term, gives } of shared.rewrites) {
      const done = {
        with: () => withTerm(text, term),
        without: () => withoutTerm(text, term),
        without_key: () => withoutKey(text, term as Key),
      }[what]();
      expect([what, text, term, done]).toEqual([what, text, term, gives]);
    }
  });

  it("finds again what was written for a name and a range", () => {
    for (const name of ["load[7]", 'a "b"', "C:\\new", "", "a\nb\tc\r", "über größe"]) {
      expect(parseQuery(exactly("task", name)).terms[0]).toMatchObject({ op: "=", value: name });
    }
    const from = Date.UTC(2026, 10, 22, 2, 29) * 1000 + 1;
    expect(between(from, null)).toBe("time:2026-11-22T02:29:00.000001Z..");
    expect(parseQuery(between(from, from + 5e6)).terms[0]?.value).toEqual([from, from + 5e6]);
    expect(parseQuery(between(null, from)).terms[0]?.value).toEqual([null, from]);
  });

  it("says what to mark", () => {
    const found = marks(parseQuery("ß -b /s+t/ task:x")).map((mark) =>
      [..."Straẞe sſT".matchAll(mark)].map(([text]) => text),
    );
    expect(found).toEqual([["ẞ"], ["St", "sſT"]]);
  });
});
