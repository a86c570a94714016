/** A card on a widget model: what it asks, what it takes, and what is left of it. */

import { describe, expect, it, vi } from "vitest";
import card from "../../src/card";
import { annotationsOf, payloadOf } from "../../src/protocol/payload";
import {
  all,
  answerQuery,
  button,
  click,
  el,
  greet,
  messageAt,
  model,
  one,
  open,
  openTab,
  pass,
  prepare,
  put,
  root,
  rowsShown,
  scrollTo,
  settled,
  show,
  stop,
  text,
  until,
} from "../page";
import { going, line, lines, payload, window, zipped } from "../samples";
import { row } from "../task-samples";
import { WidgetModel } from "../widget-model";

describe("a view of the card", () => {
  it("greets when it appears, leaves when it goes, and takes everything with it", async () => {
    const styles = () => document.querySelectorAll("style.frw-twin").length;
    const twin = document.createElement("div");
    twin.className = "frw-twin-1";
    document.body.append(twin);
    await show(payload());
    expect(model.asked[0]?.kind).toBe("hello");
    expect(el.classList.contains("frw-live")).toBe(true);
    expect(styles()).toBe(1);
    twin.remove();
    stop();
    await settled();
    expect(model.asked.at(-1)?.kind).toBe("bye");
    expect(el.classList.contains("frw-live")).toBe(false);
    expect([el.innerHTML, model.listeners, styles(), vi.getTimerCount()]).toEqual(["", 0, 0, 0]);
  });

  it("is there at once where the host has made the model before", async () => {
    prepare();
    await model.put(payload());
    await card.initialize({ model });
    open();
    expect(text()).not.toContain("Loading run…");
    expect(rowsShown()).toContain(1);
  });

  it("has a name for its questions that no other view has", async () => {
    await show(payload());
    const first = model.newest("hello");
    const end = card.render({ model, el: document.createElement("div") });
    expect(model.newest("hello").view).not.toBe(first.view);
    end();
  });

  it("names the run and its state", async () => {
    await show(payload());
    expect(one("article")?.getAttribute("aria-label")).toBe(
      "Flow run nightly-orders amber-heron, completed",
    );
  });

  it("tells whether the browser shows the page", async () => {
    await show(payload());
    const hidden = vi.spyOn(document, "hidden", "get");
    for (const isHidden of [true, false]) {
      hidden.mockReturnValue(isHidden);
      document.dispatchEvent(new Event("visibilitychange"));
      expect(model.newest("visible").is_visible).toBe(!isHidden);
    }
    stop();
    const { length } = model.asked;
    document.dispatchEvent(new Event("visibilitychange"));
    expect(model.asked).toHaveLength(length);
  });
});

describe("data that cannot be read", () => {
  it("is told in words in the card", async () => {
    await show(new DataView(new Uint8Array([1, 2, 3]).buffer));
    expect(one("[role=alert]")?.textContent).toContain("damaged");
  });

  it("in time does not take the place of what was sent later", async () => {
    await show(payload());
    const rows = lines(0, 20_000);
    const long = await zipped(payload({ snapshot: 2, rows, header: { name: "before" } }));
    void model.put(long);
    void model.put(await zipped(payload({ snapshot: 3, header: { name: "after" } })));
    await until(() => text().includes("after"));
    await payloadOf(long);
    await settled();
    expect(text()).not.toContain("before");
  });

  it("leaves what was shown before in place", async () => {
    await show(payload());
    await model.put(new DataView(new Uint8Array([9]).buffer));
    await until(() => text().includes("damaged"));
    expect(text()).toContain("amber-heron");
  });

  it("is not there yet before the first payload", async () => {
    await show();
    expect(text()).toBe("Loading run…");
    await put(payload(), () => text().includes("amber-heron"));
  });
});

describe("answers", () => {
  const far = payload({ total: 5000 });

  it("fill the rows that were asked for", async () => {
    await show(far);
    await scrollTo(60_000);
    const question = model.newest("rows");
    expect(question.start).toBeLessThanOrEqual(3000);
    expect(question.start + question.count).toBeGreaterThan(3022);
    const items = lines(question.start, question.count);
    model.answer(question, { kind: "rows", window: window(question.start, items) });
    await settled();
    expect(messageAt(3001)).toContain("message 3000");
  });

  it.each([
    ["for another view", { view: "stranger" }],
    ["to an older question", { n: 1 }],
    ["about another snapshot", { snapshot: 7 }],
  ])("%s are dropped", async (_name, changed) => {
    await show(far);
    await scrollTo(60_000);
    const question = model.newest("rows");
    const items = lines(question.start, question.count);
    model.answer(question, { kind: "rows", window: window(question.start, items) }, changed);
    await settled();
    expect(messageAt(3001)).toBeUndefined();
  });

  it("bring the whole of a line that was cut", async () => {
    await show(payload({ rows: [line(0, "abc", { length: 6 })] }));
    await click(one(".more"));
    expect(text()).toContain("The first 3 of 6 characters. The rest is loading.");
    const question = model.newest("line");
    model.answer(question, { kind: "line", seq: question.seq, message: "abcdef" });
    await settled();
    expect(one(".whole-message")?.textContent).toBe("abcdef");
  });
});

describe("a new snapshot", () => {
  it("keeps the place and the current row, and asks again for what is shown", async () => {
    await show(payload({ total: 5000, rows: lines(0, 200) }));
    await answerQuery(5000);
    await scrollTo(2000);
    await click(one("[data-at='104']"));
    const before = rowsShown();
    const next = payload({ snapshot: 2, total: 6000, start: 5900, rows: lines(5900, 100) });
    await put(next, () => text().includes("6\u202f000 lines"));
    expect(rowsShown()).toEqual(before);
    expect(messageAt(105)).toContain("message 104");
    expect(one(".current")?.getAttribute("aria-rowindex")).toBe("106");
    expect(model.newest("rows")).toMatchObject({ snapshot: 2 });
  });

  it("at the tail of a running run shows the new lines", async () => {
    await show(payload({ total: 1000, start: 940, rows: lines(940, 60), header: going }));
    expect(rowsShown()).toContain(1000);
    const rows = lines(950, 60);
    const next = payload({ snapshot: 2, total: 1010, start: 950, rows, header: going });
    await put(next, () => rowsShown().includes(1010));
    expect(messageAt(1010)).toContain("message 1009");
  });
});

describe("what the reader made of the run", () => {
  const pin = (seq: number) => ({
    seq,
    at: 0,
    level: 20,
    task: null,
    message: "",
    note: `note ${seq}`,
    line: seq + 1,
  });

  it("is what was sent last, also where what was sent before takes longer to unpack", async () => {
    await show(payload());
    const of = (pins: object[]) => zipped({ text: "", turn: 0, pins, result: null });
    const long = await of(Array.from({ length: 20_000 }, (_, i) => pin(i)));
    const short = await of([pin(7)]);
    void model.annotate(long);
    void model.annotate(short);
    await until(() => text().includes("note 7"));
    await annotationsOf(long);
    await settled();
    expect(all(".pins li")).toHaveLength(1);
  });
});

describe("without a kernel", () => {
  it("everything that came with the card is shown, and nothing throws", async () => {
    prepare();
    await model.put(payload({ tasks: [row("extract")] }));
    model.isDead = true;
    open();
    await until(() => messageAt(1));
    expect(messageAt(1)).toContain("message 0");
    await openTab("Task runs");
    expect(text()).toContain("extract");
  });

  it("a refresh is queued after 300 ms, and the notice explains", async () => {
    await show(payload());
    await click(button("Refresh"));
    await pass(299);
    expect(text()).not.toContain("Queued");
    await pass(1);
    expect(button("Queued").getAttribute("aria-disabled")).toBe("true");
    expect(text()).toContain("Waiting for the kernel");
    await click(button("Queued"));
    expect(model.allAsked("refresh")).toHaveLength(1);
    model.answer(model.newest("refresh"), { kind: "refreshed" });
    await settled();
    expect(text()).not.toContain("Waiting for the kernel");
    expect(button("Refresh").getAttribute("aria-disabled")).toBe("false");
  });

  it("a notebook that never had one says why nothing can be refreshed", async () => {
    await show(payload());
    await pass(3000);
    await click(button("Refresh"));
    await pass(1);
    expect(text()).toContain("This is a saved copy of the run. It does not change");
    expect(text()).not.toMatch(/Queued|Waiting for the kernel|current cell/);
    expect(one(".spinning")).toBeNull();
  });

  it("a kernel that has heard the refresh is not waited for", async () => {
    await show(payload());
    await click(button("Refresh"));
    model.answer(model.newest("refresh"), { kind: "heard" });
    await pass(1000);
    expect(text()).not.toContain("Queued");
    expect(one(".spinning")).not.toBeNull();
  });

  it("a failed refresh leaves the data and says why", async () => {
    await show(payload());
    await click(button("Refresh"));
    const notice = { kind: "unreachable", text: "No answer.", detail: null, at: 1 } as const;
    model.answer(model.newest("refresh"), { kind: "failed", notice });
    await settled();
    expect(one("[role=alert]")?.textContent).toContain("No answer.");
    expect(messageAt(1)).toContain("message 0");
  });

  it("is said of a kernel that the host has begun anew and that does not know the card", async () => {
    await show(payload({ header: going }));
    await greet();
    model.reconnect();
    await pass(3000);
    expect(text()).toContain("Kernel disconnected. Rerun this cell.");
    expect(one("[role=switch]")).toBeNull();
    model.reconnect();
    await greet();
    await pass(3000);
    expect(text()).not.toContain("Kernel disconnected");
    expect(one("[role=switch]")).not.toBeNull();
  });
});

describe("the card of another run", () => {
  const task = row("sub", { child_run: "child-1" });

  it("is drawn below, by its own model, and closed again", async () => {
    await show(payload({ tasks: [task] }));
    const other = new WidgetModel();
    await other.put(payload({ header: { name: "child-run" } }));
    model.others.set("m-1", other);
    await openTab("Task runs");
    await click(button("sub-flow"));
    expect(model.newest("open").id).toBe("child-1");
    model.answer(model.newest("open"), { kind: "opened", model: "m-1" });
    const below = () => one(".opened-run .frw-place")?.shadowRoot?.textContent ?? "";
    await until(() => below().includes("child-run"));
    await click(button("Close this card"));
    expect(one(".opened-run")).toBeNull();
    expect([other.listeners, other.newest("bye").kind]).toEqual([0, "bye"]);
  });

  it("that this page cannot draw is not shown", async () => {
    await show(payload({ tasks: [task] }));
    await openTab("Task runs");
    await click(button("sub-flow"));
    model.answer(model.newest("open"), { kind: "opened", model: "nobody" });
    await settled();
    expect(one(".opened-run")).toBeNull();
  });
});

describe("hostile text", () => {
  const hostile = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "\u202egnp.exe\u202c",
    "lone \ud800 surrogate",
    "&lt;b&gt;",
    "]]><svg onload=alert(1)>",
  ];
  const everywhere = payload({
    rows: hostile.map((message, i) => line(i, message)),
    tasks: hostile.map((label) => row(label)),
    header: {
      name: hostile[0] ?? null,
      flow: hostile[1] ?? null,
      parameters: hostile.map((value) => [value, value]),
      facts: hostile.map((value) => [value, value]),
      labels: hostile,
      ui_url: "javascript:alert(1)",
      source_url: hostile[2] ?? "",
    },
    more: { expression: hostile[0] ?? "" },
  });

  it("stays text in every part of the card", async () => {
    await show(everywhere);
    for (const part of ["Logs", "Task runs", "Timeline", "Details"]) {
      await openTab(part);
      const harm = "img, script, iframe, [onerror], [onload], a[href^=javascript]";
      expect(all(harm)).toHaveLength(0);
      expect(text()).toContain("<img src=x onerror=alert(1)>");
    }
  });

  it("reads as it was written in the rows", async () => {
    await show(everywhere);
    const whole = (words: string) => words.replace("\ud800", "\ufffd");
    hostile.forEach((message, i) => {
      expect(whole(messageAt(i + 1) ?? "")).toBe(whole(message));
    });
  });
});

it("the card's own element is the root of a shadow tree", async () => {
  await show(payload());
  expect(root().host.className).toBe("frw-place");
});
