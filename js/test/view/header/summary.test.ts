/** The facts that people look for first. */

import { describe, expect, it } from "vitest";
import type { Header, Wait } from "../../../src/protocol/wire";
import { all, click, model, one, pass, show, text, words } from "../../page";
import { going, payload, running } from "../../samples";
import { second } from "../../task-samples";

const facts = () =>
  Object.fromEntries(
    all(".summary > div").map((each) => [
      each.querySelector("dt")?.textContent,
      each.querySelector("dd")?.textContent,
    ]),
  );
const open = (header: Partial<Header>, more = {}) => show(payload({ header, total: 3, ...more }));

describe("the summary of a run", () => {
  it("says when it started, how long it took, and where Prefect shows it", async () => {
    await open({});
    expect(facts()).toMatchObject({
      Started: "21 Nov, 12:00:01",
      Took: "1\u202fmin 39\u202fs",
      Parameters: 'region="eu"',
      "Open in": "Prefect  (new tab)",
    });
    expect(one(".summary a")?.getAttribute("href")).toBe("https://prefect.example.com/runs/1");
  });

  it("of one that goes on says for how long, at least where nobody looks", async () => {
    await open({ ...going, took: 119 });
    expect(facts()["Running for"]).toBe("1\u202fmin 59\u202fs");
    await pass(3000);
    expect(facts()["Running for"]).toBe("at least 1\u202fmin 59\u202fs");
  });

  it("says how much of that it ran, where a good part was waiting", async () => {
    await open({ took: 1943, ran: 702, attempts: 3 });
    expect(facts().Took).toBe("32\u202fmin 23\u202fs · ran 11\u202fmin 42\u202fs in 3 attempts");
    await open({ took: 1943, ran: 1940 });
    expect(facts().Took).toBe("32\u202fmin 23\u202fs");
    await open({ took: 1943, ran: null });
    expect(facts().Took).toBe("32\u202fmin 23\u202fs");
  });

  it.each<[string, Wait, string, string]>([
    [
      "waits to retry",
      { what: "retry", since: second(60), until: null },
      "Waiting to retry for",
      "1\u202fmin",
    ],
    [
      "retries soon",
      { what: "retry", since: second(60), until: second(150) },
      "Retries in",
      "30\u202fs",
    ],
    [
      "is paused",
      { what: "resume", since: second(60), until: second(90) },
      "Paused for",
      "1\u202fmin",
    ],
    [
      "is paused for a while",
      { what: "resume", since: second(60), until: second(180) },
      "Paused, times out in",
      "1\u202fmin",
    ],
  ])("of one that %s says so", async (_name, wait, name, words) => {
    await open({ ...going, took: null, wait });
    expect(facts()[name]).toBe(words);
  });

  it.each<[string, Partial<Header>, string, string]>([
    [
      "is late",
      { scheduled_at: second(0), as_of: second(75) },
      "Waiting for",
      "1\u202fmin 15\u202fs",
    ],
    ["is due", { scheduled_at: second(180), as_of: second(120) }, "Due in", "1\u202fmin"],
    ["has no time", { scheduled_at: null, created_at: second(100) }, "Waiting for", "20\u202fs"],
  ])("of one that %s says so", async (_name, header, name, words) => {
    await open({ ...going, started_at: null, took: null, ...header });
    expect(facts()[name]).toBe(words);
  });

  it("of one that rests says since when", async () => {
    await open({ ...going, took: 30, state: { ...running, name: "Paused", family: "paused" } });
    expect(facts()["Paused after"]).toBe("30\u202fs");
  });

  it("does not state task runs that are not known yet", async () => {
    await open({}, { more: { tasks: null } });
    expect(facts()["Task runs"]).toBe("Loading…");
    await open({}, { tasks: [] });
    expect(facts()["Task runs"]).toBe("none yet");
  });

  it("counts task runs by their states", async () => {
    await open({});
    expect(all(".task-counts .counts > span").map((each) => each.textContent)).toEqual([
      "1 Completed",
      "1 Cached",
      "1 Failed",
      "1 NotReady",
    ]);
  });

  it("has as many parameters and tags as have room", async () => {
    await open({
      parameters: [
        ["region", '"eu"'],
        ["day", '"2026-11-20"'],
        ["query", `"${"x".repeat(60)}"`],
        ["dry", "true"],
      ],
      labels: ["a", "b", "c", "d", "e"],
    });
    expect(facts().Parameters).toBe('region="eu" day="2026-11-20" +2');
    expect(facts().Tags).toBe("abc+2");
    await open({ parameters: [["query", `"${"x".repeat(60)}"`]] });
    expect(facts().Parameters).toMatch(/^query="x+…$/);
  });

  it("has what else the server says of the run, and that another run called it", async () => {
    await open({ facts: [["Work pool", "warehouse"]], is_subflow: true });
    expect(facts()["Work pool"]).toBe("warehouse");
    await click(all(".summary button").find((each) => each.textContent === "another run"));
    expect(words("[role=tab][aria-selected=true]")).toBe("Details");
    expect(model.allAsked("related")).toHaveLength(1);
  });

  it("links to no address but http and https", async () => {
    await open({ ui_url: "javascript:alert(1)" });
    expect(one(".summary a")).toBeNull();
  });

  it("has the message of a state where there is no digest", async () => {
    await open({ state: { ...running, message: "Waiting for a slot" } });
    expect(words("header .state-message")).toBe("Waiting for a slot");
  });

  it("names a run without a name by its id", async () => {
    await open({ name: null, flow: null });
    expect(words("h2")).toBe("5f0c1e2a");
    expect(text()).not.toContain("null");
  });
});
