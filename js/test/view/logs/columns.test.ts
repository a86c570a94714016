/** The columns of the log rows: their widths, which there are, and in which zone times are. */

import { describe, expect, it, vi } from "vitest";
import type { Logs } from "../../../src/protocol/wire";
import type { Columns } from "../../../src/state/store";
import { columnsStyle, zonesOf } from "../../../src/view/logs/columns";
import {
  all,
  answerQuery,
  button,
  click,
  el,
  model,
  one,
  point,
  press,
  resize,
  scroller,
  settled,
  show,
  words,
  write,
} from "../../page";
import { line, payload } from "../../samples";
import { second } from "../../task-samples";

const logs = payload({ total: 126_695 }).logs as Logs;
const NONE: Columns = { logger: false, since: false, taskWidth: null };
const SHORT = { digits: 3, isOverDays: false } as const;
const style = (
  columns = NONE,
  of: Partial<Logs> = {},
  times: Parameters<typeof columnsStyle>[2] = SHORT,
) => columnsStyle(columns, { ...logs, ...of }, times) as Record<string, string>;

describe("the width of a column", () => {
  it("is that of the longest name, up to a share of the card", () => {
    expect(style(NONE, { task_width: 33 })["--task-width"]).toContain("34.5ch");
    expect(style(NONE, { task_width: 33 })["--task-width"]).toContain("var(--name-share)");
    expect(style(NONE, { task_width: 0 })["--task-width"]).toContain("6.5ch");
  });

  it("is what the reader dragged", () => {
    expect(style({ ...NONE, taskWidth: 222 })["--task-width"]).toBe("222px");
  });

  it("of times has room for microseconds, and for the day where there are several", () => {
    const width = (times: Parameters<typeof columnsStyle>[2]) =>
      Number.parseFloat(style(NONE, {}, times)["--time-width"] ?? "");
    const short = width(SHORT);
    expect(width({ digits: 6, isOverDays: false })).toBe(short + 3);
    expect(width({ digits: 3, isOverDays: true })).toBeGreaterThan(short);
  });

  it("of numbers has room for the last of them", () => {
    expect(style()["--line-width"]).toBe("8ch");
    expect(style(NONE, { total: 3 })["--line-width"]).toBe("6ch");
  });

  it("is nothing for a column that is not shown", () => {
    expect([style()["--since-width"], style()["--logger-width"]]).toEqual(["0px", "0px"]);
    const all = style({ logger: true, since: true, taskWidth: null }, { logger_width: 17 });
    expect(all["--logger-width"]).toContain("18.5ch");
    expect(all["--columns"]?.split(" var(").length).toBe(6);
    expect(style()["--columns"]?.split(" var(").length).toBe(4);
  });
});

describe("the zones to choose from", () => {
  it("are UTC, that of the kernel and that of the browser, each once", () => {
    vi.spyOn(Intl.DateTimeFormat.prototype, "resolvedOptions").mockReturnValue({
      timeZone: "America/New_York",
    } as Intl.ResolvedDateTimeFormatOptions);
    expect(zonesOf("Europe/Berlin")).toEqual([
      ["UTC", "UTC"],
      ["Europe/Berlin", "Europe/Berlin, where Python runs"],
      ["America/New_York", "America/New_York, this browser"],
    ]);
    expect(zonesOf("America/New_York").map(([zone]) => zone)).toEqual(["UTC", "America/New_York"]);
    expect(zonesOf("Etc/UTC").map(([zone]) => zone)).toEqual(["UTC", "America/New_York"]);
    expect(zonesOf("Mars/Base").map(([zone]) => zone)).toEqual(["UTC", "America/New_York"]);
  });
});

const names = () => all("[role=columnheader]").map((head) => head.textContent?.trim());
const choose = async (zone: string) => {
  const select = one("select") as HTMLSelectElement;
  select.value = zone;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  await settled();
};
const toggle = async (name: string) => {
  const box = all(".check").find((each) => each.textContent?.includes(name));
  await click(box?.querySelector("input"));
};

describe("the head of the rows", () => {
  it("names the columns, and the zone of the times", async () => {
    await show(payload());
    expect(names()).toEqual(["Line#", "Time UTC", "Level", "Task", "Message"]);
  });

  it("has a column for the logger, and for the time since the line above", async () => {
    const rows = [line(0), line(1, "b", { at: second(1.5), logger: "boto" }), line(2)];
    await show(payload({ rows }));
    await click(button("Columns and time zone"));
    await toggle("Logger");
    await toggle("Time since");
    expect(names()).toEqual(["Line#", "Time UTC", "Since", "Level", "Task", "Logger", "Message"]);
    expect(all(".log-rows .line .cell-since").map((cell) => cell.textContent)).toEqual([
      "",
      "+1.5\u202fs",
      "+0.5\u202fs",
    ]);
    expect(all(".log-rows .line .cell-logger").map((cell) => cell.textContent)).toEqual([
      "prefect",
      "boto",
      "prefect",
    ]);
    await toggle("Logger");
    expect(one(".cell-logger")).toBeNull();
  });

  it("opens the choice of columns and zones", async () => {
    await show(payload());
    await click(one(".head-button"));
    expect(one(".column-menu")).not.toBeNull();
    await click(one(".head-button"));
    expect(one(".column-menu")).toBeNull();
  });
});

describe("another zone", () => {
  it("is that of every time on the card, and the head names it", async () => {
    await show(payload());
    await answerQuery(60);
    await click(button("Columns and time zone"));
    await choose("Europe/Berlin");
    expect(names()).toContain("Time CET");
    expect(words("[data-at='0'] .cell-time")).toBe("13:00:00.000");
    expect(words(".as-of")).toContain("13:02:00 CET");
    await write("time:13:00..");
    expect(model.newest("query").query).toMatchObject({ zone: "Europe/Berlin" });
  });
});

it("the zone is named as it was when the run began", async () => {
  const [summer, winter] = ["2026-07-01T12:00:00Z", "2026-12-01T12:00:00Z"].map(
    (time) => Date.parse(time) * 1000,
  );
  const header = { started_at: summer ?? null, as_of: winter ?? 0 };
  await show(payload({ rows: [line(0, "x", { at: summer ?? 0 })], header }));
  await click(button("Columns and time zone"));
  await choose("Europe/Berlin");
  expect(names()).toContain("Time CEST");
});

describe("repeated lines", () => {
  it("are folded, and how many were sent twice is said", async () => {
    await show(payload({ logs: { repeated: 63_005 } }));
    expect(words("footer")).toContain("63\u202f005 lines sent twice");
    await click(button("Columns and time zone"));
    expect(words(".column-menu")).toContain("Fold repeated lines (63\u202f005 were sent twice)");
    await toggle("Fold repeated lines");
    expect(model.newest("query").query.folds_repeats).toBe(true);
  });
});

describe("the edge of the task column", () => {
  const grip = () => one(".column-grip") as HTMLElement;
  const width = () => scroller().style.getPropertyValue("--task-width");
  const show100 = async () => {
    await show(payload());
    vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(100);
  };

  it("is dragged, between bounds, and a double click fits it again", async () => {
    await show100();
    await point(grip(), "pointerdown", { clientX: 300 });
    await point(grip(), "pointermove", { clientX: 380.4 });
    expect(width()).toBe("180px");
    expect(grip().getAttribute("aria-valuenow")).toBe("180");
    await point(grip(), "pointermove", { clientX: 0 });
    expect(width()).toBe("40px");
    await point(grip(), "pointermove", { clientX: 5000 });
    expect(width()).toBe("576px");
    grip().dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    await settled();
    expect(width()).toContain("ch");
  });

  it("is moved by arrows, which move no row", async () => {
    await show100();
    await press(grip(), "ArrowRight");
    expect(width()).toBe("108px");
    await press(grip(), "ArrowLeft");
    expect(width()).toBe("92px");
    expect(one(".line.current")).toBeNull();
  });

  it("reaches as far as the card is wide", async () => {
    await show100();
    vi.spyOn(el, "clientWidth", "get").mockReturnValue(400);
    await resize();
    expect(grip().getAttribute("aria-valuemax")).toBe("240");
  });
});
