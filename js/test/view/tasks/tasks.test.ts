// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import card from "../src/card";
import type { TaskRow } from "../src/core/wire";
import { QuietModel, settled, until } from "./model";
import { payload } from "./sample";
import { FAILED, mapped, row } from "./task-rows";

let el: HTMLElement;
let model: QuietModel;
let stop: () => void;

const all = (selector: string) => [...el.querySelectorAll<HTMLElement>(selector)];
const labels = () => all("[role=row] .task").map((label) => label.textContent);
const button = (name: string) =>
  all("button").find((one) => one.textContent?.includes(name)) as HTMLElement;
const click = async (target: HTMLElement | undefined) => {
  target?.click();
  await settled();
};
const press = async (label: string, key: string) => {
  const target = all("[role=row]").find((one) => one.textContent?.includes(label));
  target?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  await settled();
};

async function open(tasks: TaskRow[], total = tasks.length): Promise<void> {
  await model.put(payload({ tasks, tasksTotal: total }));
  stop = card.render({ model, el });
  await until(() => all("[role=tab]").length > 0);
  await click(button("Task runs"));
}

beforeEach(() => {
  model = new QuietModel();
  el = document.createElement("div");
  document.body.replaceChildren(el);
});
afterEach(() => stop());

describe("the table of task runs", () => {
  it("asks for the rest page by page while it is looked at, and says how many there are", async () => {
    const rows = mapped(1700);
    await open(rows.slice(0, 500), rows.length);
    const question = model.newest("tasks");
    expect(question.start).toBe(500);
    const page = rows.slice(500, 500 + question.count);
    model.answer(question, { kind: "tasks", start: 500, rows: page });
    await settled();
    const next = model.newest("tasks");
    expect(next.start).toBe(500 + page.length);
    model.answer(next, { kind: "tasks", start: next.start, rows: rows.slice(next.start) });
    await settled();
    expect(el.textContent).toContain("1\u202f700 of 1\u202f700 task runs");
    expect(model.asked.filter(({ kind }) => kind === "tasks")).toHaveLength(2);
  });

  it("opens and folds a group by its keys", async () => {
    await open(mapped(3));
    expect(labels()).toEqual(["load[0..2]"]);
    await press("load[0..2]", "ArrowRight");
    const rows = all("[role=row][aria-level]");
    expect(rows.map((one) => one.getAttribute("aria-level"))).toEqual(["1", "2", "2", "2"]);
    await press("load[0..2]", "ArrowLeft");
    expect(labels()).toEqual(["load[0..2]"]);
  });

  it("has in the page what is in view, and says how many rows there are", async () => {
    await open(mapped(1500));
    await click(all(".grp")[0]);
    expect(labels().length).toBeLessThan(60);
    expect(all("[role=treegrid]")[0]?.getAttribute("aria-rowcount")).toBe("1502");
  });

  it("sorts by a head, and the other way when it is pressed again", async () => {
    await open([row("b", { ran: 1 }), row("a", { ran: 2 }), row("c", { ran: 3 })]);
    await click(button("Ran"));
    expect(labels()).toEqual(["b", "a", "c"]);
    await click(button("Ran"));
    expect(labels()).toEqual(["c", "a", "b"]);
    expect(all("[aria-sort=descending]")[0]?.textContent).toContain("Ran");
  });

  it("shows one state alone at the first press, and all again at the second", async () => {
    await open([row("good"), row("bad", { state: FAILED })]);
    const failed = () => all(".lv").find((pill) => pill.textContent?.includes("Failed"));
    await click(failed());
    expect(labels()).toEqual(["bad"]);
    await click(failed());
    expect(labels()).toHaveLength(2);
  });

  it("is filtered by what is typed, and says how many fit", async () => {
    await open([row("extract"), row("publish")]);
    const field = el.querySelector("input") as HTMLInputElement;
    field.value = "pub";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await settled();
    expect(labels()).toEqual(["publish"]);
    expect(el.textContent).toContain("1 of 2 task runs match");
  });

  it("keeps what was opened while another tab is looked at", async () => {
    await open(mapped(3));
    await click(all(".grp")[0]);
    await click(button("Details"));
    await click(button("Task runs"));
    expect(labels()).toHaveLength(4);
  });
});
