/** The filter line: what is typed, proposed, wrong, found and recalled. */

import { describe, expect, it } from "vitest";
import {
  all,
  answerQuery,
  button,
  click,
  field,
  focused,
  greet,
  messageAt,
  model,
  one,
  pass,
  point,
  press,
  root,
  rowsShown,
  settled,
  show,
  text,
  words,
  write,
} from "../../page";
import { lines, payload } from "../../samples";

const hits = () => words(".hits");
const described = (attribute: string) =>
  root().getElementById(field().getAttribute(attribute) ?? "")?.textContent;

describe("what is typed", () => {
  it("is asked at every keystroke, and how many lines fit is told", async () => {
    await show(payload({ total: 5000 }));
    await write("level:error");
    expect(model.newest("query").query.text).toBe("level:error");
    expect(hits()).toBe("…");
    await answerQuery(5, { shown: 17 });
    expect(hits()).toBe("5 hits");
    expect(words("footer")).toContain("5 hits, 4\u202f983 hidden");
    expect(words("footer")).toContain('fw.card("amber-heron").filtered_logs 5 rows');
    await answerQuery(1);
    expect(hits()).toBe("5 hits");
  });

  it("is a lower bound while lines are being read", async () => {
    await show(payload({ total: 5000, logs: { is_complete: false } }));
    await write("level:error");
    await answerQuery(5);
    expect(hits()).toBe("≥ 5 hits");
  });

  it("that is wrong says so under the line, and the last good result stays", async () => {
    await show(payload());
    const before = rowsShown();
    await write("tsk:load ");
    expect(described("aria-describedby")).toContain("Unknown key: tsk");
    expect(field().getAttribute("aria-invalid")).toBe("true");
    expect(words(".filter-wrong")).toBe("tsk:load");
    expect(rowsShown()).toEqual(before);
  });

  it("and is not finished is not called wrong, and keeps the list", async () => {
    await show(payload({ total: 5000 }));
    const before = rowsShown();
    for (const unfinished of ["level:", "level>=", "task:", '"open', "/open", "reset /op"]) {
      await write(unfinished);
      expect([words(".hits"), one(".hits")?.title]).toEqual([
        "not finished",
        expect.stringMatching(/Nothing to look for|never closed/),
      ]);
      expect([unfinished, one(".filter-error"), field().getAttribute("aria-invalid")]).toEqual([
        unfinished,
        null,
        null,
      ]);
      expect(rowsShown()).toEqual(before);
    }
    expect(model.allAsked("query").map(({ query }) => query.text)).toEqual(["", "reset"]);
  });

  it("is coloured below the field, each key and each value", async () => {
    await show(payload());
    await write("-level:debug reset");
    expect(all(".filter-tint span").map((part) => [part.className, part.textContent])).toEqual([
      ["filter-key", "-level:"],
      ["filter-value", "debug"],
      ["", " "],
      ["filter-value", "reset"],
    ]);
  });

  it("is told to those who listen at most once a second", async () => {
    await show(payload({ total: 5000 }));
    const said = () => words(".filter-line [role=status]");
    await write("level:error");
    await answerQuery(5);
    await pass(1000);
    expect(said()).toBe("5 hits, 4\u202f995 lines hidden");
    await write("level:info");
    await answerQuery(7);
    expect(said()).toContain("5 hits");
    await pass(1000);
    expect(said()).toContain("7 hits");
  });

  it("is cleared by the button, and the field has the focus", async () => {
    await show(payload());
    await write("level:error");
    await click(button("Clear the filter"));
    expect([field().value, focused() === field()]).toEqual(["", true]);
    expect(model.newest("query").query.text).toBe("");
  });
});

describe("Enter", () => {
  it("goes to the next hit, Shift+Enter to the one before, and the field keeps the focus", async () => {
    await show(payload());
    await write("message");
    await answerQuery(60);
    await press(field(), "Enter");
    expect(model.newest("find")).toMatchObject({ what: "hit", step: 1 });
    model.answer(model.newest("find"), { kind: "found", what: "hit", place: 3, seq: 3, nth: 4 });
    await settled();
    expect(hits()).toBe("4 of 60 hits");
    expect(focused()).toBe(field());
    await press(field(), "Enter", { shiftKey: true });
    expect(model.newest("find")).toMatchObject({ at: 3, step: -1 });
    await click(button("Previous hit"));
    expect(model.newest("find")).toMatchObject({ step: -1 });
  });

  it("that confirms what is composed goes nowhere", async () => {
    await show(payload());
    await write("message");
    await answerQuery(60);
    const event = await press(field(), "Enter", { isComposing: true });
    expect([model.allAsked("find"), event.defaultPrevented]).toEqual([[], false]);
  });
});

describe("Esc", () => {
  it("leaves the line step by step: suggestions, the hit, the field", async () => {
    await show(payload());
    await write("message");
    await answerQuery(60, { hit: { place: 2, seq: 2, nth: 3 } });
    expect(hits()).toBe("3 of 60 hits");
    await press(field(), "Escape");
    expect([hits(), focused() === field()]).toEqual(["60 hits", true]);
    await press(field(), "Escape");
    expect(focused()?.className).toContain("log-rows");
    expect(field().value).toBe("message");
  });
});

describe("suggestions", () => {
  const expanded = () => field().getAttribute("aria-expanded");
  const options = () => all("[role=option] code").map((option) => option.textContent);
  const suggest = async () => {
    await write("tas");
    await pass(80);
    const items: [string, string][] = [
      ['task="load"', "3 lines"],
      ['task="tidy"', ""],
    ];
    model.answer(model.newest("suggest"), { kind: "suggestions", start: 0, end: 3, items });
    await settled();
  };

  it("are asked for a moment after the last key", async () => {
    await show(payload());
    await write("t");
    await pass(79);
    await write("ta");
    await pass(79);
    expect(model.allAsked("suggest")).toEqual([]);
    await pass(1);
    expect(model.allAsked("suggest")).toMatchObject([{ text: "ta", caret: 2 }]);
    await write("ta ");
    await pass(500);
    expect(model.allAsked("suggest")).toHaveLength(1);
  });

  it("are taken by arrow and Enter, or Tab", async () => {
    await show(payload());
    await suggest();
    expect([expanded(), options()]).toEqual(["true", ['task="load"', 'task="tidy"']]);
    await press(field(), "ArrowDown");
    await press(field(), "ArrowDown");
    expect(described("aria-activedescendant")).toContain("tidy");
    await press(field(), "ArrowDown");
    await press(field(), "ArrowUp");
    await press(field(), "Tab");
    expect([field().value, expanded()]).toEqual(['task="tidy"', "false"]);
  });

  it("are taken by a pointer, and the field keeps the focus", async () => {
    await show(payload());
    await suggest();
    await point(all("[role=option]")[0] as HTMLElement, "pointerdown");
    expect([field().value, focused() === field()]).toEqual(['task="load"', true]);
  });

  it("do not stand in the way of Tab where none is chosen", async () => {
    await show(payload());
    await suggest();
    expect((await press(field(), "Tab")).defaultPrevented).toBe(false);
  });

  it("are closed by Esc, and when the field is left", async () => {
    await show(payload());
    await suggest();
    await press(field(), "Escape");
    expect([expanded(), focused() === field()]).toEqual(["false", true]);
    await suggest();
    field().blur();
    await settled();
    expect(expanded()).toBe("false");
  });
});

describe("arrow up in an empty line", () => {
  it("brings back what was used before, and arrow down what came after", async () => {
    await show(payload());
    for (const used of ["level:error", "level:info"]) {
      await write(used);
      await press(field(), "Enter");
    }
    await write("");
    const recalled: string[] = [];
    for (const key of ["ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"]) {
      await press(field(), key);
      recalled.push(field().value);
    }
    expect(recalled).toEqual(["level:info", "level:error", "level:info", ""]);
    expect(model.newest("query").query.text).toBe("");
  });

  it("does nothing in a line that has a text of its own", async () => {
    await show(payload());
    await write("level:error");
    await press(field(), "Enter");
    await write("level:de");
    const event = await press(field(), "ArrowUp");
    expect([field().value, event.defaultPrevented]).toEqual(["level:de", false]);
  });
});

describe("Ctrl+Backspace", () => {
  it("is left to the browser, which takes a word away", async () => {
    await show(payload());
    await write("level:error reset");
    const event = await press(field(), "Backspace", { ctrlKey: true });
    expect([event.defaultPrevented, field().value]).toEqual([false, "level:error reset"]);
  });
});

describe("a level pill", () => {
  it("writes into the line, and is pressed while its level is shown", async () => {
    await show(payload());
    const pill = (name: string) => one(`.pill[aria-label^=${name}]`);
    const pressed = () => pill("Warning")?.getAttribute("aria-pressed");
    expect(pill("Warning")?.getAttribute("aria-label")).toBe("Warning, 2 lines");
    await click(pill("Error"));
    expect([field().value, pressed()]).toEqual(["level:error", "false"]);
    await click(pill("Warning"));
    expect([field().value, pressed()]).toEqual(["level:error level:warning", "true"]);
    await click(pill("Error"));
    await click(pill("Warning"));
    expect(field().value).toBe("");
  });
});

describe("where nothing fits", () => {
  it("what is proposed can be taken over", async () => {
    await show(payload());
    await write("task:laod slow");
    await answerQuery(0, { advice: "No task is called laod. Did you mean task:load?" });
    expect(text()).toContain("No line matches");
    await click(button("task:load"));
    expect(field().value).toBe("slow task:load");
  });

  it("the advice stands above the rows where every line is shown", async () => {
    await show(payload());
    await write("nothing-has-it");
    await answerQuery(60, { hits: 0, advice: "Nothing has it." });
    expect(words("p.filter-error")).toBe("Nothing has it.");
    expect(rowsShown().length).toBeGreaterThan(9);
  });
});

describe("while the kernel is busy", () => {
  it("the loaded lines answer, and say how many they are", async () => {
    await show(payload({ total: 5000, rows: lines(0, 200) }));
    await greet();
    await write("/message 19/ level:info");
    await pass(301);
    expect(hits()).toBe("11 hits in the 200 loaded lines");
    expect(text()).toContain("Waiting for the kernel");
    expect(messageAt(20)).toBe("message 19");
    model.answer(model.newest("query"), { kind: "heard" });
    await settled();
    expect(text()).not.toContain("Waiting for the kernel");
  });
});
