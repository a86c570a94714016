import { describe, expect, it } from "vitest";
import { Store } from "../src/store";

const turn = () => Promise.resolve();

function drawn(): { store: Store; times: () => number } {
  const store = new Store(() => {});
  let n = 0;
  store.drawWith(() => {
    n += 1;
  });
  return { store, times: () => n };
}

describe("a view is drawn", () => {
  it("at once, and once after a turn with several changes", async () => {
    const { store, times } = drawn();
    expect(times()).toBe(1);
    store.change({ tab: "tasks" });
    store.change({ taskText: "load" });
    expect([store.tab, store.taskText, times()]).toEqual(["tasks", "load", 1]);
    await turn();
    expect(times()).toBe(2);
  });

  it("not for values that it has already", async () => {
    const { store, times } = drawn();
    store.change({ tab: "logs", cursor: null });
    await turn();
    expect(times()).toBe(1);
  });

  it("again for what is set while it is drawn", async () => {
    const store = new Store(() => {});
    const seen: number[] = [];
    store.drawWith(() => {
      seen.push(store.offset);
      if (store.offset < 40) store.change({ offset: 40 });
    });
    await turn();
    expect(seen).toEqual([0, 40]);
  });

  it("never after it is disposed of", async () => {
    const { store, times } = drawn();
    store.change({ tab: "tasks" });
    store.dispose();
    store.change({ tab: "details" });
    await turn();
    expect(times()).toBe(1);
  });
});
