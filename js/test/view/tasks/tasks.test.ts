/** The table of task runs. */

import { describe, expect, it } from "vitest";
import type { TaskRow } from "../../../src/protocol/wire";
import {
  all,
  button,
  click,
  focused,
  model,
  one,
  openTab,
  press,
  settled,
  show,
  text,
  words,
  write,
} from "../../page";
import { payload } from "../../samples";
import { CACHED, FAILED, HELD_UP, mapped, row, second } from "../../task-samples";

const rows = () => all("[role=row].table-row");
const labels = () => rows().map((each) => each.querySelector(".task-name")?.textContent);
const rowOf = (label: string) =>
  rows().find((each) => each.textContent?.includes(label)) as HTMLElement;
const cell = (label: string, kind: string) =>
  rowOf(label).querySelector(`.col-${kind}`)?.textContent?.trim();

async function open(tasks: TaskRow[], total = tasks.length, more = {}): Promise<void> {
  await show(payload({ total: 3, tasks, tasksTotal: total, more }));
  await openTab("Task runs");
}

describe("the table of task runs", () => {
  it("asks for the rest page by page while it is looked at, and says how many there are", async () => {
    const tasks = mapped(1700);
    await open(tasks.slice(0, 500), tasks.length);
    const question = model.newest("tasks");
    expect(question.start).toBe(500);
    const page = tasks.slice(500, 500 + question.count);
    model.answer(question, { kind: "tasks", start: 500, rows: page });
    await settled();
    const next = model.newest("tasks");
    expect(next.start).toBe(500 + page.length);
    model.answer(next, { kind: "tasks", start: next.start, rows: tasks.slice(next.start) });
    await settled();
    expect(text()).toContain("1\u202f700 of 1\u202f700 task runs");
    expect(model.allAsked("tasks")).toHaveLength(2);
  });

  it("tells of each its state, attempts, times, lines and what went wrong", async () => {
    await open([
      row("load", {
        state: FAILED,
        attempts: 3,
        waited: 75,
        ran: 321,
        lines: 1200,
        warnings: 2,
        errors: 1,
      }),
      row("publish", {
        state: HELD_UP,
        attempts: 0,
        started: null,
        ended: null,
        waited: null,
        ran: null,
        lines: 0,
      }),
      row("staged", { state: CACHED, attempts: 0, spans: [] }),
    ]);
    expect(
      ["state", "attempts", "started", "waited", "ran", "lines", "warnings"].map((kind) =>
        cell("load", kind),
      ),
    ).toEqual([
      "Failed",
      "3",
      "12:00:01",
      "1\u202fmin 15\u202fs",
      "5\u202fmin 21\u202fs",
      "1\u202f200",
      "1 errors 2",
    ]);
    expect(
      ["state", "attempts", "started", "ran", "warnings"].map((kind) => cell("publish", kind)),
    ).toEqual(["NotReady", "–", "–", "–", "–"]);
    expect(rowOf("staged").querySelector(".span-bars i")?.className).toBe("hollow");
  });

  it("does not state what is not known yet", async () => {
    const { tasks } = payload({ tasks: [row("load")] });
    await open([row("load")], 1, { tasks: tasks && { ...tasks, is_complete: false } });
    expect([cell("load", "attempts"), cell("load", "lines")]).toEqual(["–", "–"]);
  });

  it("opens and folds a group by its keys", async () => {
    await open(mapped(3));
    expect(labels()).toEqual(["load[0..2]"]);
    await press(rowOf("load[0..2]"), "ArrowRight");
    expect(rows().map((each) => each.getAttribute("aria-level"))).toEqual(["1", "2", "2", "2"]);
    await press(rowOf("load[0..2]"), "ArrowDown");
    await press(focused(), "ArrowLeft");
    expect(focused()?.textContent).toContain("load[0..2]");
    await press(focused(), "ArrowLeft");
    expect(labels()).toEqual(["load[0..2]"]);
  });

  it("has in the page what is in view, and says how many rows there are", async () => {
    await open(mapped(1500));
    await click(rowOf("load[0..1499]"));
    expect(labels().length).toBeLessThan(60);
    expect(one("[role=treegrid]")?.getAttribute("aria-rowcount")).toBe("1502");
    const table = one("[role=treegrid]") as HTMLElement;
    table.scrollTop = 20_000;
    table.dispatchEvent(new Event("scroll"));
    await settled();
    expect(labels()).toContain("load[715]");
  });

  it("sorts by a head, and the other way when it is pressed again", async () => {
    await open([row("b", { ran: 1 }), row("a", { ran: 2 }), row("c", { ran: 3 })]);
    await click(button("Ran"));
    expect(labels()).toEqual(["b", "a", "c"]);
    await click(button("Ran"));
    expect(labels()).toEqual(["c", "a", "b"]);
    expect(words("[aria-sort=descending]")).toContain("Ran");
    await press(button("Ran"), "ArrowLeft");
    expect(focused()?.textContent).toContain("Waited");
  });

  it("shows one state alone at the first press, and all again at the second", async () => {
    await open([row("good"), row("bad", { state: FAILED })]);
    const pill = () => one(".pill[aria-label^=Failed]");
    await click(pill());
    expect([labels(), pill()?.getAttribute("aria-pressed")]).toEqual([["bad"], "true"]);
    await click(pill());
    expect(labels()).toHaveLength(2);
  });

  it("shows those that were retried, and none of one kind", async () => {
    await open([row("once"), row("twice", { attempts: 2 })]);
    await click(one(".pill.only"));
    expect(labels()).toEqual(["twice"]);
    await click(one(".pill[aria-label^=Failed]"));
    expect(words(".empty")).toContain("No task run matches");
    await click(button("Show all 2"));
    expect(labels()).toHaveLength(2);
  });

  it("is filtered by what is typed, and says how many match", async () => {
    await open([row("extract"), row("publish")]);
    await press(rowOf("extract"), "/");
    expect(focused()?.getAttribute("aria-label")).toBe("Find a task run");
    await write("pub", focused() as HTMLInputElement);
    expect(labels()).toEqual(["publish"]);
    expect(text()).toContain("1 of 2 task runs match");
  });

  it("is flat where that is chosen", async () => {
    await open(mapped(3));
    await click(button("Flat"));
    expect(labels()).toEqual(["load[0]", "load[1]", "load[2]"]);
  });

  it("keeps what was opened while another tab is looked at", async () => {
    await open(mapped(3));
    await click(rowOf("load[0..2]"));
    await openTab("Details");
    await openTab("Task runs");
    expect(labels()).toHaveLength(4);
  });

  it("says so where there is none", async () => {
    await open([]);
    expect(words(".empty")).toContain("This run has started none.");
    await show(payload({ more: { tasks: null } }));
    await openTab("Task runs");
    expect(words(".empty")).toContain("Loading task runs…");
  });
});

describe("a row that is selected", () => {
  it("is named in the footer, and leads to its lines", async () => {
    await open([row("extract", { lines: 7 }), row("publish")]);
    await click(rowOf("extract"));
    expect(model.newest("select").tasks).toEqual(["id-extract"]);
    expect(words("footer")).toContain("extract selected: 7 lines");
    await click(button("Show in logs"));
    expect((one("[data-part=filter]") as HTMLInputElement).value).toBe('task="extract"');
  });

  it("filters the lines by its keys, and Enter goes to them", async () => {
    await open([row("extract"), row("publish")]);
    await press(rowOf("extract"), "F");
    await press(rowOf("publish"), " ");
    expect(model.newest("select").tasks).toEqual(["id-extract"]);
    await press(rowOf("extract"), "Enter");
    expect(one("[role=tab][aria-selected=true]")?.textContent).toContain("Logs");
    expect((one("[data-part=filter]") as HTMLInputElement).value).toBe('task="extract"');
  });

  it("is marked where the filter of the logs asks for it", async () => {
    await show(payload({ tasks: [row("extract"), row("publish")] }));
    await write("task:pub");
    await openTab("Task runs");
    expect(rows().map((each) => each.classList.contains("named"))).toEqual([false, true]);
    expect(rowOf("publish").tabIndex).toBe(0);
  });

  it("has no keys that are held with others: Ctrl+F finds a task run", async () => {
    await open([row("extract")]);
    await press(rowOf("extract"), "f", { ctrlKey: true });
    expect(focused()?.getAttribute("aria-label")).toBe("Find a task run");
    expect(model.allAsked("query")).toHaveLength(1);
    const held = await press(rowOf("extract"), "ArrowDown", { altKey: true });
    expect(held.defaultPrevented).toBe(false);
    expect((await press(rowOf("extract"), "x")).defaultPrevented).toBe(false);
    expect((await press(rowOf("extract"), "ArrowDown")).defaultPrevented).toBe(true);
  });
});

it("the bars of a row end at what goes on", async () => {
  await open([
    row("x", {
      ended: null,
      spans: [second(1), second(50), 2, second(50), second(60), 3, second(60), 0, 1],
    }),
  ]);
  const bars = [...rowOf("x").querySelectorAll<HTMLElement>(".span-bars i")];
  expect(bars.map((bar) => bar.className)).toEqual(["is-failed", "waited", ""]);
  const last = bars.at(-1)?.style;
  expect(Number.parseFloat(last?.left ?? "") + Number.parseFloat(last?.width ?? "")).toBeCloseTo(
    100,
    3,
  );
});
