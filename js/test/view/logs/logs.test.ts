// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import type { Payload } from "../src/core/wire";
import { mount } from "../src/parts/card";
import { Store } from "../src/store";
import { settled, until } from "./model";
import { failed, lines, looked, payload } from "./sample";
import { el, model, show, stop, text } from "./shown";
import { row, second } from "./task-rows";

const going = {
  is_finished: false,
  ended_at: null,
  state: { ...failed, name: "Running", family: "running" },
} as const;
const followed = (more: Partial<Payload> = {}) =>
  payload({ header: going, more: { is_following: true, ...more } });

async function put(data: Payload): Promise<void> {
  await model.put(data);
  await until(() => true);
}

const toggle = () => el.querySelector<HTMLElement>("[role=switch]");

describe("the switch", () => {
  it("is there while there is more to come, and says whether it is on", async () => {
    await show(payload({ header: going }));
    expect(toggle()?.getAttribute("aria-label")).toBe("Follow this run");
    expect(toggle()?.getAttribute("aria-checked")).toBe("false");
    await put(followed());
    await until(() => toggle()?.getAttribute("aria-checked") === "true");
    await put(payload({ header: { name: "over" } }));
    await until(() => text().includes("over"));
    expect(toggle()).toBeNull();
  });

  it("stays until the last lines of a run that has ended are there", async () => {
    await show(payload({ more: { is_following: true } }));
    expect(toggle()?.getAttribute("aria-checked")).toBe("true");
  });

  it("asks for the other, by click and by key", async () => {
    await show(payload({ header: going }));
    toggle()?.click();
    expect(model.newest("follow").is_on).toBe(true);
    await put(followed());
    await until(() => toggle()?.getAttribute("aria-checked") === "true");
    const key = new KeyboardEvent("keydown", { key: "l", bubbles: true, cancelable: true });
    el.querySelector(".scroll")?.dispatchEvent(key);
    expect(model.newest("follow").is_on).toBe(false);
  });

  it("is offered where there are no lines yet", async () => {
    await show(payload({ rows: [], header: going }));
    const offer = [...el.querySelectorAll<HTMLElement>(".empty button")];
    expect(offer.map((button) => button.textContent)).toEqual(["Follow this run"]);
    offer[0]?.click();
    expect(model.newest("follow").is_on).toBe(true);
  });

  it("that a kernel does not hear within 300 ms is waited for", async () => {
    await show(payload({ header: going }));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    toggle()?.click();
    vi.advanceTimersByTime(301);
    await settled();
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
    tasks: ["extract-id"],
  };
  const marked = () => [...el.querySelectorAll(".r.new .ln")].map((cell) => cell.textContent);

  it("is marked in its rows, in words too, and told in a line after a refresh", async () => {
    await show(payload({ header: going, more: { changes } }));
    expect(marked()).toEqual(["59", "60"]);
    expect(el.querySelector(".r.new .mg")?.textContent).toMatch(/^New /);
    expect(text()).toContain("+2 lines");
  });

  it("is only marked while the run is followed", async () => {
    await show(followed({ changes }));
    expect(marked()).toEqual(["59", "60"]);
    expect(text()).not.toContain("+2 lines");
    expect(text()).not.toContain("2 new lines");
  });

  it("is marked among the task runs", async () => {
    const tasks = [row("extract"), row("load")];
    const [first] = tasks;
    const changed = { ...changes, tasks: [first?.[0] as string] };
    await show(payload({ header: going, tasks, more: { changes: changed } }));
    [...el.querySelectorAll<HTMLElement>("[role=tab]")]
      .find((tab) => tab.textContent?.includes("Task runs"))
      ?.click();
    await settled();
    const rows = [...el.querySelectorAll<HTMLElement>(".tr.new")];
    expect(rows.map((each) => [each.title, each.querySelector(".task")?.textContent])).toEqual([
      ["Changed", "extract"],
    ]);
  });

  it("is shown at once to who reads the end, and counted to who reads elsewhere", async () => {
    const at = (snapshot: number, total: number, more = {}) => {
      const rows = lines(total - 60, 60);
      return payload({ snapshot, total, start: total - 60, rows, header: going, more });
    };
    await show(at(1, 500, { is_following: true }));
    model.answer(model.newest("look"), looked(500));
    await settled();
    expect(el.querySelector(".follow")?.textContent).toContain("Following");
    const scroller = el.querySelector<HTMLElement>(".scroll") as HTMLElement;
    scroller.scrollTop = 2000;
    scroller.dispatchEvent(new Event("scroll"));
    await put(at(2, 512, { is_following: true }));
    await until(() => text().includes("Paused · 12 new lines"));
    expect(scroller.scrollTop).toBe(2000);
    el.querySelector<HTMLElement>("button.follow")?.click();
    await settled();
    expect(el.querySelector(".follow")?.textContent).toContain("Following");
  });

  it("is no reason to say Following while nobody does", async () => {
    await show(payload({ total: 500, start: 440, rows: lines(440, 60), header: going }));
    expect(el.querySelector(".follow")).toBeNull();
  });
});

describe("a server that fails", () => {
  const notice = {
    kind: "unreachable",
    text: "prefect.example.com has not answered since 09:43:12 UTC.",
    detail: null,
    at: second(1),
    retry_seconds: 12,
  } as const;

  it("is tried again after a countdown, which is not read out each second", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
    await show(followed({ notice }));
    expect(text()).toMatch(/Trying again in 12\ss/);
    vi.advanceTimersByTime(5000);
    await settled();
    expect(text()).toMatch(/Trying again in 7\ss/);
    expect(el.querySelector("[role=alert]")?.textContent).not.toContain("Trying");
    vi.advanceTimersByTime(9000);
    await settled();
    expect(text()).toContain("Trying again");
    expect(text()).not.toContain("Trying again in");
    await put(followed({ notice: { ...notice, retry_seconds: 90 } }));
    await until(() => /Trying again in 1\smin 30\ss/.test(text()));
    await put(followed());
    await until(() => !text().includes("has not answered"));
  });

  it("that will not be tried again has no countdown", async () => {
    await show(payload({ more: { notice: { ...notice, retry_seconds: null } } }));
    expect(text()).toContain("has not answered");
    expect(text()).not.toContain("Trying again");
  });
});

describe("the page", () => {
  it("tells whether the browser shows it", async () => {
    await show(followed());
    const hidden = vi.spyOn(document, "hidden", "get");
    for (const isHidden of [true, false]) {
      hidden.mockReturnValue(isHidden);
      document.dispatchEvent(new Event("visibilitychange"));
      expect(model.newest("seen").is_seen).toBe(!isHidden);
    }
    stop();
    const asked = model.asked.length;
    document.dispatchEvent(new Event("visibilitychange"));
    expect(model.asked).toHaveLength(asked);
  });

  it("says that the kernel has gone if the host has another that does not know the card", async () => {
    await show(followed());
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    model.comm();
    vi.advanceTimersByTime(3000);
    await settled();
    expect(text()).toContain("The kernel has gone; run the cell again.");
    expect(toggle()).toBeNull();
    model.comm();
    model.answer(model.newest("hello"), { kind: "heard" });
    vi.advanceTimersByTime(3000);
    await settled();
    expect(text()).not.toContain("The kernel has gone");
    expect(toggle()).not.toBeNull();
  });
});

describe("a page without a kernel", () => {
  it("says nothing of what only a kernel does", async () => {
    const notice = { kind: "unreachable", text: "Away.", detail: null, at: 1, retry_seconds: 9 };
    const store = new Store(() => {});
    store.receive(followed({ notice: notice as Payload["notice"] }));
    const page = document.createElement("div");
    mount(store, page);
    expect(page.textContent).toContain("Away.");
    for (const words of ["Trying again", "Following", "Follow"])
      expect(page.textContent).not.toContain(words);
    store.dispose();
  });
});
