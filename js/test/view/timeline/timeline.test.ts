/** The timeline: rows, the run's states, pointing, zooming, the critical path. */

import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Payload, SPAN_KINDS } from "../../../src/protocol/wire";
import {
  all,
  button,
  click,
  focused,
  model,
  one,
  openTab,
  point,
  press,
  settled,
  show,
  words,
  write,
} from "../../page";
import { type completed, failed, payload, running } from "../../samples";
import { FAILED, mapped, row, second } from "../../task-samples";

const tasks = [
  row("extract", { started: 1, ended: 20 }),
  ...mapped(3),
  row("publish", { state: FAILED, started: 60, ended: 100 }),
];

async function open(more: Partial<Payload> = {}): Promise<void> {
  await show(payload({ total: 3, tasks, more }));
  await openTab("Timeline");
}

const labels = () => all(".row-label").map((label) => label.textContent);
const axis = () => one(".time-labels") as HTMLElement;
const times = () => all(".time-labels > span:not(.pointed-time)").map((each) => each.textContent);

beforeEach(() => {
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue({
    left: 0,
    top: 0,
    width: 1000,
    height: 400,
    right: 1000,
    bottom: 400,
  } as DOMRect);
});

describe("the rows", () => {
  it("are the task runs in the order of their starts, or one for each task", async () => {
    await open();
    expect(labels()).toEqual(["extract", "load[0]", "load[1]", "load[2]", "publish"]);
    await click(button("By task"));
    expect(labels()).toEqual(["extract", "load[0..2]", "publish"]);
  });

  it("are said as a sentence each, and selected by arrows", async () => {
    await open();
    const [first] = all("[role=listitem]");
    expect(first?.getAttribute("aria-label")).toBe(
      "extract: 1 attempt, 10\u202fs running, 0.5\u202fs waiting",
    );
    await press(first as HTMLElement, "ArrowDown");
    expect(focused()?.getAttribute("aria-label")).toContain("load[0]");
    expect(model.newest("select").tasks).toEqual(["id-load[0]"]);
    expect(words(".picked-words")).toContain("load[0]");
  });
});

describe("the run's own states", () => {
  it("are a band with their lengths, and the last one a mark with its time", async () => {
    const at = (state: typeof completed, moment: number) => ({ ...state, at: second(moment) });
    await open({
      states: [
        at(running, 1),
        at({ ...running, name: "Paused", family: "paused" }, 40),
        at(failed, 100),
      ],
    });
    const band = all(".timeline .table-head .span-bars > i");
    expect(band.map((each) => [each.className, each.title])).toEqual([
      ["state-band is-running", "Running, 39\u202fs"],
      ["state-band is-paused", "Paused, 1\u202fmin"],
      ["end-mark is-failed", "Failed 12:01:40"],
    ]);
    expect(band[0]?.textContent).toBe("Running, 39\u202fs");
  });

  it("have no words where there is no room for them", async () => {
    const states = Array.from({ length: 40 }, (_, i) => ({
      ...running,
      name: i % 2 ? "Cancelling" : "Cancelled",
      at: second(2 * i + 1),
    }));
    await open({ states });
    const words = all(".state-band span").map((each) => each.textContent);
    expect(words.filter((each) => each !== "").length).toBeLessThan(3);
  });
});

describe("pointing at a time", () => {
  it("shows it on the axis, and takes it away again", async () => {
    await open();
    const frame = one(".timeline-frame") as HTMLElement;
    frame.dispatchEvent(new MouseEvent("mousemove", { clientX: 500, bubbles: true }));
    await settled();
    expect(words(".pointed-time")).toBe("12:00:50");
    expect(one(".pointed")?.style.left).toMatch(/^50\.?\d*%$/);
    frame.dispatchEvent(new MouseEvent("mouseleave"));
    await settled();
    expect(one(".pointed-time")).toBeNull();
  });
});

describe("zooming", () => {
  it("is dragging over the axis; a double click shows all again", async () => {
    await open();
    const before = times();
    await point(axis(), "pointerdown", { clientX: 200 });
    await point(axis(), "pointermove", { clientX: 400 });
    expect(one(".overlay .brushed")).not.toBeNull();
    axis().dispatchEvent(new Event("lostpointercapture"));
    await settled();
    expect(times()[0]).toBe("12:00:20");
    expect(times().every((time) => (time ?? "") <= "12:00:40")).toBe(true);
    axis().dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    await settled();
    expect(times()).toEqual(before);
  });

  it("is done by the wheel with Ctrl, about the pointer", async () => {
    await open();
    const before = times();
    const frame = one(".timeline-frame") as HTMLElement;
    const wheel = async (deltaY: number, ctrlKey: boolean) => {
      const event = new WheelEvent("wheel", { deltaY, bubbles: true, cancelable: true });
      // happy-dom's wheel has neither keys nor a place.
      Object.defineProperties(event, { ctrlKey: { value: ctrlKey }, clientX: { value: 500 } });
      frame.dispatchEvent(event);
      await settled();
    };
    await wheel(-400, false);
    expect(times()).toEqual(before);
    await wheel(-400, true);
    expect(times()).not.toEqual(before);
    expect(times().every((time) => (time ?? "") > "12:00:30" && (time ?? "") < "12:01:10")).toBe(
      true,
    );
    await wheel(4000, true);
    expect(times()).toEqual(before);
  });

  it("leads to what is selected, and back", async () => {
    await open();
    expect(button("Zoom to selection").getAttribute("aria-disabled")).toBe("true");
    await click(all("[role=listitem]")[4]);
    await click(button("Zoom to selection"));
    expect(times().every((time) => (time ?? "") > "12:00:57")).toBe(true);
    await click(button("Show the whole run"));
    expect(times().some((time) => (time ?? "") < "12:00:57")).toBe(true);
  });
});

describe("idle stretches", () => {
  it("are folded, which the footer says, or drawn as long as they were", async () => {
    await open({ idle: [[second(22), second(58)]] });
    expect(all(".overlay .fold")).toHaveLength(1);
    expect(words("footer")).toContain("idle gap of 36\u202fs folded");
    await click(button("Fold idle"));
    expect(all(".overlay .fold")).toHaveLength(0);
    expect(words("footer")).not.toContain("idle gap");
  });
});

describe("the critical path", () => {
  const critical = { path: [0, 2, 4], seconds: 99, waited: 12 };

  it("runs along its rows, is explained, and can be hidden", async () => {
    const data = payload({ tasks });
    await open({ tasks: data.tasks && { ...data.tasks, critical } });
    expect(all(".overlay .critical")).toHaveLength(3);
    expect(words(".legend")).toContain(
      "critical path: 1\u202fmin 39\u202fs, of which 12\u202fs waiting",
    );
    await click(button("Critical path"));
    expect(all(".overlay .critical")).toHaveLength(0);
    expect(words(".legend")).not.toContain("critical path");
  });
});

it("the time that the filter asks for is marked", async () => {
  await show(payload({ tasks }));
  await write("time:12:00:20..12:00:40");
  await openTab("Timeline");
  expect(one(".overlay .brushed")?.style.left).toMatch(/^20(\.\d+)?%$/);
});

it("the legend has what occurs", async () => {
  const several = row("x", { spans: [second(1), second(9), 5] });
  await show(payload({ total: 3, tasks: [several] }));
  await openTab("Timeline");
  expect(words(".legend")).toContain("several attempts");
  expect(all("[role=listitem] .span-bars i").map((bar) => bar.className)).toEqual(["several"]);
  await show(
    payload({
      total: 3,
      tasks: [row("y", { spans: [second(1), second(9), SPAN_KINDS.indexOf("failed")] })],
    }),
  );
  await openTab("Timeline");
  expect(words(".legend")).toContain("ran, failed");
  await open();
  expect(all(".legend > span").map((each) => each.textContent)).toEqual([
    "waiting",
    "ran, completed",
    "cached",
    "never started",
  ]);
});
