// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import card from "../src/card";
import type { Payload } from "../src/core/wire";
import { QuietModel, settled, until } from "./model";
import { line, lines, looked, payload, window } from "./sample";
import { row } from "./task-rows";

let el: HTMLElement;
let model: QuietModel;
let stop: () => void;

async function show(data?: Payload | DataView): Promise<void> {
  model = new QuietModel();
  if (data) await model.put(data);
  el = document.createElement("div");
  document.body.append(el);
  stop = card.render({ model, el });
  if (data) await until(() => !text().includes("The run is on its way"));
}

const text = () => el.textContent ?? "";
/** Says how many items the look has, as the kernel does at once. */
const say = async (total: number, more: object = {}) => {
  model.answer(model.newest("look"), looked(total, more));
  await settled();
};
const field = () => el.querySelector<HTMLInputElement>("[role=combobox]") as HTMLInputElement;
const write = async (words: string) => {
  field().focus();
  field().value = words;
  field().dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
};
const rowsShown = () =>
  [...el.querySelectorAll(".r")].map((row) => Number(row.querySelector(".ln")?.textContent));
const messageAt = (number: number) =>
  [...el.querySelectorAll(".r")]
    .find((row) => row.querySelector(".ln")?.textContent === String(number))
    ?.querySelector(".mg")?.textContent;
const button = (name: string) =>
  [...el.querySelectorAll("button")].find((b) =>
    b.textContent?.includes(name),
  ) as HTMLButtonElement;
const press = (target: Element | null, key: string) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  target?.dispatchEvent(event);
  return event;
};

beforeEach(() => {
  document.body.innerHTML = "";
});
afterEach(() => {
  stop?.();
  vi.useRealTimers();
});

describe("a view of the card", () => {
  it("greets when it appears, leaves when it goes, and takes everything with it", async () => {
    const styles = () => document.querySelectorAll("style.frw-twin").length;
    await show(payload());
    expect(model.asked[0]?.kind).toBe("hello");
    expect(el.classList.contains("frw-live")).toBe(true);
    expect(styles()).toBe(1);
    stop();
    expect(model.asked.at(-1)?.kind).toBe("bye");
    expect(el.classList.contains("frw-live")).toBe(false);
    expect([el.innerHTML, model.listeners(), styles()]).toEqual(["", 0, 0]);
  });

  it("hides its static twin by class, and no class that is none", async () => {
    await show(payload());
    expect(document.querySelector("style.frw-twin")?.textContent).toContain(
      ".frw-twin-1:not(.jp-Cell *){display:none",
    );
    stop();
    model.twin = "x}body{display:none";
    stop = card.render({ model, el });
    expect(document.querySelector("style.frw-twin")).toBeNull();
  });

  it("says of when the saved copy is, as long as its twin is of another snapshot", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    const twin = document.createElement("div");
    twin.className = "frw-fallback frw-twin-1";
    twin.innerHTML = '<span class="frw-s1">09:41:20 UTC</span>';
    document.body.append(twin);
    await show(payload());
    const isSaid = () => {
      vi.advanceTimersByTime(1000);
      return text().includes("Saved copy: 09:41:20 UTC");
    };
    expect(isSaid()).toBe(false);
    await model.put(payload({ snapshot: 2 }));
    await until(isSaid);
    twin.innerHTML = '<span class="frw-s2">09:43:12 UTC</span>';
    await until(() => !isSaid());
  });

  it("waits a minute for the twin of a run that is followed", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "Date"] });
    const twin = document.createElement("div");
    twin.className = "frw-fallback frw-twin-1";
    document.body.append(twin);
    await show(payload({ snapshot: 9, more: { is_following: true } }));
    const isSaid = () => {
      vi.advanceTimersByTime(1000);
      return text().includes("Saved copy");
    };
    for (const time of ["09:41:20 UTC", "09:41:50 UTC", "09:42:20 UTC"]) {
      twin.innerHTML = `<span class="frw-s1">${time}</span>`;
      for (let second = 0; second < 30; second++) expect(isSaid()).toBe(false);
      await settled();
      expect(isSaid()).toBe(false);
    }
    vi.advanceTimersByTime(60_000);
    await until(isSaid);
  });

  it("puts its styles into the document once, however many views there are", async () => {
    await show(payload());
    const second = document.createElement("div");
    document.body.append(second);
    card.render({ model, el: second })();
    expect(document.querySelectorAll("style.frw-style")).toHaveLength(1);
  });

  it("has a name and a number for its questions that no other view has", async () => {
    await show(payload());
    const first = model.newest("hello");
    const again = card.render({ model, el: document.createElement("div") });
    expect(model.newest("hello").view).not.toBe(first.view);
    again();
  });

  it("names the run and its state", async () => {
    await show(payload());
    const article = el.querySelector("article");
    expect(article?.getAttribute("aria-label")).toBe(
      "Flow run nightly-orders amber-heron, completed",
    );
    expect(article?.dataset.lmSuppressShortcuts).toBe("true");
  });
});

describe("data that cannot be read", () => {
  it("is told in words in the card", async () => {
    await show(new DataView(new Uint8Array([1, 2, 3]).buffer));
    expect(el.querySelector("[role=alert]")?.textContent).toContain("damaged");
  });
  it("leaves what was shown before in place", async () => {
    await show(payload());
    await model.put(new DataView(new Uint8Array([9]).buffer));
    await until(() => text().includes("damaged"));
    expect(text()).toContain("amber-heron");
  });
  it("is not there yet before the first payload", async () => {
    await show();
    expect(text()).toContain("The run is on its way");
    await model.put(payload());
    await until(() => text().includes("amber-heron"));
  });
});

describe("answers", () => {
  const far = payload({ total: 5000 });
  const jump = (row: number) => {
    const scroller = el.querySelector<HTMLElement>(".scroll");
    if (!scroller) throw new Error("no rows");
    scroller.scrollTop = row * 20;
    scroller.dispatchEvent(new Event("scroll"));
  };
  it("fill the rows that were asked for", async () => {
    await show(far);
    jump(3000);
    await settled();
    const question = model.newest("rows");
    expect(question.start).toBeLessThanOrEqual(3000);
    expect(question.start + question.count).toBeGreaterThan(3022);
    model.answer(question, {
      kind: "rows",
      window: window(question.start, lines(question.start, question.count)),
    });
    await settled();
    expect(messageAt(3001)).toContain("message 3000");
  });

  it.each([
    ["for another view", { view: "stranger" }],
    ["to an older question", { n: 1 }],
    ["about another snapshot", { snapshot: 7 }],
  ])("%s are dropped", async (_name, changed) => {
    await show(far);
    jump(3000);
    await settled();
    const question = model.newest("rows");
    model.answer(
      question,
      { kind: "rows", window: window(question.start, lines(question.start, question.count)) },
      changed,
    );
    await settled();
    expect(messageAt(3001)).toBeUndefined();
  });

  it("that are malformed are dropped", async () => {
    await show(far);
    for (const content of [
      null,
      3,
      "rows",
      [],
      {},
      { kind: "rows", view: model.newest("hello").view },
    ]) {
      expect(() => model.say(content)).not.toThrow();
    }
  });

  it("bring the whole of a line that was cut", async () => {
    await show(payload({ rows: [line(0, "abc", { length: 6 })] }));
    el.querySelector<HTMLElement>(".more")?.click();
    await settled();
    expect(text()).toContain("The first 3 of 6 characters");
    const question = model.newest("line");
    model.answer(question, { kind: "line", seq: question.seq, message: "abcdef" });
    await settled();
    expect(el.querySelector(".pn pre")?.textContent).toBe("abcdef");
  });
});

describe("a new snapshot", () => {
  it("keeps the place and the current row, and asks again for what is shown", async () => {
    await show(payload({ total: 5000, start: 0, rows: lines(0, 200) }));
    const scroller = el.querySelector<HTMLElement>(".scroll") as HTMLElement;
    scroller.scrollTop = 2000;
    scroller.dispatchEvent(new Event("scroll"));
    await settled();
    el.querySelector<HTMLElement>("[data-at='104']")?.click();
    await settled();
    const before = rowsShown();
    await model.put(payload({ snapshot: 2, total: 6000, start: 5900, rows: lines(5900, 100) }));
    await until(() => text().includes("6\u202f000 lines"));
    expect(rowsShown()).toEqual(before);
    expect(messageAt(105)).toContain("message 104");
    expect(el.querySelector(".r.cur")?.getAttribute("aria-rowindex")).toBe("105");
    expect(model.newest("rows")).toMatchObject({ snapshot: 2 });
  });

  it("at the tail of a running run shows the new lines", async () => {
    const going = { is_finished: false, ended_at: null };
    await show(payload({ total: 1000, start: 940, rows: lines(940, 60), header: going }));
    expect(rowsShown()).toContain(1000);
    await model.put(
      payload({ snapshot: 2, total: 1010, start: 950, rows: lines(950, 60), header: going }),
    );
    await until(() => rowsShown().includes(1010));
    expect(messageAt(1010)).toContain("message 1009");
  });

  it("says what it brought until that is dismissed", async () => {
    const changes = {
      text: "+312 lines",
      since: 1e15,
      new_lines: 312,
      first_seq: 9,
      is_empty: false,
      tasks: [],
    };
    await show(payload({ more: { changes } }));
    expect(text()).toContain("+312 lines");
    el.querySelector<HTMLElement>("[aria-label=Dismiss]")?.click();
    await settled();
    expect(text()).not.toContain("+312 lines");
    await model.put(payload({ header: { name: "again" }, more: { changes } }));
    await until(() => text().includes("again"));
    expect(text()).not.toContain("+312 lines");
    await model.put(payload({ snapshot: 2, more: { changes } }));
    await until(() => text().includes("+312 lines"));
  });
});

describe("without a kernel", () => {
  it("everything that came with the card is shown, and nothing throws", async () => {
    model = new QuietModel();
    await model.put(payload({ tasks: [row("extract")] }));
    model.isDead = true;
    el = document.createElement("div");
    document.body.append(el);
    stop = card.render({ model, el });
    await until(() => messageAt(1));
    expect(messageAt(1)).toContain("message 0");
    button("Task runs").click();
    await settled();
    expect(text()).toContain("extract");
  });

  it("a refresh is queued after 300 ms and the notice explains", async () => {
    await show(payload());
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    button("Refresh").click();
    vi.advanceTimersByTime(299);
    await settled();
    expect(text()).not.toContain("Queued");
    vi.advanceTimersByTime(1);
    await settled();
    expect(button("Queued").getAttribute("aria-disabled")).toBe("true");
    expect(text()).toContain("Waiting for the kernel");
    button("Queued").click();
    expect(model.asked.filter(({ kind }) => kind === "refresh")).toHaveLength(1);
    model.answer(model.newest("refresh"), { kind: "refreshed" });
    await settled();
    expect(text()).not.toContain("Waiting for the kernel");
    expect(button("Refresh").getAttribute("aria-disabled")).toBe("false");
  });

  it("a kernel that has heard the refresh is not waited for", async () => {
    await show(payload());
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    button("Refresh").click();
    model.answer(model.newest("refresh"), { kind: "heard" });
    vi.advanceTimersByTime(1000);
    await settled();
    expect(text()).not.toContain("Queued");
  });

  it("a failed refresh leaves the data and says why", async () => {
    await show(payload());
    button("Refresh").click();
    const notice = {
      kind: "unreachable" as const,
      text: "The server has not answered.",
      detail: null,
      at: 1,
    };
    model.answer(model.newest("refresh"), { kind: "failed", notice });
    await settled();
    expect(el.querySelector("[role=alert]")?.textContent).toContain("The server has not answered.");
    expect(messageAt(1)).toContain("message 0");
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
      labels: hostile,
      ui_url: "javascript:alert(1)",
      source_url: hostile[2] ?? "",
    },
    more: { expression: hostile[0] ?? "" },
  });

  it("stays text in every part of the card", async () => {
    await show(everywhere);
    for (const part of ["Logs", "Task runs", "Timeline", "Details"]) {
      button(part).click();
      await settled();
      expect(
        el.querySelectorAll("img, script, iframe, [onerror], [onload], a[href^=javascript]"),
      ).toHaveLength(0);
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

describe("keys", () => {
  it("move the current row and stay away from the notebook", async () => {
    await show(payload({ rows: [line(0), line(1), line(2, "x", { level: 40 })] }));
    const heard = vi.fn();
    document.body.addEventListener("keydown", heard);
    const scroller = el.querySelector(".scroll");
    expect(press(scroller, "End").defaultPrevented).toBe(true);
    await settled();
    expect(el.querySelector(".r.cur .mg")?.textContent).toContain("x");
    press(scroller, "ArrowUp");
    await settled();
    expect(el.querySelector(".r.cur .mg")?.textContent).toContain("message 1");
    expect(document.activeElement?.getAttribute("data-at")).toBe("1");
    press(scroller, "Enter");
    await settled();
    expect(el.querySelector(".pn pre")?.textContent).toBe("message 1");
    press(el.querySelector(".pn pre"), "Escape");
    await settled();
    expect(el.querySelector(".pn")).toBeNull();
    expect(heard).not.toHaveBeenCalled();
    press(scroller, "x");
    expect(heard).toHaveBeenCalledOnce();
    document.body.removeEventListener("keydown", heard);
  });

  it("change the tab by arrows, one tab stop for all of them", async () => {
    await show(payload());
    const tab = () => el.querySelector("[role=tab][aria-selected=true]");
    press(tab(), "ArrowLeft");
    await settled();
    expect(tab()?.textContent).toContain("Details");
    expect(el.querySelectorAll("[role=tab][tabindex='0']")).toHaveLength(1);
  });
});

describe("the filter line", () => {
  const expanded = () => field().getAttribute("aria-expanded");
  const options = () => [...el.querySelectorAll("[role=option] code")].map((e) => e.textContent);
  const suggest = async () => {
    await write("tas");
    await until(() => model.asked.some(({ kind }) => kind === "suggest"));
    const items: [string, string][] = [
      ['task="load"', "3 lines"],
      ['task="tidy"', ""],
    ];
    model.answer(model.newest("suggest"), { kind: "suggestions", start: 0, end: 3, items });
    await settled();
  };

  it("asks at every keystroke and tells how many lines fit", async () => {
    await show(payload({ total: 5000 }));
    await write("reset");
    expect(model.newest("look").look.text).toBe("reset");
    expect(el.querySelector(".hits")?.textContent).toBe("…");
    await say(5, { shown: 17 });
    expect(el.querySelector(".hits")?.textContent).toBe("5 hits");
    expect(el.querySelector("footer")?.textContent).toContain("5 hits, 4\u202f983 hidden");
    expect(el.querySelector("footer")?.textContent).toContain("card.filtered_logs 5 rows");
  });

  it("says what is wrong under the line, and shows the last good result on", async () => {
    await show(payload());
    const before = rowsShown();
    await write("tsk:load");
    const said = field().getAttribute("aria-describedby") ?? "";
    expect(document.getElementById(said)?.textContent).toContain("Unknown key: tsk");
    expect(el.querySelector(".bad")?.textContent).toBe("tsk:load");
    expect(rowsShown()).toEqual(before);
  });

  it("goes to the next and to the previous hit by Enter", async () => {
    await show(payload());
    await write("message");
    await say(60);
    press(field(), "Enter");
    expect(model.newest("find")).toMatchObject({ what: "hit", step: 1 });
    model.answer(model.newest("find"), { kind: "found", what: "hit", place: 3, seq: 3, nth: 4 });
    await settled();
    expect(el.querySelector(".hits")?.textContent).toBe("4 of 60 hits");
    expect(document.activeElement).toBe(field());
    field().dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", shiftKey: true, bubbles: true }),
    );
    expect(model.newest("find")).toMatchObject({ at: 3, step: -1 });
  });

  it("takes a suggestion by arrow and Enter, or Tab", async () => {
    await show(payload());
    await suggest();
    expect([expanded(), options()]).toEqual(["true", ['task="load"', 'task="tidy"']]);
    press(field(), "ArrowDown");
    press(field(), "ArrowDown");
    await settled();
    const chosen = field().getAttribute("aria-activedescendant") ?? "";
    expect(document.getElementById(chosen)?.textContent).toContain("tidy");
    press(field(), "Tab");
    await settled();
    expect([field().value, expanded()]).toEqual(['task="tidy"', "false"]);
  });

  it("is left by Esc, one step each, and keeps its text", async () => {
    await show(payload());
    await suggest();
    press(field(), "Escape");
    await settled();
    expect([expanded(), document.activeElement === field()]).toEqual(["false", true]);
    press(field(), "Escape");
    await settled();
    expect(document.activeElement).not.toBe(field());
    expect(field().value).toBe("tas");
  });

  it("is cleared by Ctrl+Backspace", async () => {
    await show(payload());
    await write("reset");
    const event = { key: "Backspace", ctrlKey: true, bubbles: true, cancelable: true };
    field().dispatchEvent(new KeyboardEvent("keydown", event));
    await settled();
    expect([field().value, model.newest("look").look.text]).toEqual(["", ""]);
  });

  it("is what the level pills write into", async () => {
    await show(payload());
    const pill = (name: string) => el.querySelector<HTMLElement>(`.lv[aria-label^=${name}]`);
    const pressed = () => pill("Warning")?.getAttribute("aria-pressed");
    pill("Error")?.click();
    await settled();
    expect([field().value, pressed()]).toEqual(["level:error", "false"]);
    pill("Warning")?.click();
    await settled();
    expect([field().value, pressed()]).toEqual(["level:error level:warning", "true"]);
    pill("Error")?.click();
    pill("Warning")?.click();
    await settled();
    expect(field().value).toBe("");
  });

  it("takes over what is proposed where nothing fits", async () => {
    await show(payload());
    await write("task:laod slow");
    await say(0, { advice: "No task is called laod. Did you mean task:load?" });
    expect(text()).toContain("No line matches");
    button("task:load").click();
    await settled();
    expect(field().value).toBe("slow task:load");
  });

  it("works on the lines held here while the kernel is busy, and says so", async () => {
    await show(payload({ total: 5000, rows: lines(0, 200) }));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await write("message 19");
    vi.advanceTimersByTime(301);
    await settled();
    expect(el.querySelector(".hits")?.textContent).toBe("12 hits among the 200 lines held here");
    expect(text()).toContain("Waiting for the kernel");
    expect(messageAt(20)).toBe("message 19");
    model.answer(model.newest("look"), { kind: "heard" });
    await settled();
    expect(text()).not.toContain("Waiting for the kernel");
  });
});

describe("rows", () => {
  it("stand for hidden lines and for attempts, and open in place", async () => {
    await show(payload());
    await write("reset");
    model.answer(model.newest("look"), {
      kind: "rows",
      window: window(0, [
        [null, 609, 0, 608],
        ["retry", "load[7]", 3, 3, 1200],
        line(609, "Connection reset by peer"),
      ]),
    });
    await say(3, { hits: 1 });
    expect(text()).toContain("609 lines hidden");
    expect(text()).toContain("Attempt 3 of 3 of load[7], after 20\u202fmin of waiting");
    expect(el.querySelector("mark")?.textContent).toBe("reset");
    button("Show 20").click();
    await settled();
    expect(model.newest("look").look.opened).toEqual([[608, -20]]);
  });

  it("are pinned with a note, which the page shows at once", async () => {
    await show(payload());
    el.querySelector<HTMLElement>("[data-at='4']")?.click();
    await settled();
    press(el.querySelector("[data-at='4']"), "p");
    await settled();
    expect(model.newest("pin")).toMatchObject({ seq: 4, note: "" });
    const note = el.querySelector<HTMLInputElement>(".note-f input") as HTMLInputElement;
    expect(document.activeElement).toBe(note);
    note.value = "here it began";
    press(note, "Enter");
    await settled();
    expect(model.newest("pin")).toMatchObject({ seq: 4, note: "here it began" });
    expect(el.querySelector(".pins")?.textContent).toContain("here it began");
    model.keep({ text: "", turn: 0, pins: [] });
    await settled();
    expect(el.querySelector(".pins")).toBeNull();
  });

  it("filter for their task and without it", async () => {
    await show(payload());
    el.querySelector<HTMLElement>("[data-at='4']")?.click();
    await settled();
    press(el.querySelector("[data-at='4']"), "f");
    await settled();
    expect(field().value).toBe('task="load"');
    press(el.querySelector("[data-at='4']"), "F");
    await settled();
    expect(field().value).toBe('-task="load"');
  });

  it("have keys that the list of keys names", async () => {
    await show(payload());
    press(el.querySelector(".scroll"), "?");
    await settled();
    expect(el.querySelector("[aria-label=Keys]")?.textContent).toContain("Next, previous error");
    press(el.querySelector(".scroll"), "Escape");
    await settled();
    expect(el.querySelector("[aria-label=Keys]")).toBeNull();
    press(el.querySelector(".scroll"), "e");
    expect(model.newest("find")).toMatchObject({ what: "error", step: 1 });
  });
});
