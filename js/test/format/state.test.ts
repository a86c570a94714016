/** How states look, and in which order they are listed. */

import { describe, expect, it } from "vitest";
import { byAppearance, familyClass, inOrder, isHollow } from "../../src/format/state";
import type { Family, State } from "../../src/protocol/wire";
import { STATES } from "../task-samples";

const [failed, , , done] = STATES.map(([state]) => state) as [State, State, State, State];

describe("counts of states", () => {
  it("are of what is drawn alike, what is done first", () => {
    const counts = byAppearance([
      [failed, 2],
      [{ ...done, name: "RolledBack" }, 3],
      [done, 4],
    ]);
    expect(counts.map(([{ name }, n]) => [name, n])).toEqual([
      ["RolledBack", 7],
      ["Failed", 2],
    ]);
  });

  it("are listed with what went well before what did not", () => {
    expect(inOrder(STATES).map(([{ name }]) => name)).toEqual([
      "Completed",
      "Cached",
      "Failed",
      "NotReady",
    ]);
  });
});

describe("a family of states", () => {
  it("that a newer server has looks like one that is unknown", () => {
    expect(familyClass("failed")).toBe("is-failed");
    expect(familyClass("novel" as Family)).toBe("is-unknown");
  });

  it("is hollow where nothing ran", () => {
    expect(
      ["done", "running", "heldup", "waiting", "ended"].map((one) => isHollow(one as Family)),
    ).toEqual([false, false, true, true, true]);
  });
});
