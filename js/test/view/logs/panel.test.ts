/** The whole of one line, below the rows. */

import { describe, expect, it } from "vitest";
import { matcher } from "../../../src/query/match";
import { parseQuery } from "../../../src/query/parse";
import { fieldTerm } from "../../../src/view/logs/json-tree";
import { all, button, click, field, focused, lineAt, one, press, show, words } from "../../page";
import { line, payload } from "../../samples";

async function opened(message: string, more = {}): Promise<void> {
  await show(payload({ rows: [line(0, message, more), line(1)] }));
  await click(lineAt(0));
  await press(lineAt(0), "Enter");
}

describe("a line that is opened", () => {
  it("has its number, time, level, task and logger, and its message as it was written", async () => {
    await opened("one\n  two \x1b[31mred\x1b[0m https://a.example/x");
    expect(words(".panel-head")).toContain("Line 1");
    expect(words(".panel-head")).toContain("12:00:00.000000 UTC");
    expect(words(".panel-head")).toContain("INFO");
    expect(words(".panel-head")).toContain("load");
    expect(words(".panel-head")).toContain("prefect");
    expect(words(".whole-message")).toBe("one\n  two red https://a.example/x");
    expect(words(".whole-message .ansi-failed")).toBe("red");
    expect(one(".whole-message a")?.getAttribute("href")).toBe("https://a.example/x");
  });

  it("whose number is not known is not given one", async () => {
    await opened("x", { position: null });
    expect(words(".panel-head b")).toBe("This line");
  });

  it("is copied with its time and task", async () => {
    await opened("Committed");
    await click(all(".panel button").find((each) => each.textContent?.includes("Copy")));
    expect(await navigator.clipboard.readText()).toBe(
      "2026-11-21 12:00:00.000Z INFO     load: Committed",
    );
  });

  it("is closed by its button, and the row has the focus again", async () => {
    await opened("x");
    await click(button("Close (Esc)"));
    expect([one(".panel"), focused()?.getAttribute("data-at")]).toEqual([null, "0"]);
  });
});

describe("a message that is JSON", () => {
  const message =
    '{"tries": 3, "peer": {"host": "a/b", "up": true}, "none": [], "list": [1, null]}';

  it("is shown field by field, as deep as it is", async () => {
    await opened(message);
    expect(
      all(".json-field").map((each) => [
        each.style.getPropertyValue("--depth"),
        each.firstElementChild?.textContent,
      ]),
    ).toEqual([
      ["0", "{"],
      ["1", '"tries": 3'],
      ["1", '"peer": {'],
      ["2", '"host": "a/b"'],
      ["2", '"up": true'],
      ["1", "}"],
      ["1", '"none": []'],
      ["1", '"list": ['],
      ["2", "1"],
      ["2", "null"],
      ["1", "]"],
      ["0", "}"],
    ]);
  });

  it("can be filtered for, or without, each of its values", async () => {
    await opened(message);
    const act = (place: number, name: string) =>
      all(".json-field")[place]?.querySelector<HTMLElement>(`[aria-label^="${name}"]`);
    await click(act(1, "Filter for"));
    expect(field().value).toBe('/"tries"\\s*:\\s*3\\s*(?:[,}\\]]|$)/');
    expect(matcher(parseQuery(field().value))(line(0, '{"tries" : 3}'), 0)).toBe(true);
    expect(matcher(parseQuery(field().value))(line(0, '{"tries": 31}'), 0)).toBe(false);
    await click(act(3, "Filter out"));
    expect(field().value).toContain('-/"host"\\s*:\\s*"a\\/b"/');
    expect(act(2, "Filter for")).toBeNull();
  });

  it("of very many fields shows the first of them, and says how much there is", async () => {
    await opened(JSON.stringify(Array.from({ length: 500 }, (_, i) => i)));
    expect(all(".json-field")).toHaveLength(400);
    expect(words(".json p")).toContain("characters in all");
  });

  it("is looked for value by value, whatever stands in them", () => {
    for (const [key, value] of [
      ["a.b*", '"x+y"'],
      ["path", '"C:\\\\new"'],
      ["n", "-1.5"],
      [null, "true"],
    ] as const) {
      const text = key === null ? `[${value}]` : `{${JSON.stringify(key)}: ${value}}`;
      expect(matcher(parseQuery(fieldTerm(key, value)))(line(0, text), 0)).toBe(true);
    }
  });
});
