// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { settled, until } from "./model";
import { lines, payload } from "./sample";
import {
  button,
  el,
  field,
  messageAt,
  model,
  press,
  rowsShown,
  say,
  show,
  text,
  write,
} from "./shown";

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
