/** A list of runs in a page: what is shown, and what keys and clicks do. */

import { describe, expect, it } from "vitest";
import type { RunsPayload } from "../../../src/protocol/wire";
import list from "../../../src/runs";
import {
  all,
  button,
  click,
  el,
  focused,
  greet,
  model,
  one,
  pass,
  prepare,
  press,
  settled,
  text,
  until,
  words,
  write,
} from "../../page";
import { rows, runsPayload } from "../../run-samples";
import { zipped } from "../../samples";

const drawn: string[] = [];

async function show(data: RunsPayload) {
  prepare();
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

const field = () => one("input[aria-label='Find a run']") as HTMLInputElement;
const row = (number: number) => one(`[aria-rowindex="${number + 1}"]`) as HTMLElement;
const names = () => all("[role=rowheader]").map((cell) => cell.textContent);
const footer = () => words("footer");

describe("a list of runs", () => {
  it("shows its runs with their states, and how many there are", async () => {
    await show(runsPayload(rows(0, 10, { kinds: [0, 1] })));
    expect(words("h2")).toContain("nightly-orders");
    expect(names()).toHaveLength(10);
    expect(row(2).textContent).toContain("Failed");
    expect(row(2).textContent).toContain("load[1]: it broke");
    expect(footer()).toContain("10 of 10 flow runs");
    expect(one("[role=grid]")?.getAttribute("aria-rowcount")).toBe("11");
  });

  it("draws only the rows in view of many", async () => {
    await show(runsPayload(rows(0, 1000)));
    expect(names().length).toBeLessThan(40);
    expect(one("[role=grid]")?.getAttribute("aria-rowcount")).toBe("1001");
  });

  it("says that there is none", async () => {
    await show(runsPayload(rows(0, 0)));
    expect(text()).toContain("No run matches at https://prefect.example.com/api.");
  });

  it("refuses the data of another version", async () => {
    await show(runsPayload(rows(0, 1), { format: 99 as never }));
    expect(text()).toContain("another version of flowrun_widgets");
  });

  it("takes hostile names for text", async () => {
    const data = rows(0, 2);
    data.names[0] = "<img src=x onerror=alert(1)>";
    data.urls = ["javascript:alert(1)", null];
    await show(runsPayload(data));
    expect(names()[0]).toBe("<img src=x onerror=alert(1)>");
    expect(all("img, a")).toEqual([]);
  });
});

describe("sorting and filtering", () => {
  it("sorts by a head, and turns the order round", async () => {
    await show(runsPayload(rows(0, 10)));
    const ran = () => one("[role=columnheader][aria-sort]");
    await click(button("Ran"));
    expect([ran()?.textContent, ran()?.getAttribute("aria-sort")]).toEqual(["Ran ↓", "descending"]);
    expect(names()[0]).toBe("run-9");
    await click(button("Ran"));
    expect(names()[0]).toBe("run-0");
  });

  it("filters by what is typed, and keeps the last result while a term is wrong", async () => {
    await show(runsPayload(rows(0, 10, { kinds: [0, 1] })));
    await write("state:failed", field());
    expect(names()).toHaveLength(5);
    await write("state:failed tsk:x", field());
    expect(names()).toHaveLength(5);
    expect(text()).toContain("Unknown key: tsk. Keys: state, flow, run, tag, time.");
    await write("nothing has this", field());
    expect(text()).toContain("No run matches");
    await click(button("Show all 10 runs"));
    expect(names()).toHaveLength(10);
  });

  it("writes the states that are pressed into the text", async () => {
    await show(runsPayload(rows(0, 10, { kinds: [0, 1, 2] })));
    await click(button("Failed, "));
    expect(field().value).toBe('state="Failed"');
    await click(button("Running, "));
    expect(field().value).toBe('state="Failed" state="Running"');
    expect(names()).toHaveLength(6);
    expect(button("Running, ").getAttribute("aria-pressed")).toBe("true");
    await click(button("Failed, "));
    expect(field().value).toBe('state="Running"');
  });
});

describe("the keyboard", () => {
  it("moves, selects, extends and clears", async () => {
    await show(runsPayload(rows(0, 10)));
    await greet();
    row(1).focus();
    await press(focused(), "ArrowDown");
    expect(focused()).toBe(row(2));
    await press(focused(), " ");
    await press(focused(), "ArrowDown", { shiftKey: true });
    expect(model.newest("choose").ids).toEqual(["id-1", "id-2"]);
    expect(footer()).toContain("2 runs selected");
    expect(footer()).toContain("runs.selection");
    await press(focused(), "a", { ctrlKey: true });
    expect(model.newest("choose").ids).toHaveLength(10);
    await press(focused(), "Escape");
    expect(model.newest("choose").ids).toEqual([]);
    await press(focused(), "End");
    expect(focused()).toBe(row(10));
  });

  it("reaches the filter line and comes back", async () => {
    await show(runsPayload(rows(0, 3)));
    row(1).focus();
    await press(focused(), "/");
    expect(focused()).toBe(field());
    await press(field(), "Escape");
    expect(focused()).toBe(row(1));
  });

  it("keeps the focus on a run while the order changes", async () => {
    await show(runsPayload(rows(0, 10)));
    row(1).focus();
    await press(focused(), "ArrowDown");
    await click(button("Ran"));
    expect(one('.table-row[tabindex="0"]')?.textContent).toContain("run-1");
  });
});

describe("a run", () => {
  it("is opened below the table, and closed", async () => {
    await show(runsPayload(rows(0, 3)));
    await greet();
    row(2).focus();
    await press(focused(), "Enter");
    const asked = model.newest("open");
    expect(asked.id).toBe("id-1");
    model.others.set("m1", model);
    model.answer(asked, { kind: "opened", model: "m1" });
    await settled();
    expect(drawn).toEqual(["card"]);
    expect(text()).toContain("the card of a run");
    await click(button("Close this card"));
    expect(text()).not.toContain("the card of a run");
  });

  it("is a link to Prefect without a kernel", async () => {
    await show(runsPayload(rows(0, 2)));
    await pass(3500);
    expect(all("a").map((link) => link.getAttribute("href"))).toEqual([
      "https://prefect.example.com/runs/0",
      "https://prefect.example.com/runs/1",
    ]);
    expect(model.allAsked("open")).toEqual([]);
  });
});

describe("further runs", () => {
  const part = () => runsPayload(rows(0, 200), { has_more: true, can_load: true });
  const answer = async (count: number, more: boolean) => {
    const asked = model.newest("runs");
    model.answer(asked, {
      kind: "runs",
      rows: rows(asked.start, count),
      held: asked.start + count,
      has_more: more,
      can_load: more,
    });
    await settled();
  };

  it("are loaded until there are no more", async () => {
    await show(part());
    await greet();
    expect(footer()).toContain("200 flow runs loaded, more exist");
    await click(button("Load all"));
    expect(footer()).toContain("Loading…");
    await answer(200, true);
    await answer(30, false);
    expect(footer()).toContain("430 of 430 flow runs");
    expect(model.allAsked("runs").map(({ start, count }) => [start, count])).toEqual([
      [200, 200],
      [400, 200],
    ]);
  });

  it("stop when the reader says so, or the server fails", async () => {
    await show(part());
    await greet();
    await click(button("Load all"));
    await click(button("Stop"));
    await answer(200, true);
    expect(model.allAsked("runs")).toHaveLength(1);
    await click(button("Load all"));
    const notice = { kind: "error", text: "Refused.", detail: null, at: 0 } as const;
    model.answer(model.newest("runs"), { kind: "failed", notice });
    await settled();
    expect(text()).toContain("Refused.");
    expect(footer()).toContain("400 flow runs loaded, more exist");
  });

  it("come from the kernel where it holds more than were sent", async () => {
    await show(runsPayload(rows(0, 100), { held: 150 }));
    expect(model.newest("runs")).toMatchObject({ start: 100, count: 50 });
  });

  it("are asked for when the end of the rows is near", async () => {
    await show(part());
    await greet();
    row(1).focus();
    const grid = one("[role=grid]") as HTMLElement;
    grid.scrollTop = 180 * 28;
    grid.dispatchEvent(new Event("scroll"));
    await settled();
    expect(model.newest("runs")).toMatchObject({ start: 200, count: 200 });
  });
});

it("leaves nothing in the page when it goes", async () => {
  const leave = await show(runsPayload(rows(0, 3)));
  leave();
  await settled();
  expect([el.innerHTML, model.listeners]).toEqual(["", 0]);
});
