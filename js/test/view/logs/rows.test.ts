/** Log rows: what each shows, moving among them, choosing and copying them. */

import { describe, expect, it, vi } from "vitest";
import { bytes } from "../../kernel";
import {
  all,
  answerQuery,
  button,
  click,
  current,
  field,
  focused,
  keyEvent,
  lineAt,
  model,
  one,
  pass,
  point,
  press,
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
import { line, lines, payload, window } from "../../samples";
import { second } from "../../task-samples";

const many = payload({ total: 5000, rows: lines(0, 200) });
const copied = () => navigator.clipboard.readText();
const currentPlace = () => current()?.getAttribute("data-at");
const chosen = () =>
  all(".log-rows [aria-selected=true]").map((row) => Number(row.getAttribute("data-at")));
/** Takes what is copied once it is there, as browsers do. */
function takeCopies(): string[] {
  const taken: string[] = [];
  vi.spyOn(navigator.clipboard, "write").mockImplementation(async ([item]) => {
    const blob = await item?.getType("text/plain");
    taken.push((await blob?.text()) ?? "");
  });
  return taken;
}

describe("a row", () => {
  it("stands for hidden lines and for attempts, and opens in place", async () => {
    await show(payload());
    await write("reset");
    await click(button("In context"));
    const items = [
      [null, 609, 0, 608],
      ["retry", "load[7]", 3, 3, 1200],
      line(609, "Connection reset by peer"),
      [null, 3, 610, 612],
    ] as Parameters<typeof window>[1];
    model.answer(model.newest("query"), { kind: "rows", window: window(0, items) });
    await answerQuery(4, { hits: 1 });
    expect(text()).toContain("609 lines hidden");
    expect(text()).toContain("Attempt 3 of 3 of load[7], after 20\u202fmin of waiting");
    expect(words("mark")).toBe("reset");
    await click(button("Show 20"));
    expect(model.newest("query").query.opened).toEqual([[608, -20]]);
    await click(all("[data-do=all]")[1]);
    expect(model.newest("query").query.opened).toEqual([
      [608, -20],
      [610, 3],
    ]);
  });

  it("says how many equal lines it stands for", async () => {
    await show(payload({ rows: [line(0, "again", { repeats: 24 }), line(24, "once")] }));
    expect(all(".repeats").map((each) => [each.textContent, each.title])).toEqual([
      ["×24", "24 consecutive equal lines"],
    ]);
  });

  it("has no number where that is not known, and says what is missing", async () => {
    const rows = [line(0), line(1, "late", { position: null })];
    const items = window(0, [rows[0], ["missing", null], rows[1]] as never, 3);
    await show(payload({ rows, total: 2, logs: { window: items, is_complete: false } }));
    expect(words("[data-at='1']")).toBe("Lines in between are not loaded");
    expect(words("[data-at='2'] .cell-line")).toBe("·");
    expect(words("[role=tab]")).toBe("Logs≥ 2");
  });

  it("names the day where it is not that of the run", async () => {
    const rows = [line(0), line(1, "next", { at: second(13 * 3600) })];
    await show(payload({ rows }));
    expect(all(".cell-time .day").map((day) => day.textContent)).toEqual(["22 Nov "]);
  });

  it("shows microseconds where neighbours would read the same", async () => {
    await show(
      payload({ rows: [line(0, "a", { at: second(1) }), line(1, "b", { at: second(1) + 7 })] }),
    );
    expect(words("[data-at='1'] .fraction")).toBe(".000007");
  });

  it("has what can be done with it while it is current or pointed at", async () => {
    await show(payload({ rows: lines(0, 3) }));
    const actions = () =>
      all(".row-actions").map((each) => each.closest("[data-at]")?.getAttribute("data-at"));
    expect(actions()).toEqual([]);
    await point(lineAt(1) as HTMLElement, "pointerover");
    expect(actions()).toEqual(["1"]);
    await click(lineAt(2));
    expect(actions()).toEqual(["1", "2"]);
    await point(scroller(), "pointerleave");
    expect(actions()).toEqual(["2"]);
    await click(button("Filter for this task"));
    expect(field().value).toBe('task="load"');
  });
});

describe("a row that is pinned", () => {
  it("gets a note, which the page shows at once", async () => {
    await show(payload());
    await click(lineAt(4));
    await press(lineAt(4), "p");
    expect(model.newest("pin")).toMatchObject({ seq: 4, note: "" });
    const note = one(".note-line input") as HTMLInputElement;
    expect(focused()).toBe(note);
    note.value = "here it began";
    await press(note, "Enter", { isComposing: true });
    expect(model.newest("pin").note).toBe("");
    await press(note, "Enter");
    expect(model.newest("pin")).toMatchObject({ seq: 4, note: "here it began" });
    expect(words(".pins")).toContain("5");
    expect(words(".pins")).toContain("here it began");
    expect([one(".note-line"), focused()?.getAttribute("data-at")]).toEqual([null, "4"]);
    model.answer(model.newest("pin"), { kind: "pinned" });
    await model.annotate({});
    await until(() => one(".pins") === null);
    expect(one(".line.pinned")).toBeNull();
  });

  it("has the focus in its note before the next key is pressed", async () => {
    await show(payload());
    await click(lineAt(4));
    lineAt(4)?.dispatchEvent(keyEvent("p"));
    await Promise.resolve();
    await Promise.resolve();
    expect(focused()).not.toBeNull();
    expect(focused()).toBe(one(".note-line input"));
  });

  it("is gone to from the list of pins, and its note can be left out", async () => {
    await show(many);
    await click(lineAt(4));
    await press(lineAt(4), "p");
    await press(one(".note-line input"), "Escape");
    expect(model.allAsked("pin")).toHaveLength(1);
    await press(scroller(), "End");
    await click(one(".pins button"));
    expect(currentPlace()).toBe("4");
  });
});

describe("keys", () => {
  it("move the current row, which has the focus", async () => {
    await show(payload({ rows: [line(0), line(1), line(2, "x", { level: 40 })] }));
    expect((await press(scroller(), "End")).defaultPrevented).toBe(true);
    expect(words(".current .cell-message")).toBe("x");
    await press(current(), "ArrowUp");
    expect(words(".current .cell-message")).toBe("message 1");
    expect(focused()?.getAttribute("data-at")).toBe("1");
    await press(current(), "Home");
    await press(current(), "ArrowUp");
    expect(currentPlace()).toBe("0");
    await press(current(), "PageDown");
    expect(currentPlace()).toBe("1");
  });

  it("open the row, and close it", async () => {
    await show(payload({ rows: lines(0, 3) }));
    await press(scroller(), "End");
    await press(current(), "Enter");
    expect(words(".whole-message")).toBe("message 2");
    await press(one(".whole-message"), "Escape");
    expect([one(".panel"), focused()?.getAttribute("data-at")]).toEqual([null, "2"]);
    await press(current(), "ArrowRight");
    await press(current(), "ArrowLeft");
    expect(one(".panel")).toBeNull();
  });

  it("filter for the row's task and without it", async () => {
    await show(payload());
    await click(lineAt(4));
    await press(lineAt(4), "f");
    expect(field().value).toBe('task="load"');
    await press(lineAt(4), "F");
    expect(field().value).toBe('-task="load"');
  });

  it("select the row for Python", async () => {
    await show(payload());
    await click(lineAt(4));
    await press(lineAt(4), " ");
    expect(model.newest("select").seqs).toEqual([4]);
    expect(words("footer")).toContain("1 row selected");
    expect(words("footer .python")).toContain("selection 1 row");
  });

  it("that are pressed on a row that is on its way wait for it", async () => {
    await show(many);
    await answerQuery(5000);
    await press(scroller(), "End");
    expect(currentPlace()).toBe("4999");
    await press(current(), "p");
    expect(model.allAsked("pin")).toEqual([]);
    const question = model.newest("rows");
    const items = lines(question.start, question.count);
    model.answer(question, { kind: "rows", window: window(question.start, items) });
    await settled();
    expect(model.newest("pin").seq).toBe(4999);
  });

  it("are named in a list, and those of the logs work wherever the focus is", async () => {
    await show(payload());
    await press(scroller(), "?");
    expect(one("[aria-label=Keys]")?.textContent).toContain("Next, previous error");
    await press(button("Newest first"), "Escape");
    expect(one("section[aria-label=Keys]")).toBeNull();
    await press(scroller(), "e");
    expect(model.newest("find")).toMatchObject({ what: "error", step: 1 });
    await press(button("Newest first"), "w");
    expect(scroller().classList.contains("wrapped")).toBe(true);
  });

  it.each([
    ["/", {}],
    ["f", { ctrlKey: true }],
    ["f", { metaKey: true }],
  ])("%s %o leads to the filter line, which finds among all rows", async (key, held) => {
    await show(payload());
    await write("old");
    await click(lineAt(2));
    const event = await press(lineAt(2), key, held);
    expect([event.defaultPrevented, focused() === field()]).toEqual([true, true]);
    expect([field().selectionStart, field().selectionEnd]).toEqual([0, 3]);
  });

  it.each([
    ["c", { ctrlKey: true, shiftKey: true }],
    ["C", { ctrlKey: true, shiftKey: true }],
    ["F", { metaKey: true, shiftKey: true }],
    ["a", { ctrlKey: true, shiftKey: true }],
    ["s", { ctrlKey: true }],
    ["Enter", { shiftKey: true }],
  ])("%s %o is left to the notebook", async (key, held) => {
    await show(payload());
    await click(lineAt(2));
    expect((await press(lineAt(2), key, held)).defaultPrevented).toBe(false);
  });

  it("are left alone while text is composed", async () => {
    await show(payload());
    await click(lineAt(4));
    const event = await press(lineAt(4), "p", { isComposing: true });
    expect([model.allAsked("pin"), event.defaultPrevented]).toEqual([[], false]);
  });
});

describe("the focus", () => {
  it("stays on the current row while it is scrolled away", async () => {
    await show(many);
    await answerQuery(5000);
    await click(lineAt(3));
    await scrollTo(2000);
    expect(focused()?.getAttribute("data-at")).toBe("3");
    expect(lineAt(3)?.style.top).toMatch(/^-/);
  });

  it("has one stop in the rows", async () => {
    await show(many);
    const stops = () =>
      [scroller(), ...all(".log-rows [role=row][tabindex]")].filter((each) => each.tabIndex === 0);
    expect(stops()).toEqual([scroller()]);
    await click(lineAt(3));
    expect(stops()).toEqual([lineAt(3)]);
  });
});

describe("a range of rows", () => {
  it("reaches from the current row to one that is clicked with Shift", async () => {
    await show(many);
    await answerQuery(5000);
    await click(lineAt(2));
    await click(lineAt(5), { shiftKey: true });
    expect(chosen()).toEqual([2, 3, 4, 5]);
    expect(model.newest("select")).toMatchObject({ range: { from: 2, to: 5 }, seqs: [] });
    await click(lineAt(1), { shiftKey: true });
    expect(chosen()).toEqual([1, 2]);
    await click(lineAt(7));
    expect([chosen(), model.newest("select").range]).toEqual([[], null]);
  });

  it("reaches as far as keys with Shift move, and is dropped by Esc", async () => {
    await show(many);
    await click(lineAt(4));
    await press(current(), "ArrowDown", { shiftKey: true });
    await press(current(), "ArrowDown", { shiftKey: true });
    expect(chosen()).toEqual([4, 5, 6]);
    expect(words("footer")).toContain("3 rows selected");
    await press(current(), "Escape");
    expect(chosen()).toEqual([]);
  });

  it("is every row by Ctrl+A, also those that are not in the page", async () => {
    await show(many);
    await click(lineAt(4));
    await press(current(), "a", { ctrlKey: true });
    expect(model.newest("select").range).toMatchObject({ from: 0, to: 4999 });
    expect(words("footer")).toContain("5\u202f000 rows selected");
  });

  it("is copied by Ctrl+C, also where the last of its rows is still on its way", async () => {
    const taken = takeCopies();
    await show(many);
    await click(lineAt(4));
    await press(current(), "a", { ctrlKey: true });
    const event = await press(lineAt(4), "c", { ctrlKey: true });
    expect(event.defaultPrevented).toBe(true);
    const body = { kind: "text", part: 0, parts: 1, lines: 5000 } as const;
    model.answer(model.newest("text"), body, { buffers: [bytes("all of them\n")] });
    await settled();
    expect(taken).toEqual(["all of them\n"]);
  });

  it("is copied whole, asking for the lines that are not held", async () => {
    const taken = takeCopies();
    await show(many);
    await click(lineAt(4));
    await press(current(), "a", { ctrlKey: true });
    const event = new Event("copy", { bubbles: true, composed: true, cancelable: true });
    current()?.dispatchEvent(event);
    await settled();
    expect(event.defaultPrevented).toBe(true);
    expect(words("footer [role=status]")).toBe("Copying…");
    const question = model.newest("text");
    expect(question.selection).toMatchObject({ from: 0, to: 4999 });
    const body = { kind: "text", part: 0, parts: 1, lines: 5000 } as const;
    model.answer(question, body, { buffers: [bytes("all of them\n")] });
    await settled();
    expect(taken).toEqual(["all of them\n"]);
    expect(words("footer [role=status]")).toBe("Copied 5\u202f000 lines");
  });

  it("that is held is copied at once, line by line", async () => {
    await show(many);
    await click(lineAt(2));
    await click(lineAt(4), { shiftKey: true });
    const data = new Map<string, string>();
    const event = new Event("copy", { bubbles: true, composed: true, cancelable: true });
    Object.assign(event, {
      clipboardData: { setData: (kind: string, value: string) => data.set(kind, value) },
    });
    current()?.dispatchEvent(event);
    await settled();
    expect(
      data
        .get("text/plain")
        ?.split("\n")
        .map((each) => each.slice(-9)),
    ).toEqual(["message 2", "message 3", "message 4", ""]);
    expect(words("footer [role=status]")).toBe("Copied 3 lines");
    await press(current(), "c");
    expect(await copied()).toContain("message 3");
    await click(button("Copy"));
    expect(model.allAsked("text")).toEqual([]);
  });
});

describe("dragging over rows", () => {
  /** Has the pointer be over a row, whatever its coordinates. */
  const over = (place: number) => {
    (root() as unknown as { elementFromPoint: () => Element | null }).elementFromPoint = () =>
      lineAt(place);
  };

  it("selects rows from the one where it began, and is no click at its end", async () => {
    await show(many);
    over(2);
    await point(lineAt(2) as HTMLElement, "pointerdown", { button: 0 });
    await point(document, "pointermove", { clientY: 50 });
    expect(chosen()).toEqual([]);
    over(5);
    await point(document, "pointermove", { clientY: 110 });
    expect([chosen(), scroller().classList.contains("selecting")]).toEqual([[2, 3, 4, 5], true]);
    await point(document, "pointerup", { clientY: 110 });
    await click(lineAt(5));
    expect(chosen()).toEqual([2, 3, 4, 5]);
    expect(model.newest("select").range).toMatchObject({ from: 2, to: 5 });
    expect(scroller().classList.contains("selecting")).toBe(false);
  });

  it("within one row selects text, as everywhere", async () => {
    await show(many);
    over(2);
    await point(lineAt(2) as HTMLElement, "pointerdown", { button: 0 });
    await point(document, "pointermove", { clientX: 80 });
    await point(document, "pointerup");
    expect([chosen(), model.allAsked("select")]).toEqual([[], []]);
  });

  it("scrolls at the edge as long as it is there", async () => {
    await show(many);
    await answerQuery(5000);
    over(2);
    await point(lineAt(2) as HTMLElement, "pointerdown", { button: 0 });
    over(19);
    await point(document, "pointermove", { clientY: 40 });
    await pass(500);
    expect(scroller().scrollTop).toBeGreaterThan(100);
    await point(document, "pointerup");
    const { scrollTop } = scroller();
    await pass(500);
    expect(scroller().scrollTop).toBe(scrollTop);
  });

  it("by a finger scrolls, and selects nothing", async () => {
    await show(many);
    over(5);
    await point(lineAt(2) as HTMLElement, "pointerdown", { button: 0, pointerType: "touch" });
    await point(document, "pointermove", { clientY: 110 });
    expect(chosen()).toEqual([]);
  });
});

describe("the rows in the page", () => {
  it("are those in sight and a few more, however many lines there are", async () => {
    await show(payload({ total: 1_000_000 }));
    await scrollTo(500_000);
    expect(all(".log-rows [data-at]").length).toBeLessThan(60);
    expect(scroller().getAttribute("aria-rowcount")).toBe("1000001");
  });

  it("that were drawn before stay until others come, or until that takes too long", async () => {
    await show(many);
    await answerQuery(5000);
    const before = rowsShown();
    await scrollTo(60_000);
    expect(rowsShown()).toEqual(before);
    await pass(300);
    expect(rowsShown()).toEqual([]);
    expect(text()).toContain("is loading");
  });

  it("are as high as a short log needs, or as the reader has them", async () => {
    await show(payload({ rows: lines(0, 8) }));
    expect(scroller().style.height).toBe("182px");
    const grip = one(".height-grip") as HTMLElement;
    await press(grip, "ArrowDown");
    expect(scroller().style.height).toBe("202px");
    await point(grip, "pointerdown", { clientY: 10 });
    await point(grip, "pointermove", { clientY: 60 });
    expect(scroller().style.height).toBe("252px");
    grip.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    await settled();
    expect(scroller().style.height).toBe("182px");
  });
});

describe("the minimap", () => {
  const minimap = () => one(".minimap") as HTMLElement;

  it("shows where errors, warnings and hits are", async () => {
    await show(many);
    await answerQuery(5000, { marks: { error: [5], warning: [9, 10], hit: [] } });
    const marks = (kind: string) => one(`.mark-${kind}`)?.getAttribute("d");
    expect([marks("error"), marks("warning"), marks("hit")]).toEqual([
      "M0 5.5h6",
      "M0 9.5h6M0 10.5h6",
      "",
    ]);
  });

  it("leads to where it is pressed, and its thumb is dragged", async () => {
    await show(many);
    await answerQuery(5000);
    await point(minimap(), "pointerdown", { clientY: 209 });
    const { scrollTop } = scroller();
    expect(scrollTop).toBeGreaterThan(45_000);
    expect(scrollTop).toBeLessThan(55_000);
    await point(minimap(), "pointermove", { clientY: 999 });
    expect(model.newest("rows").start).toBeGreaterThan(4800);
  });

  it("scrolls by the wheel", async () => {
    await show(many);
    await answerQuery(5000);
    minimap().dispatchEvent(
      new WheelEvent("wheel", { deltaY: 200, bubbles: true, cancelable: true }),
    );
    await settled();
    expect(scroller().scrollTop).toBe(200);
  });
});

describe("wrapped lines", () => {
  it("are as high as they are measured, and those below stand below them", async () => {
    vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockImplementation(function (
      this: HTMLElement,
    ) {
      return this.dataset.at === "1" ? 60 : 20;
    });
    await show(payload({ rows: lines(0, 5) }));
    await press(scroller(), "w");
    const tops = all(".log-rows [data-at]").map((each) => each.style.top);
    expect(tops).toEqual(["0px", "20px", "80px", "100px", "120px"]);
    await press(scroller(), "w");
    expect(all(".log-rows [data-at]").map((each) => each.style.top)[2]).toBe("40px");
  });
});
