/** The lines that have come to the page. */

import { describe, expect, it } from "vitest";
import { done } from "../../src/engine/log";
import type { Say } from "../../src/protocol/wire";
import { LinePool } from "../../src/sources/pool";
import { line, lines, payload, query } from "../samples";
import { row, second } from "../task-samples";

const DATA = payload({ total: 500 });

function shown(pool: LinePool, data = DATA): unknown[] {
  const log = pool.log(data);
  if (!log) return [];
  const [answer] = done(log.window({ kind: "rows", query: query(), start: 0, count: 99 }));
  return (answer as Say<"rows">).window.items.map((item) =>
    typeof item[0] === "number" ? item[0] : item[0] === "missing" ? `${item[1]} missing` : item[0],
  );
}

describe("the lines that have come", () => {
  it("are a log by their places, whichever came first", () => {
    const pool = new LinePool();
    pool.add([line(7), line(3), [null, 5, 8, 12]]);
    pool.add([line(4)]);
    expect(shown(pool)).toEqual(["3 missing", 3, 4, "2 missing", 7, "492 missing"]);
    expect([pool.size, pool.get(3)?.[6], pool.get(99)]).toEqual([3, "message 3", undefined]);
  });

  it("are in the order of their times where places are not known", () => {
    const pool = new LinePool();
    pool.add([
      line(9, "later", { at: second(2), position: null }),
      line(3, "earlier", { at: second(1), position: null }),
      line(0),
    ]);
    expect(shown(pool)).toEqual([0, "null missing", 3, 9]);
  });

  it("are taken over as they are now", () => {
    const pool = new LinePool();
    pool.add([line(3)]);
    shown(pool);
    pool.add([line(3, "again")]);
    expect([pool.size, pool.get(3)?.[6]]).toEqual([1, "again"]);
  });

  it("are the same log, with all that was found in it, until others come", () => {
    const pool = new LinePool();
    pool.add(lines(0, 3));
    const log = pool.log(DATA);
    pool.add([line(1, "message 1", { isHit: true }), line(2)]);
    expect(pool.log(DATA)).toBe(log);
    pool.add([line(1, "message 1", { position: 9 })]);
    expect(pool.log(DATA)).not.toBe(log);
    const other = pool.log(DATA);
    expect(pool.log({ ...DATA })).not.toBe(other);
  });

  it("are at most 4000, the newest that came", () => {
    const pool = new LinePool();
    pool.add(lines(0, 3000));
    pool.add(lines(10_000, 2000));
    pool.add([line(0)]);
    expect(pool.size).toBe(4000);
    expect([pool.get(999), pool.get(1001)?.[0]]).toEqual([undefined, 1001]);
    pool.clear();
    expect([pool.size, pool.log(payload({ more: { logs: null } }))]).toEqual([0, null]);
  });

  it("have the attempts that the task runs of the payload tell", () => {
    const pool = new LinePool();
    pool.add(lines(0, 3));
    const spans = [second(0), second(1), 2, second(2), 0, 1];
    const data = payload({ tasks: [row("load", { attempts: 2, spans })], total: 3 });
    expect(shown(pool, data)).toEqual([0, 1, "retry", 2]);
  });
});
