/** The cards of an exported page, answered from the data in it, and the links that lead into it. */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { renderPage } from "../../src/host/page";
import { exportPage } from "../exported-page";
import { click, pass, root, settled, until } from "../page";
import { going, line, lines, payload } from "../samples";
import { row, second } from "../task-samples";

const ROWS = Array.from({ length: 200 }, (_, i) =>
  i === 150 ? line(i, "the reset", { level: 40 }) : line(i),
);
const exported = (id: string, more: Parameters<typeof payload>[0] = {}) => ({
  payload: payload({
    total: 200,
    rows: ROWS.slice(0, 60),
    ...more,
    header: { id, ...more.header },
  }),
  rows: ROWS,
});

const text = (place: HTMLElement) => root(place)?.textContent ?? "";
const field = (place: HTMLElement) => root(place).querySelector("input") as HTMLInputElement;
const currentLine = (place: HTMLElement) =>
  root(place).querySelector(".current .cell-line")?.textContent;
const button = (place: HTMLElement, name: string) =>
  [...root(place).querySelectorAll("button")].find((one) =>
    (one.getAttribute("aria-label") ?? one.textContent ?? "").includes(name),
  ) as HTMLElement;

/** Runs the page's script to its end; what it lets the page do in between takes no time. */
async function begin(): Promise<void> {
  let isDone = false;
  const done = renderPage().then(() => {
    isDone = true;
  });
  await until(() => {
    void pass(0);
    return isDone;
  });
  await done;
}

async function type(place: HTMLElement, words: string): Promise<void> {
  field(place).focus();
  field(place).value = words;
  field(place).dispatchEvent(new Event("input", { bubbles: true }));
  await pass(0);
  await pass(0);
}

beforeEach(() => {
  location.hash = "";
});
afterEach(() => {
  document.head.replaceChildren();
});

describe("a card of an exported page", () => {
  it("shows its run, and hides its twin on the screen only", async () => {
    const [place] = (await exportPage([exported("a")])) as [HTMLElement];
    await begin();
    expect(text(place)).toContain("amber-heron");
    expect(text(place)).not.toContain("Refresh");
    expect(document.head.textContent).toBe("@media screen{.frw-twin-0{display:none!important}}");
    expect(place.classList.contains("frw-has-twin")).toBe(true);
  });

  it("answers from every line in the page, with the patterns that travelled with them", async () => {
    const [place] = (await exportPage([exported("a")])) as [HTMLElement];
    await begin();
    await type(place, "level:error");
    expect(root(place).querySelector(".hits")?.textContent).toBe("1 hit");
    expect(text(place)).toContain("the reset");
    await type(place, "");
    await click(button(place, "Patterns"));
    await pass(0);
    expect(root(place).querySelector("td.code button")?.textContent).toBe("message <int>");
  });

  it("says in words what no page can do", async () => {
    const data = exported("a", { header: { ...going, is_subflow: true } });
    const [place] = (await exportPage([data])) as [HTMLElement];
    await begin();
    await click(button(place, "Details"));
    await pass(0);
    expect(text(place)).toContain("can be read only with a running kernel");
  });

  it("has the lines that came with it where the page has no more", async () => {
    const data = { ...exported("a"), rows: null };
    const [place] = (await exportPage([data])) as [HTMLElement];
    await begin();
    await type(place, "level:info");
    expect(root(place).querySelector(".hits")?.textContent).toContain("in the 60 loaded lines");
  });

  it("opens with the filter that was saved, if that can be read", async () => {
    const places = await exportPage([
      { ...exported("a"), annotations: { text: "level:error" } },
      { ...exported("b"), annotations: { text: "tsk:x" } },
    ]);
    await begin();
    expect(places.map((place) => field(place).value)).toEqual(["level:error", ""]);
  });

  it("that is damaged leaves its twin, and the others are shown", async () => {
    const [first, second] = (await exportPage([exported("a"), exported("b")])) as [
      HTMLElement,
      HTMLElement,
    ];
    const block = document.querySelector('[data-card="card-0"][data-part="p"]') as HTMLElement;
    block.textContent = btoa("damaged");
    const complained: unknown[] = [];
    const { error } = console;
    console.error = (problem: unknown) => complained.push(problem);
    await begin();
    console.error = error;
    expect(String(complained[0])).toContain("damaged");
    expect([root(first), first.classList.contains("frw-has-twin")]).toEqual([undefined, false]);
    expect(text(second)).toContain("amber-heron");
  });

  it("of a run without lines says so", async () => {
    const [place] = (await exportPage([{ payload: payload({ rows: [] }), rows: [] }])) as [
      HTMLElement,
    ];
    await begin();
    expect(text(place)).toContain("This run wrote none.");
  });

  it("has every task run, and the attempts that their histories tell", async () => {
    const tasks = [row("load", { spans: [second(1), second(2), 2, second(5), 0, 1], attempts: 2 })];
    const data = exported("a", { tasks });
    const [place] = (await exportPage([data])) as [HTMLElement];
    await begin();
    await click(button(place, "Task runs"));
    await settled();
    expect(text(place)).toContain("1 of 1 task runs");
  });
});

describe("a link into the page", () => {
  it("leads to a line by its number", async () => {
    location.hash = "#line=151";
    const [place] = (await exportPage([exported("a")])) as [HTMLElement];
    await begin();
    await pass(0);
    expect(currentLine(place)).toBe("151");
  });

  it("leads to a filter text, in the card that it names", async () => {
    location.hash = "#q=reset&card=b";
    const places = await exportPage([exported("a"), exported("b")]);
    await begin();
    expect(places.map((place) => field(place).value)).toEqual(["", "reset"]);
  });

  it("is followed when the address changes, and made for each line", async () => {
    const [place] = (await exportPage([exported("a")])) as [HTMLElement];
    await begin();
    location.hash = "#line=12";
    window.dispatchEvent(new Event("hashchange"));
    await pass(0);
    expect(currentLine(place)).toBe("12");
    await click(button(place, "Copy a link to this line"));
    expect(await navigator.clipboard.readText()).toContain("#line=12");
  });
});

it("more than one card: a link names the run", async () => {
  const [place] = (await exportPage([exported("a"), exported("b", { rows: lines(0, 9) })])) as [
    HTMLElement,
  ];
  await begin();
  await click(root(place).querySelector("[data-at='3']"));
  await click(button(place, "Copy a link to this line"));
  expect(await navigator.clipboard.readText()).toContain("#line=4&card=a");
});
