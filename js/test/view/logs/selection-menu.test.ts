/** What can be done with text that is selected in a message. */

import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  answerQuery,
  button,
  click,
  field,
  lineAt,
  one,
  pass,
  point,
  press,
  root,
  show,
  write,
} from "../../page";
import { line, payload } from "../../samples";

let selected = "";
const dropped = vi.fn(() => {
  selected = "";
});

beforeEach(async () => {
  dropped.mockClear();
  await show(payload({ rows: [line(0, 'Connection "reset" by peer'), line(1)] }));
  (root() as unknown as { getSelection: () => unknown }).getSelection = () => ({
    toString: () => selected,
    removeAllRanges: dropped,
  });
});

const message = () => lineAt(0)?.querySelector(".message") as HTMLElement;
const menu = () => one(".selection-menu");
async function select(text: string, target: Element = message()): Promise<void> {
  selected = text;
  await point(target, "pointerup", { clientX: 40, clientY: 20 });
  await pass(0);
}

describe("text that is selected in a message", () => {
  it("can be filtered for", async () => {
    await write("level:error");
    await answerQuery(2);
    await select('"reset" by');
    await click(button("Filter for this text"));
    expect(field().value).toBe('level:error "\\"reset\\" by"');
    expect([menu(), dropped.mock.calls.length > 0]).toEqual([null, true]);
  });

  it("can be filtered out", async () => {
    await select(" by peer ");
    await click(button("Filter out"));
    expect(field().value).toBe('-"by peer"');
  });

  it("stands beside the pointer", async () => {
    await select("reset");
    expect([menu()?.style.left, menu()?.style.top]).toEqual(["0px", "32px"]);
  });

  it("is let go by a press elsewhere, or a key", async () => {
    await select("reset");
    await point(menu()?.firstElementChild as Element, "pointerdown");
    expect(menu()).not.toBeNull();
    await point(lineAt(1) as Element, "pointerdown", { button: 2 });
    expect(menu()).toBeNull();
    await select("reset");
    await press(lineAt(0), "ArrowDown");
    expect(menu()).toBeNull();
  });

  it("opens no menu where it is empty, very long, or none of a message", async () => {
    await select("  ");
    expect(menu()).toBeNull();
    await select("x".repeat(301));
    expect(menu()).toBeNull();
    await select("12:00:00", lineAt(0)?.querySelector(".cell-time") as Element);
    expect(menu()).toBeNull();
  });

  it("does not make its row the current one by the click that ends it", async () => {
    selected = "reset";
    await click(message());
    expect(one(".line.current")).toBeNull();
    selected = "";
    await click(message());
    expect(one(".line.current")).not.toBeNull();
  });
});

it("text of a line that is opened has the same menu", async () => {
  await click(lineAt(1));
  await press(lineAt(1), "Enter");
  await select("message", one(".whole-message") as Element);
  await click(button("Filter for this text"));
  expect(field().value).toBe('"message"');
});
