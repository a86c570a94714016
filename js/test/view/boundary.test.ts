/** A part that fails shows itself, and leaves the rest of the card. */

import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Notice, Payload } from "../../src/protocol/wire";
import {
  all,
  button,
  click,
  field,
  messageAt,
  one,
  openTab,
  put,
  settled,
  show,
  text,
  words,
  write,
} from "../page";
import { digest, payload } from "../samples";
import { row } from "../task-samples";

const complaints = vi.fn();
const broken = () => all(".broken-part").map((part) => part.querySelector("b")?.textContent);
const odd = (value: object) => value as Partial<Payload>;
const notice = (more: object) =>
  odd({ notice: { kind: "info", text: "Away.", detail: null, at: 1, ...more } });

beforeEach(() => {
  complaints.mockClear();
  vi.spyOn(console, "error").mockImplementation(complaints);
});

describe("a notice of a kind that the page does not know", () => {
  it("is shown as an error", async () => {
    await show(payload({ more: notice({ kind: "novel" as Notice["kind"] }) }));
    expect(words(".notice.is-failed")).toContain("Away.");
    expect([broken(), messageAt(1)]).toEqual([[], "message 0"]);
  });
});

describe("an object where text belongs", () => {
  it("hides at most the part that has it", async () => {
    await show(payload({ more: notice({ text: { a: 1 } }) }));
    expect(messageAt(1)).toBe("message 0");
    await write("level:error");
    expect(field().value).toBe("level:error");
  });
});

describe("a part that fails", () => {
  it("shows itself, and the others are there", async () => {
    await show(payload({ more: odd({ digest: digest({ detail: null as never }) }) }));
    expect(broken()).toEqual(["The first failure could not be drawn."]);
    expect([messageAt(41), words("h2")]).toEqual(["message 40", "nightly-orders/amber-heron"]);
    expect(complaints).toHaveBeenCalled();
  });

  it("of one tab leaves the other tabs", async () => {
    const odd = row("a").with(10, null as never) as ReturnType<typeof row>;
    await show(payload({ tasks: [odd] }));
    await openTab("Task runs");
    expect(broken()).toEqual(["The part “Task runs” could not be drawn."]);
    expect(text()).toContain("1 of 1 task runs");
    await openTab("Logs");
    expect([broken(), messageAt(1)]).toEqual([[], "message 0"]);
  });

  it("is drawn again when it is asked to, or when there is something new", async () => {
    const wrong = odd({ digest: digest({ detail: null as never }) });
    await show(payload({ more: wrong }));
    await click(button("Try again"));
    expect(broken()).toHaveLength(1);
    await put(payload({ snapshot: 2, more: { digest: digest() } }), () => broken().length === 0);
    expect(words(".digest-error")).toContain("Connection reset by peer");
  });

  it("says what was wrong, in a few words", async () => {
    await show(payload({ more: odd({ digest: digest({ tail: null as never }) }) }));
    expect(words(".broken-part span")).toMatch(/null/);
  });

  it("that holds all the others says so alone, and the next payload is drawn", async () => {
    await show(payload({ more: odd({ header: { ...payload().header, facts: null as never } }) }));
    expect(broken()).toEqual(["The card could not be drawn."]);
    await put(payload({ snapshot: 2 }), () => broken().length === 0);
    await settled();
    expect(messageAt(1)).toBe("message 0");
    expect(one("article")).not.toBeNull();
  });
});
