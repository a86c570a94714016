/** The state of one view: who hears of what has changed, and when. */

import { describe, expect, it } from "vitest";
import { canFollow, isGoing, noticeOf, Store } from "../../src/state/store";
import { going, payload } from "../samples";

const turn = () => Promise.resolve();

function heard() {
  const store = new Store();
  const calls: PropertyKey[][] = [];
  const end = store.subscribe((changed) => calls.push([...changed]));
  return { store, calls, end };
}

describe("a change", () => {
  it("is heard once after a turn with several of them", async () => {
    const { store, calls } = heard();
    store.change({ tab: "tasks" });
    store.change({ taskText: "load", width: 640 });
    expect([store.tab, store.taskText, calls]).toEqual(["tasks", "load", []]);
    await turn();
    expect(calls).toEqual([["tab", "taskText", "width"]]);
  });

  it("to what is there already is none", async () => {
    const { store, calls } = heard();
    store.change({ tab: "logs", cursor: null });
    await turn();
    expect(calls).toEqual([]);
  });

  it("by who hears of one is heard after it", async () => {
    const { store, calls } = heard();
    store.subscribe(() => {
      if (store.offset < 40) store.change({ offset: 40 });
    });
    store.change({ tab: "tasks" });
    await turn();
    await turn();
    expect(calls).toEqual([["tab"], ["offset"]]);
  });

  it("is not heard by who listens no more", async () => {
    const { store, calls, end } = heard();
    store.change({ tab: "tasks" });
    end();
    store.change({ tab: "details" });
    await turn();
    expect(calls).toEqual([]);
  });
});

describe("a run", () => {
  const data = payload({ header: going });

  it("goes on until it has finished, and while it is followed", () => {
    expect(isGoing({ payload: data })).toBe(true);
    expect(isGoing({ payload: payload() })).toBe(false);
    expect(isGoing({ payload: payload({ more: { is_following: true } }) })).toBe(true);
    expect(isGoing({ payload: null })).toBe(false);
  });

  it("can be followed by a kernel that is there", () => {
    expect(canFollow({ payload: data, kernel: "here" })).toBe(true);
    expect(canFollow({ payload: data, kernel: "unheard" })).toBe(false);
    expect(canFollow({ payload: payload(), kernel: "here" })).toBe(false);
  });

  it("has the notice of what failed here before that of Python, until it is dismissed", () => {
    const notice = { kind: "info", text: "a", detail: null, at: 1 } as const;
    const failure = { ...notice, text: "b" };
    const told = {
      payload: payload({ more: { notice } }),
      failure: null,
      isNoticeDismissed: false,
    };
    expect(noticeOf(told)?.text).toBe("a");
    expect(noticeOf({ ...told, failure })?.text).toBe("b");
    expect(noticeOf({ ...told, isNoticeDismissed: true })).toBeNull();
  });
});
