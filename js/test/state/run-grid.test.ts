/** Cells of a grid, as they travel, and what of them is drawn. */

import { describe, expect, it } from "vitest";
import { GridPart, legendOf } from "../../src/state/run-grid";
import { drawn, nameWidth, stepIn } from "../../src/view/grid/window";
import { columns } from "../grid-samples";

describe("the columns of a message", () => {
  it("have cells by run and task", () => {
    const part = new GridPart(
      columns(50, 2, { state: (run, task) => (run === 51 ? task - 1 : 0) }),
    );
    expect([part.start, part.end]).toEqual([50, 52]);
    expect(part.cell(50, 2)).toMatchObject({ state: { name: "Completed" }, ran: 2, counts: null });
    expect(part.cell(51, 0)).toBeNull();
    expect(part.cell(51, 2)?.state.name).toBe("Failed");
    expect(part.cell(51, 3)).toBeNull();
  });

  it("count the task runs of a mapped task", () => {
    const part = new GridPart(
      columns(0, 1, { mapped: (_, task) => (task === 1 ? [1, 2, 0, 10] : undefined) }),
    );
    const names = part.cell(0, 1)?.counts?.map(([{ name }, n]) => [name, n]);
    expect(names).toEqual([
      ["Failed", 2],
      ["Completed", 10],
    ]);
    expect(part.cell(0, 0)?.counts).toBeNull();
  });

  it("have a legend with each state once", () => {
    const parts = [new GridPart(columns(0, 1)), new GridPart(columns(1, 1))];
    expect(legendOf(parts, []).map(({ name }) => name)).toEqual(["Completed", "Failed", "Running"]);
  });
});

describe("what is drawn", () => {
  it("is what is in view and little more", () => {
    expect(drawn(0, 40, 1000)).toEqual({ from: 0, end: 44 });
    expect(drawn(103, 40, 1000)).toEqual({ from: 96, end: 148 });
    expect(drawn(980, 40, 1000)).toEqual({ from: 976, end: 1000 });
    expect(drawn(0, 40, 0)).toEqual({ from: 0, end: 0 });
  });

  it("stays the same for most steps of scrolling", () => {
    expect(drawn(100, 40, 1000)).toEqual(drawn(101, 39, 1000));
  });

  it("leaves names less room in a narrow view", () => {
    const names = ["a-rather-long-name-of-a-task"];
    expect([1000, 600, 400].map((width) => nameWidth(names, width))).toEqual([220, 160, 116]);
    expect(nameWidth(["load"], 1000)).toBe(116);
  });
});

describe("keys", () => {
  const step = (key: string, ctrlKey = false) =>
    stepIn({ key, ctrlKey, metaKey: false } as KeyboardEvent, 20);

  it("move to older runs at the left, and to tasks below", () => {
    expect(step("ArrowLeft")).toEqual({ run: 1, task: 0 });
    expect(step("ArrowRight")).toEqual({ run: -1, task: 0 });
    expect(step("PageDown")).toEqual({ run: 0, task: 20 });
    expect(step("Home")).toEqual({ run: Infinity, task: 0 });
    expect(step("End", true)).toEqual({ run: -Infinity, task: Infinity });
    expect(step("x")).toBeNull();
  });
});
