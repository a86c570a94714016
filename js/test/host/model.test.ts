// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import card from "../src/card";
import { settled, until } from "./model";
import { line, lines, payload, window } from "./sample";
import { button, el, messageAt, model, open, prepare, rowsShown, show, stop, text } from "./shown";
import { row } from "./task-rows";

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
    open();
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
    prepare();
    await model.put(payload({ tasks: [row("extract")] }));
    model.isDead = true;
    open();
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
