/** One view of a card: what becomes of payloads and answers, copying and saving lines, waiting for the kernel. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AnswerBody, Item, Notice } from "../../src/protocol/wire";
import { bytes, cardWithKernel, shownWithKernel } from "../kernel";
import { going, line, lines, payload, result, window } from "../samples";

const near = null as unknown as HTMLElement;
const notice = (more: Partial<Notice> = {}): Notice => ({
  kind: "error",
  text: "It did not work.",
  detail: null,
  at: 1,
  ...more,
});
const failedWith = (more: Partial<Notice> = {}): AnswerBody => ({
  kind: "failed",
  notice: notice(more),
});

describe("a payload", () => {
  it("takes away what was said of the one before", () => {
    const { card, store, model } = shownWithKernel();
    card.client.ask({ kind: "related" });
    card.download(true, "csv");
    model.answer(model.newest("download"), failedWith());
    expect(store.failure?.text).toBe("It did not work.");
    store.change({ isChangeDismissed: true, isNoticeDismissed: true });
    card.receive(payload({ total: 5000 }));
    expect([store.failure, store.isChangeDismissed, store.isNoticeDismissed]).toEqual([
      null,
      true,
      true,
    ]);
    card.receive(payload({ snapshot: 2, total: 5000, more: { notice: notice() } }));
    expect([store.isChangeDismissed, store.isNoticeDismissed]).toEqual([false, false]);
  });

  it("chooses the tab once", () => {
    const { card, store } = shownWithKernel();
    store.change({ tab: "details" });
    card.receive(payload({ snapshot: 2, total: 5000 }));
    expect(store.tab).toBe("details");
  });

  it("leaves the tab until Python sets a filter, which is for the log", () => {
    const { card, store } = shownWithKernel();
    const set = (text: string, turn: number) =>
      card.annotate({ text, turn, pins: [], result: null });
    store.change({ tab: "tasks" });
    set("typed in another view", 0);
    set("", 1);
    expect(store.tab).toBe("tasks");
    set('task="load"', 2);
    expect([store.tab, store.text]).toEqual(["logs", 'task="load"']);
  });

  describe("with a notice that is tried again", () => {
    beforeEach(() => {
      vi.useFakeTimers({ now: 1000 });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    it("says when", () => {
      const { card, store } = cardWithKernel();
      card.receive(payload({ more: { notice: notice({ retry_seconds: 12 }) } }));
      expect(store.retryAt).toBe(1e6 + 12e6);
      card.receive(payload({ more: { notice: notice({ retry_seconds: null }) } }));
      expect(store.retryAt).toBe(0);
    });
  });
});

describe("a refresh", () => {
  it("is asked once at a time, and its end is told", () => {
    const { card, store, model } = shownWithKernel();
    card.refresh();
    card.refresh();
    expect([store.refresh, model.allAsked("refresh").length]).toEqual(["asked", 1]);
    model.answer(model.newest("refresh"), { kind: "heard" });
    expect(store.refresh).toBe("working");
    model.answer(model.newest("refresh"), { kind: "refreshed" });
    expect(store.refresh).toBe("idle");
  });

  it("that a busy kernel does not take is queued, and given up when the kernel goes", () => {
    const { card, store } = shownWithKernel();
    card.refresh();
    card.late({ kind: "refresh" });
    expect(store.refresh).toBe("queued");
    card.setKernel("gone");
    expect([store.refresh, store.kernel]).toEqual(["idle", "gone"]);
  });
});

describe("a kernel that is late", () => {
  it("is said of what the reader waits for, until it says anything", () => {
    const { card, store, logs, model } = shownWithKernel();
    logs.type("level:error");
    card.late(model.newest("query"));
    expect(store.isLate).toBe(true);
    model.answer(model.newest("query"), { kind: "heard" });
    expect(store.isLate).toBe(false);
  });

  it("is not said of what nobody waits for, nor where there is none", () => {
    const { card, store, model } = shownWithKernel();
    card.late({ kind: "visible", is_visible: true });
    card.late(model.newest("query"));
    expect(store.isLate).toBe(false);
    card.setKernel("absent");
    card.late({ kind: "line", seq: 1 });
    expect(store.isLate).toBe(false);
  });
});

describe("following", () => {
  it("is asked for, and to be ended, where there is more to come", () => {
    const { card, model } = shownWithKernel(payload({ header: going }));
    card.follow();
    expect(model.allAsked("follow")).toEqual([]);
    card.setKernel("here");
    card.follow();
    expect(model.newest("follow").is_on).toBe(true);
    card.receive(payload({ snapshot: 2, header: going, more: { is_following: true } }));
    card.follow();
    expect(model.newest("follow").is_on).toBe(false);
  });
});

describe("copying rows", () => {
  it("that are all held is done at once", async () => {
    const { card, store, logs, host, model } = shownWithKernel();
    logs.stand(2);
    store.change({ rangeFrom: 0 });
    await card.copyRows(near);
    expect(host.copied[0]?.trim().split("\n")).toHaveLength(3);
    expect([store.copying, model.allAsked("text").length]).toEqual(["Copied 3 lines", 0]);
    store.change({ rangeFrom: null });
    await card.copyRows(near);
    expect(store.copying).toBe("Copied 1 line");
  });

  it("says how many lines it were: gaps and dividers are none", async () => {
    const items: Item[] = [line(0), [null, 3, 1, 3], line(4), ["retry", "load", 2, 2, 1], line(5)];
    const { card, store, logs, model } = shownWithKernel();
    logs.type("level:info");
    model.answer(model.newest("query"), { kind: "rows", window: window(0, items) });
    model.answer(model.newest("query"), result(4000));
    logs.stand(4);
    store.change({ rangeFrom: 0 });
    await card.copyRows(near);
    expect(store.copying).toBe("Copied 3 lines");
    logs.stand(3999);
    const copied = card.copyRows(near);
    const body = { kind: "text", part: 0, parts: 1, lines: 2000 } as const;
    model.answer(model.newest("text"), body, { buffers: [bytes("x")] });
    await copied;
    expect(store.copying).toBe("Copied 2\u202f000 lines");
  });

  it("of which there are too many says that it were the first", async () => {
    const { card, store, logs, model } = shownWithKernel(payload({ total: 100_001 }));
    logs.stand(100_000);
    store.change({ rangeFrom: 0 });
    const copied = card.copyRows(near);
    const body = { kind: "text", part: 0, parts: 1, lines: 100_000 } as const;
    model.answer(model.newest("text"), body, { buffers: [bytes("x")] });
    await copied;
    expect(store.copying).toBe("Copied the first 100\u202f000 lines");
  });

  it("of which some are not held asks for them once, and copies them when they come", async () => {
    const { card, store, logs, host, model } = shownWithKernel();
    logs.stand(4999);
    store.change({ rangeFrom: 0 });
    const copied = card.copyRows(near);
    expect(store.copying).toBe("Copying…");
    expect(card.chosenRows()).toBeNull();
    const question = model.newest("text");
    expect(question.selection).toMatchObject({ from: 0, to: 4999 });
    const part = (n: number, text: string | DataView) =>
      model.answer(
        question,
        { kind: "text", part: n, parts: 2, lines: 5000 },
        { buffers: [typeof text === "string" ? bytes(text) : text] },
      );
    // The second byte of a letter is in the second part.
    part(0, new DataView(new Uint8Array([0x61, 0xc3]).buffer));
    part(1, new DataView(new Uint8Array([0xa9]).buffer));
    await copied;
    expect(host.copied).toEqual(["aé"]);
    expect([store.copying, model.allAsked("text").length]).toEqual(["Copied 5\u202f000 lines", 1]);
    expect(card.chosenRows()).toEqual({ text: "aé", lines: 5000 });
  });

  it("of which one is cut asks for the whole of it", () => {
    const { card, logs, model } = shownWithKernel(
      payload({ rows: [line(0, "abc", { length: 6 })] }),
    );
    logs.stand(0);
    expect(card.chosenRows()).toBeNull();
    expect(model.newest("text").selection).toMatchObject({ from: 0, to: 0 });
  });

  it("that the browser refuses once they are there says to copy again", async () => {
    const { card, store, logs, host, model } = shownWithKernel();
    host.canCopy = false;
    logs.stand(4999);
    store.change({ rangeFrom: 0 });
    const copied = card.copyRows(near);
    const body = { kind: "text", part: 0, parts: 1, lines: 5000 } as const;
    model.answer(model.newest("text"), body, { buffers: [bytes("x")] });
    await copied;
    expect(store.copying).toBe("The lines are loaded now: copy again");
  });

  it("that cannot be read says so, and can be tried again", async () => {
    const { card, store, logs, model } = shownWithKernel();
    logs.stand(4999);
    store.change({ rangeFrom: 0 });
    const copied = card.copyRows(near);
    model.answer(model.newest("text"), failedWith());
    await copied;
    expect([store.copying, store.failure?.text]).toEqual(["Copy failed", "It did not work."]);
    expect(card.chosenRows()).toBeNull();
    expect(model.allAsked("text")).toHaveLength(2);
  });

  it("is given up when others are chosen", async () => {
    const { card, store, logs, model, host } = shownWithKernel();
    logs.stand(4999);
    store.change({ rangeFrom: 0 });
    const first = card.copyRows(near);
    store.change({ rangeFrom: 100 });
    const second = card.copyRows(near);
    await first;
    const body = { kind: "text", part: 0, parts: 1, lines: 4900 } as const;
    model.answer(model.newest("text"), body, { buffers: [bytes("x")] });
    await second;
    expect([host.copied, store.copying]).toEqual([["x"], "Copied 4\u202f900 lines"]);
  });

  it("does nothing where none is chosen", () => {
    const { card, model } = shownWithKernel();
    expect([card.chosenRows(), model.allAsked("text")]).toEqual([null, []]);
  });
});

describe("a file", () => {
  it("is saved when all its parts are there, in their order", () => {
    const { card, store, host, model } = shownWithKernel();
    store.change({ menu: "download" });
    card.download(true, "csv");
    expect([store.menu, model.newest("download").query]).toEqual([null, null]);
    const part = (n: number, text: string) =>
      model.answer(
        model.newest("download"),
        { kind: "download", name: "run.csv", part: n, parts: 2 },
        { buffers: [bytes(text)] },
      );
    part(0, "a\n");
    expect(host.saved).toEqual([]);
    part(1, "b\n");
    expect(host.saved).toEqual([{ name: "run.csv", text: "a\nb\n" }]);
  });

  it("is not mixed with lines that are copied meanwhile", async () => {
    const { card, store, logs, host, model } = shownWithKernel();
    card.download(true, "csv");
    const part = (n: number, text: string) =>
      model.answer(
        model.newest("download"),
        { kind: "download", name: "run.csv", part: n, parts: 2 },
        { buffers: [bytes(text)] },
      );
    part(0, "a\n");
    logs.stand(4999);
    store.change({ rangeFrom: 0 });
    const copied = card.copyRows(near);
    const body = { kind: "text", part: 0, parts: 1, lines: 5000 } as const;
    model.answer(model.newest("text"), body, { buffers: [bytes("copied")] });
    part(1, "b\n");
    await copied;
    expect([host.saved[0]?.text, host.copied]).toEqual(["a\nb\n", ["copied"]]);
  });

  it("of the lines shown says which", () => {
    const { card, store, logs, model } = shownWithKernel();
    logs.type("level:error");
    model.answer(model.newest("query"), result(3));
    card.download(false, "jsonl");
    expect(model.newest("download")).toMatchObject({ query: store.rows.query, format: "jsonl" });
  });
});

describe("what is read only when somebody looks at it", () => {
  it("is asked for once, and says what failed where it would stand", () => {
    const { card, store, model } = shownWithKernel();
    card.wantRelated();
    model.answer(model.newest("related"), failedWith({ text: "No artifacts." }));
    expect([store.relatedFailed, store.failure]).toEqual(["No artifacts.", null]);
    const related = { artifacts: [], results: [], parent: null, subflows: [], problems: [] };
    card.wantRelated();
    model.answer(model.newest("related"), { kind: "related", related });
    card.wantRelated();
    expect([store.related, store.relatedFailed]).toEqual([related, null]);
    expect(model.allAsked("related")).toHaveLength(2);
  });

  it("is the patterns of the lines that are shown", () => {
    const { card, store, model } = shownWithKernel();
    card.wantTemplates();
    const rows = [["message <int>", 60, 0, 1, 20, "/message/"]] as [
      [string, number, number, number, number, string],
    ];
    model.answer(model.newest("templates"), { kind: "templates", rows, lines: 60 });
    expect(store.templates).toEqual({ query: store.rows.query, snapshot: 1, rows });
    card.wantTemplates();
    model.answer(model.newest("templates"), failedWith({ text: "Too many." }));
    expect([store.templatesFailed, store.failure]).toEqual(["Too many.", null]);
  });
});

describe("the card of another run", () => {
  it("is opened once, and closed", () => {
    const { card, store, model } = shownWithKernel();
    card.openRun("child");
    model.answer(model.newest("open"), { kind: "opened", model: "m-1" });
    card.openRun("child");
    expect([store.openedRuns, model.allAsked("open").length]).toEqual([
      [{ id: "child", model: "m-1" }],
      1,
    ]);
    card.closeRun("child");
    expect(store.openedRuns).toEqual([]);
  });
});

describe("suggestions", () => {
  it("are shown for the text that they are of, while it is being typed", () => {
    const { card, store, logs, model } = shownWithKernel();
    logs.type("ta");
    store.change({ isTyping: true });
    card.suggest("ta", 2);
    const body: AnswerBody = { kind: "suggestions", start: 0, end: 2, items: [["task:", ""]] };
    model.answer(model.newest("suggest"), body);
    expect(store.suggestions?.items).toEqual([["task:", ""]]);
    store.change({ suggestions: null });
    card.suggest("ta", 2);
    logs.type("tas");
    model.answer(model.newest("suggest"), body);
    expect(store.suggestions).toBeNull();
  });
});

it("a card that is closed takes no answer any more", () => {
  const { card, store, logs, model } = shownWithKernel();
  logs.want({ first: 100, end: 120 });
  card.close();
  model.answer(model.newest("rows"), {
    kind: "rows",
    window: { start: 60, items: lines(60, 100), total: null },
  });
  expect(store.rows.items.size).toBe(60);
});
