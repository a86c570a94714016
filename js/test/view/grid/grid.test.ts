/** A grid of runs × tasks in a page: what is shown, and what keys and clicks do. */

import { describe, expect, it } from "vitest";
import type { GridPayload } from "../../../src/protocol/wire";
import list from "../../../src/runs";
import { columns, gridPayload } from "../../grid-samples";
import {
  all,
  button,
  click,
  el,
  greet,
  model,
  one,
  pass,
  point,
  prepare,
  press,
  settled,
  text,
  until,
  words,
} from "../../page";
import { zipped } from "../../samples";

const drawn: string[] = [];

async function show(data: GridPayload) {
  prepare();
  model.view = "grid";
  await model.put(await zipped(data));
  drawn.length = 0;
  const leave = list.render({
    model,
    el,
    draw: async (_, place) => {
      drawn.push("card");
      place.textContent = "the card of a run";
      return () => {};
    },
  });
  await until(() => !text().includes("Loading runs…"));
  return leave;
}

const grid = () => one("[role=grid]") as HTMLElement;
const cell = (run: number, task: number) => one(`[data-at="${run} ${task}"]`) as HTMLElement;
const head = (run: number) => cell(run, -1);
const plain = (told: string | null | undefined) => told?.replaceAll("\u202f", " ");
const label = (element: Element | null) =>
  plain(element?.getAttribute("aria-label") ?? element?.querySelector(".unseen")?.textContent);
const current = () => one(`#${grid().getAttribute("aria-activedescendant")}`);
const readout = () => plain(words(".grid-readout"));

describe("a grid", () => {
  it("shows runs and tasks, the newest run at the right", async () => {
    await show(gridPayload(columns(0, 4)));
    expect(words("h2")).toContain("4 flow runs × 3 tasks");
    expect(all("[role=rowheader] bdi").map((name) => name.textContent)).toEqual([
      "task-0",
      "task-1",
      "task-2",
    ]);
    const heads = all(".grid-run").map((each) => label(each)?.split(":")[0]);
    expect(heads).toEqual(["run-3", "run-2", "run-1", "run-0"]);
    expect(head(0).getAttribute("aria-colindex")).toBe("5");
    expect(words("footer")).toContain("4 of 4 flow runs");
    expect(words("footer")).toContain("grid");
  });

  it("says of each cell the task, the run, the state and how long it ran", async () => {
    const state = (run: number, task: number) => (run === 1 ? -1 : task === 2 ? 1 : 0);
    const mapped = (run: number, task: number) =>
      run === 0 && task === 2 ? [1, 2, 0, 10] : undefined;
    await show(gridPayload(columns(0, 2, { state, mapped })));
    expect(label(cell(0, 1))).toBe("task-1, run-0: Completed, ran 1 s");
    expect(label(cell(0, 2))).toBe("task-2, run-0: 2 Failed, 10 Completed, ran 2 s");
    expect(label(cell(1, 0))).toBe("task-0, run-1: no task run");
    expect(label(head(1))).toContain("run-1: Failed, started ");
    expect(cell(0, 2).querySelectorAll(".proportion-bar i")).toHaveLength(2);
    expect(cell(0, 1).querySelectorAll(".icon")).toHaveLength(1);
    expect(all(".grid-failed").map((each) => each.textContent)).toEqual(["1 failed"]);
    expect(all(".grid-legend li").map((each) => each.textContent)).toContain("Failed");
  });

  it("draws only the cells in view of many", async () => {
    await show(gridPayload(columns(0, 1000, { tasks: 50 })));
    expect(all("[role=gridcell]").length).toBeLessThan(2500);
    expect(grid().getAttribute("aria-colcount")).toBe("1001");
    expect(grid().getAttribute("aria-rowcount")).toBe("51");
  });

  it("reads out the cell under the pointer", async () => {
    await show(gridPayload(columns(0, 2, { state: (_, task) => task % 2 })));
    expect(readout()).toContain("A click or Enter opens the run below");
    await point(cell(1, 1), "pointerover");
    expect(readout()).toBe("Failedtask-1 / run-1ran 1 s");
    await point(head(1), "pointerover");
    expect(readout()).toContain("run-1");
    expect(readout()).toContain("load[1]: it broke");
    await point(grid(), "pointerleave");
    expect(readout()).toContain("A click or Enter");
  });

  it("takes hostile names for text", async () => {
    const data = columns(0, 1);
    data.tasks[0] = "<img src=x onerror=alert(1)>";
    data.runs.urls = ["javascript:alert(1)"];
    await show(gridPayload(data));
    await pass(3500);
    expect(words("[role=rowheader]")).toBe("<img src=x onerror=alert(1)>");
    expect(all("img, a")).toEqual([]);
  });

  it("says that there is none", async () => {
    await show(gridPayload(columns(0, 0)));
    expect(text()).toContain("No run matches at https://prefect.example.com/api.");
  });

  it("refuses data of another version and data in which parts are missing", async () => {
    await show(gridPayload(columns(0, 1), { format: 99 as never }));
    expect(text()).toContain("another version of flowrun_widgets");
    await show(gridPayload({ ...columns(0, 1), mapped: null as never }));
    expect(text()).toContain("incomplete");
    await show({ ...gridPayload(columns(0, 1)), columns: undefined as never });
    expect(text()).toContain("incomplete");
  });
});

describe("the keyboard", () => {
  it("moves between cells, heads included, and stays within the grid", async () => {
    await show(gridPayload(columns(0, 10)));
    grid().focus();
    await settled();
    expect(label(current())).toContain("run-0: Completed");
    await press(grid(), "ArrowDown");
    expect(label(current())).toContain("task-0, run-0");
    await press(grid(), "ArrowLeft");
    expect(label(current())).toContain("task-0, run-1");
    expect(readout()).toContain("task-0 / run-1");
    await press(grid(), "ArrowRight");
    await press(grid(), "ArrowRight");
    await press(grid(), "PageDown");
    expect(label(current())).toContain("task-1, run-0");
    await press(grid(), "End", { ctrlKey: true });
    expect(label(current())).toContain("task-2, run-0");
    await press(grid(), "Home", { ctrlKey: true });
    expect(label(current())).toContain("run-9: ");
    await press(grid(), "x");
    expect(label(current())).toContain("run-9: ");
  });

  it("opens with Enter", async () => {
    await show(gridPayload(columns(0, 3)));
    await greet();
    grid().focus();
    await press(grid(), "Enter");
    expect(model.newest("open")).toMatchObject({ id: "id-0" });
    expect(model.newest("open").task).toBeUndefined();
    await press(grid(), "ArrowDown");
    await press(grid(), "ArrowDown");
    await press(grid(), "Enter");
    expect(model.newest("open")).toMatchObject({ id: "id-0", task: 1 });
  });
});

describe("a click", () => {
  async function answer() {
    model.others.set("m1", model);
    model.answer(model.newest("open"), { kind: "opened", model: "m1" });
    await settled();
  }

  it("on a head opens the run below the grid, once", async () => {
    await show(gridPayload(columns(0, 3)));
    await greet();
    await click(head(1));
    expect(head(1).getAttribute("aria-busy")).toBe("true");
    await answer();
    expect(drawn).toEqual(["card"]);
    expect(head(1).classList).toContain("opened");
    await click(head(1));
    expect(model.allAsked("open")).toHaveLength(1);
    await click(button("Close this card"));
    expect(text()).not.toContain("the card of a run");
  });

  it("on a cell asks for the task, also of a run that is open", async () => {
    await show(gridPayload(columns(0, 3)));
    await greet();
    await click(cell(1, 2));
    expect(model.newest("open")).toMatchObject({ id: "id-1", task: 2 });
    await answer();
    await click(cell(1, 0));
    expect(model.newest("open")).toMatchObject({ id: "id-1", task: 0 });
    await answer();
    expect(drawn).toEqual(["card"]);
  });

  it("on an empty cell opens the run", async () => {
    await show(gridPayload(columns(0, 1, { state: () => -1 })));
    await greet();
    await click(cell(0, 0));
    expect(model.newest("open").task).toBeUndefined();
  });

  it("opens nothing without a kernel, where heads are links to Prefect", async () => {
    await show(gridPayload(columns(0, 2)));
    await pass(3500);
    await click(cell(0, 0));
    expect(model.allAsked("open")).toEqual([]);
    expect(all(".grid-run a").map((link) => link.getAttribute("href"))).toEqual([
      "https://prefect.example.com/runs/1",
      "https://prefect.example.com/runs/0",
    ]);
    expect(readout()).toContain("links to its run in Prefect");
  });
});

describe("older runs", () => {
  const part = () => gridPayload(columns(0, 50), { has_more: true, can_load: true });
  const answer = async (count: number, more: boolean, tasks = 3) => {
    const asked = model.newest("runs");
    const data = columns(asked.start, count, { tasks });
    const held = asked.start + count;
    model.answer(asked, {
      kind: "columns",
      columns: data,
      held,
      has_more: more,
      can_load: more,
      left_out: 0,
    });
    await settled();
  };

  it("are requested when the oldest loaded one is near", async () => {
    await show(part());
    await greet();
    expect(model.allAsked("runs")).toEqual([]);
    grid().focus();
    for (let i = 0; i < 5; i++) await press(grid(), "ArrowLeft");
    Object.defineProperty(grid(), "scrollWidth", { value: 1104 });
    Object.defineProperty(grid(), "clientWidth", { value: 900 });
    grid().dispatchEvent(new Event("scroll"));
    expect(grid().scrollLeft).toBe(204);
    grid().scrollLeft = 0;
    grid().dispatchEvent(new Event("scroll"));
    await settled();
    expect(model.newest("runs")).toMatchObject({ start: 50, count: 50 });
    await answer(50, true);
    expect(words("footer")).toContain("100 flow runs loaded, more exist");
    expect(label(current())).toContain("run-5");
  });

  it("bring tasks that only they have", async () => {
    await show(part());
    await greet();
    await click(button("Load all"));
    await answer(50, true, 4);
    await answer(20, false, 4);
    expect(words("footer")).toContain("120 of 120 flow runs");
    expect(all("[role=rowheader]")).toHaveLength(4);
    expect(label(cell(0, 3))).toBe("task-3, run-0: no task run");
  });

  it("can be stopped, and a failure is told", async () => {
    await show(part());
    await greet();
    await click(button("Load all"));
    await click(button("Stop"));
    await answer(50, true);
    expect(model.allAsked("runs")).toHaveLength(1);
    await click(button("Load all"));
    const notice = { kind: "error" as const, text: "The server refused.", detail: null, at: 0 };
    model.answer(model.newest("runs"), { kind: "failed", notice });
    await settled();
    expect(text()).toContain("The server refused.");
  });

  it("are not requested again and again from a server that fails", async () => {
    await show(gridPayload(columns(0, 20), { has_more: true, can_load: true }));
    await greet();
    const notice = { kind: "error" as const, text: "The server refused.", detail: null, at: 0 };
    model.answer(model.newest("runs"), { kind: "failed", notice });
    await settled();
    expect(text()).toContain("The server refused.");
    expect(model.allAsked("runs")).toHaveLength(1);
  });

  it("are not requested without a kernel", async () => {
    await show(part());
    await pass(3500);
    expect(button("Load all")).toBeUndefined();
  });
});

it("leaves nothing behind", async () => {
  const leave = await show(gridPayload(columns(0, 3)));
  leave();
  await settled();
  expect([el.innerHTML, model.listeners]).toEqual(["", 0]);
});
