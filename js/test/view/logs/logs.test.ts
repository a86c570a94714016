/** The logs as a whole: what is new, following, modes, what there is where no line is. */

import { describe, expect, it } from "vitest";
import { mount } from "../../../src/host/mount";
import { cardToMount } from "../../../src/host/mounted-card";
import type { Payload } from "../../../src/protocol/wire";
import { MemorySource } from "../../../src/sources/memory";
import { Card } from "../../../src/state/card";
import { TestHost } from "../../kernel";
import {
  all,
  answerQuery,
  button,
  click,
  field,
  greet,
  lineAt,
  model,
  one,
  open,
  openTab,
  pass,
  prepare,
  press,
  put,
  root,
  rowsShown,
  scroller,
  scrollTo,
  settled,
  show,
  text,
  until,
  words,
  write,
} from "../../page";
import { going, line, lines, payload, query, window } from "../../samples";
import { row, second } from "../../task-samples";

const followed = (more: Partial<Payload> = {}) =>
  payload({ header: going, more: { is_following: true, ...more } });
const followSwitch = () => one("[role=switch]");
const isOn = () => followSwitch()?.getAttribute("aria-checked");

describe("the switch that follows a run", () => {
  it("is there while there is more to come, and says whether it is on", async () => {
    await show(payload({ header: going }));
    expect(followSwitch()).toBeNull();
    await greet();
    expect([followSwitch()?.getAttribute("aria-label"), isOn()]).toEqual([
      "Follow this run",
      "false",
    ]);
    await put(followed(), () => isOn() === "true");
    await put(payload({ header: { name: "over" } }), () => text().includes("over"));
    expect(followSwitch()).toBeNull();
  });

  it("stays until the last lines of a run that has ended are there", async () => {
    await show(payload({ more: { is_following: true } }));
    await greet();
    expect(isOn()).toBe("true");
  });

  it("asks for the other, by click and by key", async () => {
    await show(payload({ header: going }));
    await greet();
    await click(followSwitch());
    expect(model.newest("follow").is_on).toBe(true);
    await put(followed(), () => isOn() === "true");
    await press(scroller(), "l");
    expect(model.newest("follow").is_on).toBe(false);
  });

  it("is offered where there are no lines yet", async () => {
    await show(payload({ rows: [], header: going }));
    await greet();
    expect(words(".empty")).toContain("The run is running. Its first line appears here");
    expect(all(".empty button").map((offer) => offer.textContent)).toEqual(["Follow this run"]);
    await click(one(".empty button"));
    expect(model.newest("follow").is_on).toBe(true);
  });

  it("that a kernel does not hear within 300 ms is waited for", async () => {
    await show(payload({ header: going }));
    await greet();
    await click(followSwitch());
    await pass(300);
    expect(text()).toContain("Waiting for the kernel");
    model.answer(model.newest("follow"), { kind: "heard" });
    await settled();
    expect(text()).not.toContain("Waiting for the kernel");
  });
});

describe("what is new", () => {
  const changes = {
    text: "+2 lines",
    since: second(3),
    new_lines: 2,
    first_seq: 58,
    is_empty: false,
    tasks: ["id-extract"],
  };
  const marked = () => all(".line.new .cell-line").map((cell) => cell.textContent);

  it("is marked in its rows, in words too, and told in a line after a refresh", async () => {
    await show(payload({ header: going, more: { changes } }));
    await answerQuery(60);
    expect(marked()).toEqual(["59", "60"]);
    expect(words(".line.new .cell-message")).toMatch(/^New /);
    expect(text()).toContain("+2 lines since 12:00:03 UTC");
    expect(words(".divider-line")).toContain("2 new lines since 12:00:03");
    await click(button("Go to the first"));
    expect(words(".current .cell-line")).toBe("59");
  });

  it("is only marked while the run is followed", async () => {
    await show(followed({ changes }));
    await answerQuery(60);
    expect(marked()).toEqual(["59", "60"]);
    expect(text()).not.toContain("+2 lines");
    expect(text()).not.toContain("2 new lines");
  });

  it("is marked among the task runs", async () => {
    await show(payload({ header: going, tasks: [row("extract"), row("load")], more: { changes } }));
    await openTab("Task runs");
    expect(
      all(".table-row.new").map((each) => [
        each.title,
        each.querySelector(".task-name")?.textContent,
      ]),
    ).toEqual([["Changed", "extract"]]);
  });

  it("is shown at once to who reads the end, and counted to who reads elsewhere", async () => {
    const at = (snapshot: number, total: number) =>
      payload({
        snapshot,
        total,
        start: total - 60,
        rows: lines(total - 60, 60),
        header: going,
        more: { is_following: true },
      });
    await show(at(1, 500));
    await greet();
    await answerQuery(500);
    expect(words(".log-pill")).toContain("Following");
    await scrollTo(2000);
    await put(at(2, 512), () => text().includes("Paused · 12 new lines"));
    expect(scroller().scrollTop).toBe(2000);
    await click(one("button.log-pill"));
    expect(words(".log-pill")).toContain("Following");
    expect(rowsShown()).toContain(512);
  });

  it("is no reason to say Following while nobody does", async () => {
    await show(payload({ total: 500, start: 440, rows: lines(440, 60), header: going }));
    await greet();
    expect(one(".log-pill")).toBeNull();
  });
});

describe("where there is no line", () => {
  it("it says whether they are still being read, or there are none", async () => {
    await show(payload({ more: { logs: null } }));
    expect(words(".empty")).toContain("Loading lines…");
    await put(payload({ rows: [], logs: { is_complete: false }, header: { name: "b" } }), () =>
      text().includes("/b"),
    );
    expect(words(".empty")).toContain("Loading lines…");
    await put(payload({ rows: [], header: { name: "c" } }), () => text().includes("/c"));
    expect(words(".empty")).toContain("This run wrote none.");
  });
});

describe("what to show", () => {
  const modes = () => all(".choice button").map((each) => each.textContent);
  const mode = () => words(".choice [aria-checked=true]");

  it("is lines or patterns, and with a text which of the lines", async () => {
    await show(payload());
    expect([modes(), mode()]).toEqual([["Lines", "Patterns"], "Lines"]);
    await write("message");
    expect([modes(), mode()]).toEqual([
      ["All lines", "Only hits", "In context ±2", "Patterns"],
      "All lines",
    ]);
    await click(button("In context"));
    expect(model.newest("query").query.lines).toBe("context");
    await write("level:error");
    expect(mode()).toBe("In context ±2");
  });

  it("is chosen by arrows as well", async () => {
    await show(payload());
    await press(button("Lines"), "ArrowRight");
    expect(mode()).toBe("Patterns");
    await press(button("Patterns"), "ArrowRight");
    expect(mode()).toBe("Lines");
  });
});

describe("the tools", () => {
  it("turn the order round, wrap lines and go to the first error", async () => {
    await show(payload({ logs: { first_error: 40 } }));
    await click(button("First error"));
    expect(model.newest("find")).toMatchObject({ what: "error", at: null });
    await click(button("Newest first"));
    expect(model.newest("query").query.is_newest_first).toBe(true);
    await click(button("Wrap lines"));
    expect(scroller().classList.contains("wrapped")).toBe(true);
  });

  it("download every line, or those that are shown", async () => {
    await show(payload());
    await click(button("Download"));
    expect(all(".menu button").map((each) => each.textContent)).toEqual([
      "Every line as CSV",
      "Every line as JSON lines",
      "Every line as text",
    ]);
    await write("level:error");
    await answerQuery(3);
    expect(all(".menu button")).toHaveLength(6);
    await click(button("These lines as JSON lines"));
    expect(model.newest("download")).toMatchObject({
      format: "jsonl",
      query: { text: "level:error" },
    });
    expect(one(".menu")).toBeNull();
  });

  it("has another picture than following has", async () => {
    await show(payload({ header: going }));
    await greet();
    const drawn = (name: string) => button(name).querySelector("path")?.getAttribute("d") ?? "";
    expect([drawn("Follow"), drawn("Download")]).not.toContain("");
    expect(drawn("Download").startsWith(drawn("Follow"))).toBe(false);
  });

  it("one menu at a time", async () => {
    await show(payload());
    await click(button("Download"));
    await click(button("Columns and time zone"));
    expect([one(".menu"), one(".column-menu") !== null]).toEqual([null, true]);
  });
});

describe("a card that was saved with a filter, without a kernel", () => {
  const items = [400, 410, 420].map((seq) => line(seq, "boom", { level: 40 }));
  const result = {
    query: query({ text: "level:error", lines: "hits" }),
    hits: 3,
    shown: 3,
    window: window(0, items, 3),
  };

  it("shows the lines of the filter, and all that are there once it is cleared", async () => {
    prepare();
    model.isDead = true;
    await model.put(payload({ total: 500 }));
    await model.annotate({ text: "level:error", result });
    open();
    await until(() => rowsShown().length > 0);
    expect([field().value, rowsShown()]).toEqual(["level:error", [401, 411, 421]]);
    await pass(3000);
    await pass(10);
    // Those are all hits of the log, as it was saved; another text is looked for in what is loaded.
    expect(words(".hits")).toBe("3 hits");
    expect(rowsShown()).toEqual([401, 411, 421]);
    await write("");
    await pass(10);
    await pass(10);
    expect(text()).toContain("340 lines not loaded");
    expect(rowsShown().slice(-5)).toEqual([59, 60, 401, 411, 421]);
    await press(scroller(), "Home");
    await pass(10);
    expect(rowsShown().slice(0, 3)).toEqual([1, 2, 3]);
    await write("level:info");
    await pass(10);
    expect(words(".hits")).toBe("60 hits in the 63 loaded lines");
  });
});

describe("a page without a kernel", () => {
  it("says nothing of what only a kernel does", () => {
    const notice = {
      kind: "unreachable",
      text: "Away.",
      detail: null,
      at: 1,
      retry_seconds: 9,
    } as const;
    const place = document.createElement("div");
    const card = new Card(
      () =>
        new MemorySource({ log: () => null, tasks: () => [], pins: () => [], fileName: () => "" }),
      Object.assign(new TestHost(), { isPage: true }),
    );
    card.setKernel("absent");
    card.receive(followed({ notice }));
    document.body.append(place);
    const leave = mount(cardToMount(card), place);
    const shown = root(place).textContent;
    expect(shown).toContain("Away.");
    for (const never of ["Trying again", "Following", "Follow", "Refresh"])
      expect(shown).not.toContain(never);
    leave();
  });
});

it("lines that are looked at stand in a grid that knows how many there are", async () => {
  await show(payload({ total: 5000 }));
  expect(scroller().getAttribute("role")).toBe("grid");
  expect(scroller().getAttribute("aria-rowcount")).toBe("5001");
  expect(lineAt(0)?.getAttribute("aria-rowindex")).toBe("2");
});
