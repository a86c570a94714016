/** The parts of the card, one of which is shown. */

import { describe, expect, it } from "vitest";
import { all, click, focused, one, press, show, words } from "../page";
import { payload } from "../samples";
import { row } from "../task-samples";

const selected = () => one("[role=tab][aria-selected=true]") as HTMLElement;

describe("the tabs", () => {
  it("say how many lines and task runs there are, as far as that is known", async () => {
    await show(payload({ total: 41_200, tasks: [row("a"), row("b")] }));
    expect(all("[role=tab]").map((tab) => tab.textContent)).toEqual([
      "Logs41\u202f200",
      "Task runs2",
      "Timeline",
      "Details",
    ]);
    await show(payload({ total: 206, logs: { is_complete: false }, more: { tasks: null } }));
    expect(all("[role=tab]").map((tab) => tab.textContent)).toEqual([
      "Logs≥ 206",
      "Task runs",
      "Timeline",
      "Details",
    ]);
  });

  it("are changed by arrows, with one tab stop for all of them", async () => {
    await show(payload());
    await press(selected(), "ArrowLeft");
    expect(selected().textContent).toBe("Details");
    expect(focused()).toBe(selected());
    await press(selected(), "ArrowRight");
    await press(selected(), "ArrowDown");
    expect(selected().textContent).toContain("Logs");
    await press(selected(), "End");
    expect(selected().textContent).toBe("Details");
    expect(all("[role=tab][tabindex='0']")).toHaveLength(1);
  });

  it("name the panel that they open", async () => {
    await show(payload());
    await click(all("[role=tab]")[3]);
    const panel = one("[role=tabpanel]");
    expect(panel?.getAttribute("aria-labelledby")).toBe(selected().id);
    expect(selected().getAttribute("aria-controls")).toBe(panel?.id);
    expect(words(".details")).toContain("State history");
  });
});
