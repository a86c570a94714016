/** Everything else that is known of a run. */

import { describe, expect, it } from "vitest";
import type { Related } from "../../../src/protocol/wire";
import {
  all,
  button,
  click,
  greet,
  model,
  one,
  openTab,
  pass,
  put,
  settled,
  show,
  text,
  words,
} from "../../page";
import { completed, going, lines, payload, running } from "../../samples";
import { second } from "../../task-samples";

const NOTHING: Related = { artifacts: [], results: [], parent: null, subflows: [], problems: [] };
const section = (name: string) =>
  all(".details section").find((each) => each.querySelector("h3")?.textContent?.includes(name));
const terms = (name: string) =>
  Object.fromEntries(
    [...(section(name)?.querySelectorAll("dl > div") ?? [])].map((each) => [
      each.querySelector("dt")?.textContent,
      each.querySelector("dd")?.textContent?.trim(),
    ]),
  );

async function open(
  data = payload({ total: 60, rows: lines(0, 3) }),
  related?: Partial<Related>,
): Promise<void> {
  await show(data);
  await openTab("Details");
  if (!related) return;
  model.answer(model.newest("related"), { kind: "related", related: { ...NOTHING, ...related } });
  await settled();
}

describe("the details of a run", () => {
  it("are its parameters, and what was set for it", async () => {
    await open(
      payload({
        header: {
          context: [["who", '"me"']],
          job_variables: [["image", '"x:1"']],
          labels: ["nightly"],
          facts: [["Work queue", "slow"]],
        },
      }),
    );
    expect(terms("Parameters")).toEqual({ region: '"eu"' });
    expect(terms("Job variables")).toEqual({ image: '"x:1"' });
    expect(terms("Context")).toEqual({ who: '"me"' });
    expect(terms("About")).toMatchObject({
      "Run id": "5f0c1e2a",
      Flow: "nightly-orders",
      "Work queue": "slow",
      Tags: "nightly",
      Started: "21 Nov, 12:00:01 UTC",
      Source: "Prefect 3 · https://prefect.example.com/api",
      "In this card": "60 lines, 1 of 1 task runs",
    });
    await open(payload({ header: { parameters: [] } }));
    expect(section("Parameters")?.textContent).toContain("None.");
  });

  it("name its trace, and link to it where the address is a web page", async () => {
    await open(payload({ header: { trace: ["4bf92f35", "https://traces.test/4bf92f35"] } }));
    expect(one(".details a[href]")).toHaveProperty("href", "https://traces.test/4bf92f35");
    const hostile = payload({
      snapshot: 2,
      header: { trace: ["4bf92f35", "javascript:alert(1)"] },
    });
    await put(hostile, () => all(".details a[href]").length === 0);
    expect(terms("About").Trace).toBe("4bf92f35");
  });

  it("say what is still being read", async () => {
    await open(payload({ more: { logs: null, tasks: null } }));
    expect(terms("About")["In this card"]).toBe("lines are loading, task runs are loading");
    await put(payload({ snapshot: 2, logs: { is_complete: false } }), () =>
      text().includes("≥ 60 lines"),
    );
  });

  it("are its states, each with how long it was in it", async () => {
    const states = [
      { ...running, name: "Pending", at: second(0) },
      { ...running, at: second(1), message: "Off it goes" },
      { ...completed, at: second(100) },
    ];
    await open(payload({ more: { states } }));
    const history = all(".history li").map((each) =>
      [...each.children].map((part) => part.textContent),
    );
    expect(history).toEqual([
      ["12:00:00.000", "Pending", "", "1\u202fs"],
      ["12:00:01.000", "Running", "Off it goes", "1\u202fmin 39\u202fs"],
      ["12:01:40.000", "Completed", "", ""],
    ]);
    await open(payload({ header: going, more: { states: states.slice(0, 2) } }));
    expect(all(".history li").at(-1)?.lastElementChild?.textContent).toBe("1\u202fmin 59\u202fs");
  });
});

describe("what is read only when the details are looked at", () => {
  const run = {
    id: "child-1",
    name: "busy-bee",
    flow: "load-one",
    state: completed,
    started_at: second(3),
    took: 12,
    url: "https://prefect.example.com/runs/2",
  };

  it("is asked for once", async () => {
    await open();
    expect(text()).toContain("Loading…");
    model.answer(model.newest("related"), { kind: "related", related: NOTHING });
    await settled();
    expect(text()).not.toContain("Loading…");
    await openTab("Logs");
    await openTab("Details");
    expect(model.allAsked("related")).toHaveLength(1);
  });

  it("is the run that called this one, and those that it called", async () => {
    await open(payload(), { parent: { ...run, name: "parent", url: null }, subflows: [run] });
    expect(section("Called by")?.textContent).toContain("load-one / parent");
    expect(section("Sub-flow runs")?.textContent).toContain("21 Nov, 12:00:03 · 12\u202fs");
    expect(section("Sub-flow runs")?.querySelector("a")?.getAttribute("href")).toBe(run.url);
  });

  it("that no kernel can open and no address leads to is named by its id", async () => {
    await open(payload(), { parent: { ...run, url: null } });
    model.reconnect();
    await pass(3000);
    await click(section("Called by")?.querySelector("button"));
    expect(await navigator.clipboard.readText()).toBe("child-1");
  });

  it("can be opened as a card where a kernel runs", async () => {
    await open(payload(), { subflows: [{ ...run, started_at: null }] });
    await greet();
    expect(section("Sub-flow runs")?.textContent).toContain("not started");
    await click(button("Open its card"));
    expect(model.newest("open").id).toBe("child-1");
  });

  it("is what the run has made", async () => {
    await open(payload(), {
      artifacts: [
        {
          kind: "markdown",
          key: "report",
          description: "Of the day",
          task: "load",
          text: "# 7",
          url: null,
        },
        {
          kind: "link",
          key: null,
          description: null,
          task: null,
          text: "",
          url: "https://a.example",
        },
        {
          kind: "link",
          key: "bad",
          description: null,
          task: null,
          text: "x",
          url: "javascript:alert(1)",
        },
      ],
      results: [["load", "s3://results/1"]],
    });
    const artifacts = section("Artifacts");
    expect(artifacts?.querySelector("summary")?.textContent).toBe("report markdown · load");
    expect(artifacts?.querySelector("pre")?.textContent).toBe("# 7");
    expect(
      [...(artifacts?.querySelectorAll("a") ?? [])].map((link) => link.getAttribute("href")),
    ).toEqual(["https://a.example/"]);
    expect(terms("Results")).toEqual({ load: "s3://results/1" });
  });

  it("says what could not be read", async () => {
    await open(payload(), { problems: ["No artifacts on Prefect 1."] });
    expect(section("Not loaded")?.textContent).toContain("No artifacts on Prefect 1.");
    await open();
    const notice = { kind: "info", text: "The server is away.", detail: null, at: 1 } as const;
    model.answer(model.newest("related"), { kind: "failed", notice });
    await settled();
    expect(text()).toContain("The server is away.");
    expect(one(".notice")).toBeNull();
  });
});

it("an id is copied from its button, which says so for a moment", async () => {
  await open();
  await click(button("Copy the run id"));
  expect(await navigator.clipboard.readText()).toBe("5f0c1e2a");
  expect(words("[aria-label='Copy the run id'] [role=status]")).toBe("Copied");
});
