/** One line at a time: the kernel, the server, and what a refresh brought. */

import { describe, expect, it } from "vitest";
import type { Notice, Payload } from "../../../src/protocol/wire";
import {
  all,
  button,
  click,
  greet,
  model,
  one,
  pass,
  put,
  settled,
  show,
  text,
  words,
} from "../../page";
import { going, payload } from "../../samples";
import { second } from "../../task-samples";

const notice: Notice = {
  kind: "unreachable",
  text: "prefect.example.com has not answered since 09:43:12 UTC.",
  detail: "ConnectTimeout: 10 s",
  at: second(1),
  retry_seconds: 12,
};
const followed = (more: Partial<Payload> = {}) =>
  payload({ header: going, more: { is_following: true, ...more } });

describe("a server that fails", () => {
  it("is tried again after a countdown, which is not read out each second", async () => {
    await show(followed({ notice }));
    await greet();
    expect(text()).toMatch(/Trying again in 12\ss/);
    await pass(5000);
    expect(text()).toMatch(/Trying again in 7\ss/);
    expect(words("[role=alert]")).not.toContain("Trying");
    await pass(9000);
    expect(text()).toContain("Trying again");
    expect(text()).not.toContain("Trying again in");
    await put(followed({ notice: { ...notice, retry_seconds: 90 } }), () =>
      /Trying again in 1\smin 30\ss/.test(text()),
    );
    await put(followed(), () => !text().includes("has not answered"));
  });

  it("that will not be tried again has no countdown", async () => {
    await show(payload({ more: { notice: { ...notice, retry_seconds: null } } }));
    await greet();
    expect(text()).toContain("has not answered");
    expect(text()).not.toContain("Trying again");
  });

  it("says of when what is shown is, and can be tried now", async () => {
    await show(payload({ more: { notice } }));
    await greet();
    expect(words(".notice")).toContain("You see what was fetched at 12:02:00 UTC.");
    await click(button("Try now"));
    expect(model.newest("refresh").kind).toBe("refresh");
    expect(button("Trying").getAttribute("aria-disabled")).toBe("true");
  });

  it("shows its details when they are asked for", async () => {
    await show(payload({ more: { notice } }));
    expect(one(".notice-detail")).toBeNull();
    await click(all(".notice button").find((each) => each.textContent === "Details"));
    expect(words(".notice-detail")).toBe("ConnectTimeout: 10 s");
  });

  it("is not spoken of any more once that is dismissed, until it fails again", async () => {
    await show(payload({ more: { notice } }));
    await click(button("Dismiss"));
    expect(text()).not.toContain("has not answered");
    await put(payload({ header: { name: "b" }, more: { notice } }), () => text().includes("/b"));
    expect(text()).not.toContain("has not answered");
    const again = { ...notice, at: second(9) };
    await put(payload({ more: { notice: again } }), () => text().includes("has not answered"));
  });
});

describe("what a refresh brought", () => {
  const changes = {
    text: "+312 lines",
    since: second(0),
    new_lines: 312,
    first_seq: 9,
    is_empty: false,
    tasks: [],
  };

  it("is said until that is dismissed", async () => {
    await show(payload({ more: { changes } }));
    expect(words(".notice")).toBe("+312 lines since 12:00:00 UTC");
    await click(button("Dismiss"));
    expect(text()).not.toContain("+312 lines");
    await put(payload({ header: { name: "again" }, more: { changes } }), () =>
      text().includes("again"),
    );
    expect(text()).not.toContain("+312 lines");
    await put(payload({ snapshot: 2, more: { changes } }), () => text().includes("+312 lines"));
  });
});

describe("a kernel that has gone", () => {
  it("is said before anything else, with what can still be done", async () => {
    await show(payload({ more: { notice } }));
    await greet();
    model.reconnect();
    await pass(3000);
    expect(all(".notice").map((each) => each.textContent)).toEqual([
      "Kernel disconnected. Rerun this cell. You can still filter and scroll through the 60 lines loaded here.",
    ]);
    expect(button("Refresh").getAttribute("aria-disabled")).toBe("true");
    await click(button("Refresh"));
    expect(model.allAsked("refresh")).toEqual([]);
  });
});

it("a refresh that waits says when it runs", async () => {
  await show(payload());
  await greet();
  await click(button("Refresh"));
  await pass(300);
  expect(words(".notice")).toContain("Refresh runs when the current cell ends.");
  model.answer(model.newest("refresh"), { kind: "heard" });
  await settled();
  expect(one(".notice")).toBeNull();
});
