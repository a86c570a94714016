// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { settled } from "./model";
import { line, payload, window } from "./sample";
import { button, el, field, model, press, say, show, text, write } from "./shown";

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
