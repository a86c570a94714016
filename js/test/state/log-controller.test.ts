/** What a reader does with the lines: filtering, finding, scrolling, opening; and new snapshots meanwhile. */

import { describe, expect, it } from "vitest";
import type { AnswerBody, Item } from "../../src/protocol/wire";
import { itemAt } from "../../src/state/row-cache";
import type { Store } from "../../src/state/store";
import { cardWithKernel, shownWithKernel } from "../kernel";
import { digest, failed, going, line, lines, payload, query, result, window } from "../samples";

const seqsOf = (store: Store) => [...store.rows.items.values()].map((item) => item[0]);
const rows = (items: Item[], start = 0): AnswerBody => ({
  kind: "rows",
  window: window(start, items),
});
const hit = (place: number, seq: number, nth: number): AnswerBody => ({
  kind: "found",
  what: "hit",
  place,
  seq,
  nth,
});

describe("another text", () => {
  it("is asked at every keystroke if it can be read, and what stands there is shown at once", () => {
    const { store, logs, model } = shownWithKernel();
    logs.type("re");
    expect(model.newest("query").query.text).toBe("re");
    logs.type("re tsk:x");
    expect(model.newest("query").query.text).toBe("re");
    expect([store.text, store.textError?.message]).toEqual([
      "re tsk:x",
      "Unknown key: tsk. Keys: level, task, logger, attempt, time.",
    ]);
  });

  it("that is not finished keeps the list, and says what is missing at its end", () => {
    const { store, logs, model } = shownWithKernel();
    const before = store.rows;
    for (const text of ["level:", "level>", "level>=", "task:", "/(unclosed", "-"]) {
      logs.type(text);
      expect([text, store.rows === before]).toEqual([text, true]);
    }
    expect(store.textError).not.toBeNull();
    expect(model.newest("query").query.text).not.toContain("level");
    logs.type("");
    expect([store.textError, logs.isLooking]).toEqual([null, false]);
  });

  it("that is not finished leaves the terms before it, not what it was on the way", () => {
    const { logs, model } = shownWithKernel();
    const asked = (text: string) => {
      logs.type(text);
      return model.newest("query").query.text;
    };
    expect(["leve", "level:", "re", "re lev", "re level>="].map(asked)).toEqual([
      "leve",
      "",
      "re",
      "re lev",
      "re",
    ]);
  });

  it("leaves the reader where they have scrolled to before its answer comes", () => {
    const { store, logs, model } = shownWithKernel();
    const answered = (text: string, scroll: () => void) => {
      logs.type(text);
      scroll();
      model.answer(
        model.newest("query"),
        result(2, { total: 100, at: 80, hit: { place: 80, seq: 80, nth: 1 } }),
      );
      return store.goal?.place;
    };
    expect(answered("re", () => {})).toBe(80);
    expect(answered("res", () => logs.scrolled(false))).toBeUndefined();
    expect(answered("", () => logs.scrolled(false))).toBeUndefined();
    expect(answered("rese", () => logs.scrolled(true))).toBe(80);
  });

  it("counts a scroll of the very frame in which its answer comes", () => {
    const { store, logs, model } = shownWithKernel();
    logs.type("re");
    logs.reportScroll = () => logs.scrolled(false);
    model.answer(model.newest("query"), result(2, { total: 100, at: 80 }));
    expect(store.goal).toBeNull();
  });

  it("is not said what was said of another", () => {
    const { store, logs, model } = shownWithKernel();
    logs.type("task:laod");
    expect(logs.hasText).toBe(true);
    model.answer(model.newest("query"), result(0, { advice: "Did you mean task:load?" }));
    logs.showLines("context");
    expect(store.result?.advice).toBe("Did you mean task:load?");
    logs.type("  ");
    expect([store.result?.advice, logs.hasText]).toEqual([null, false]);
  });

  it("of words marks them among all lines; other terms show only what fits", () => {
    const { logs, model } = shownWithKernel();
    logs.type("reset");
    expect(model.newest("query").query.lines).toBe("all");
    logs.type("level:error");
    expect(model.newest("query").query.lines).toBe("hits");
    logs.showLines("context");
    expect(model.newest("query").query).toMatchObject({ lines: "context", context: 2 });
    logs.type("reset");
    expect(model.newest("query").query.lines).toBe("context");
  });

  it("leaves the old rows until its first answer", () => {
    const { store, logs, model } = shownWithKernel();
    const before = store.rows;
    logs.type("level:error");
    expect(store.rows).toBe(before);
    expect(logs.isLooking).toBe(true);
    model.answer(model.newest("query"), rows([line(7), line(9)]));
    expect(seqsOf(store)).toEqual([7, 9]);
    expect(logs.isLooking).toBe(true);
    model.answer(model.newest("query"), result(2));
    expect(seqsOf(store)).toEqual([7, 9]);
    expect([logs.isLooking, store.rows.total]).toEqual([false, 2]);
  });

  it("makes every answer to an older one worth nothing", () => {
    const { store, logs, model } = shownWithKernel();
    logs.type("level:error");
    const older = model.newest("query");
    logs.type("level:info");
    const before = store.rows;
    model.answer(older, rows([line(1)]));
    model.answer(older, result(9));
    expect(store.rows).toBe(before);
    model.answer(model.newest("query"), result(3));
    logs.want({ first: 0, end: 3 });
    const wanted = model.newest("rows");
    logs.type("level:debug");
    model.answer(model.newest("query"), result(4));
    model.answer(wanted, rows([line(1)]));
    expect([store.rows.total, store.rows.items.size]).toEqual([4, 0]);
  });

  it("stays at the current line if that still fits, else goes to the top", () => {
    const { store, logs, model } = shownWithKernel();
    logs.stand(40);
    logs.type("task:load");
    expect(model.newest("query").near).toBe(40);
    model.answer(model.newest("query"), result(4000, { at: 33 }));
    expect([store.cursor, store.goal]).toMatchObject([33, { place: 33, where: "centre" }]);
    logs.type("task:other");
    expect(model.newest("query").near).toBeNull();
    model.answer(model.newest("query"), result(7));
    expect([store.cursor, store.goal]).toMatchObject([null, { place: 0, where: "top" }]);
  });

  it("goes to the first hit where every line is shown", () => {
    const { store, logs, model } = shownWithKernel();
    logs.type("reset");
    model.answer(
      model.newest("query"),
      result(5000, { hits: 3, hit: { place: 21, seq: 21, nth: 1 } }),
    );
    expect([store.cursor, store.nth, store.goal]).toMatchObject([21, 1, { place: 21 }]);
    expect(store.goal?.isFocused).toBe(false);
  });

  it("taken away again comes back to the line where one stood", () => {
    const { store, logs, model } = shownWithKernel();
    logs.stand(40);
    logs.type("task:other");
    model.answer(model.newest("query"), result(7));
    logs.type("");
    expect(model.newest("query").near).toBe(40);
    model.answer(model.newest("query"), result(5000, { at: 40 }));
    expect(store.cursor).toBe(40);
  });

  it("from Python moves every view, that of another view does not", () => {
    const { card, store, model } = shownWithKernel();
    const none = { pins: [], result: null };
    card.annotate({ ...none, text: "theirs", turn: 0 });
    expect(store.text).toBe("");
    card.annotate({ ...none, text: "python's", turn: 1 });
    expect([store.text, model.newest("query").query.text]).toEqual(["python's", "python's"]);
  });

  it("takes clicked terms, and proposed ones in place of those of their key", () => {
    const { store, logs } = shownWithKernel();
    logs.type("slow");
    logs.filterTask(line(0, "x", { task: "load[7]" }));
    expect(store.text).toBe('slow task="load[7]"');
    logs.filterTask(line(0, "x", { task: null }));
    logs.filterTask(line(0, "x", { task: "load[7]" }), true);
    expect(store.text).toBe('slow -task="load[7]"');
    logs.replace("task:load");
    expect(store.text).toBe("slow task:load");
  });
});

describe("earlier texts", () => {
  it("come back one after the other, the newest first, each once", () => {
    const { logs } = shownWithKernel();
    for (const text of ["first", "second", "first", "tsk:wrong", " "]) {
      logs.type(text);
      logs.remember();
    }
    expect([logs.history.recall(1), logs.history.recall(1)]).toEqual(["first", "second"]);
    expect([
      logs.history.isRecalling,
      logs.history.recall(-1),
      logs.history.recall(-1),
      logs.history.recall(-1),
    ]).toEqual([true, "first", "", null]);
    logs.history.recall(1);
    logs.history.end();
    expect(logs.history.isRecalling).toBe(false);
  });
});

describe("going to the next one", () => {
  const filtered = () => {
    const shown = shownWithKernel();
    shown.logs.type("level:error");
    shown.model.answer(shown.model.newest("query"), result(3));
    return shown;
  };

  it("goes as often as a key was pressed, also before the first answer", () => {
    const { store, logs, model } = filtered();
    logs.find("hit");
    logs.find("hit");
    expect(model.allAsked("find")).toHaveLength(1);
    model.answer(model.newest("find"), hit(0, 7, 1));
    expect(model.allAsked("find")).toHaveLength(2);
    expect(model.newest("find").at).toBe(7);
    model.answer(model.newest("find"), hit(1, 9, 2));
    expect([model.allAsked("find").length, store.nth, store.cursor]).toEqual([2, 2, 1]);
  });

  it("that waits while a new snapshot arrives is asked again and ends", () => {
    const { card, store, logs, model } = shownWithKernel(payload({ total: 5000, header: going }));
    logs.find("error");
    const before = model.newest("find");
    card.receive(payload({ snapshot: 2, total: 5010, header: going }));
    model.answer(before, hit(9, 9, 1));
    expect(store.cursor).toBeNull();
    expect(model.newest("find")).toMatchObject({ what: "error", snapshot: 2 });
    model.answer(model.newest("find"), { kind: "found", what: "error", place: 9, seq: 9, nth: 1 });
    expect(store.cursor).toBe(9);
    logs.find("error");
    expect(model.newest("find")).toMatchObject({ at: 9 });
    expect(model.allAsked("find")).toHaveLength(3);
  });

  it("that finds nothing, or fails, does not keep the next key waiting", () => {
    const { logs, model } = filtered();
    logs.find("error");
    model.answer(model.newest("find"), {
      kind: "found",
      what: "error",
      place: null,
      seq: null,
      nth: null,
    });
    logs.find("error");
    const notice = { kind: "error", text: "No.", detail: null, at: 1 } as const;
    model.answer(model.newest("find"), { kind: "failed", notice });
    logs.find("hit");
    expect(model.allAsked("find").map(({ what }) => what)).toEqual(["error", "error", "hit"]);
  });

  it("is forgotten when another text is typed meanwhile", () => {
    const { store, logs, model } = filtered();
    logs.find("hit");
    const before = model.newest("find");
    logs.type("level:info");
    model.answer(model.newest("query"), result(3));
    model.answer(before, hit(2, 9, 3));
    expect(store.cursor).toBeNull();
    logs.find("hit");
    expect(model.allAsked("find")).toHaveLength(2);
  });

  it("line or time is a place that is shown, or asked for", () => {
    const { store, logs, model } = shownWithKernel();
    store.change({ tab: "tasks" });
    logs.showLine(12);
    expect([store.tab, store.cursor, model.allAsked("find").length]).toEqual(["logs", 12, 0]);
    logs.showLine(4000);
    expect(model.newest("find")).toMatchObject({ what: "line", at: 4000 });
    logs.showTime(77);
    expect(model.newest("find")).toMatchObject({ what: "time", at: 77 });
  });
});

describe("a new snapshot", () => {
  const next = (total: number, more = {}) =>
    payload({ snapshot: 2, total, start: total - 60, rows: lines(total - 60, 60), ...more });

  it("keeps what is at the top where it is, also if lines came above it", () => {
    const { card, store, model } = shownWithKernel(payload({ total: 5000, rows: lines(0, 200) }));
    store.change({ offset: 2007, cursor: 104, near: 104 });
    card.receive(next(5010));
    expect(model.newest("query")).toMatchObject({ near: 100 });
    model.answer(model.newest("query"), result(5012, { at: 102 }));
    expect([store.offset, store.cursor]).toEqual([2047, 106]);
  });

  it("goes on at the tail if that is where one was", () => {
    const { card, store, model } = shownWithKernel(
      payload({ total: 5000, start: 4940, rows: lines(4940, 60), header: going }),
    );
    expect(store.isAtTail).toBe(true);
    card.receive(next(5010, { header: going }));
    model.answer(model.newest("query"), result(5010));
    expect(store.goal).toMatchObject({ place: 5009 });
  });

  it("is counted to who reads elsewhere", () => {
    const { card, store, logs } = shownWithKernel(payload({ total: 5000, header: going }));
    logs.scrolled(false);
    card.receive(next(5010, { header: going }));
    expect([store.isAtTail, store.unseen]).toEqual([false, 10]);
    logs.scrolled(true);
    expect([store.isAtTail, store.unseen]).toEqual([true, 0]);
  });

  it("is at the tail of a run whose first lines came after the card", () => {
    const { card, store } = cardWithKernel();
    card.receive(payload({ total: 0, rows: [], header: going }));
    expect(store.isAtTail).toBe(false);
    card.receive(next(70, { header: going }));
    expect([store.isAtTail, store.unseen]).toEqual([true, 0]);
  });

  it("asks for what it shows again only when it is known what it has", () => {
    const { card, logs, model } = shownWithKernel();
    logs.type("level:error");
    model.answer(model.newest("query"), result(800));
    card.receive(next(5010));
    logs.want({ first: 0, end: 20 });
    expect(model.allAsked("rows")).toEqual([]);
    model.answer(model.newest("query"), result(801));
    logs.want({ first: 0, end: 20 });
    expect(model.newest("rows")).toMatchObject({ start: 0 });
  });

  it("keeps the rows in sight where the newest are first, as far down as lines came above them", () => {
    const { card, store, logs, model } = shownWithKernel();
    logs.show({ is_newest_first: true });
    model.answer(model.newest("query"), result(5000));
    logs.want({ first: 0, end: 20 });
    model.answer(model.newest("rows"), rows(lines(4940, 60).reverse()));
    store.change({ offset: 100, goal: null });
    card.receive(next(5010));
    expect(model.newest("query").near).toBe(4994);
    model.answer(model.newest("query"), result(5010, { at: 15 }));
    expect([store.offset, itemAt(store.rows, 15)?.[0]]).toEqual([300, 4994]);
  });

  it("and a next one before its result keep the reader at the same line, newest first", () => {
    const { card, store, logs, model } = shownWithKernel();
    logs.show({ is_newest_first: true });
    model.answer(model.newest("query"), result(5000));
    logs.want({ first: 0, end: 60 });
    model.answer(model.newest("rows"), rows(lines(4940, 60).reverse()));
    logs.stand(8);
    store.change({ offset: 100, goal: null });
    card.receive(next(5010));
    // Its rows come before its result, which the next snapshot overtakes.
    model.answer(model.newest("query"), rows(lines(4950, 60).reverse()));
    expect(itemAt(store.rows, 8)?.[0]).toBe(4991);
    card.receive(payload({ snapshot: 3, total: 5025, start: 4965, rows: lines(4965, 60) }));
    expect(model.newest("query").near).toBe(4994);
    model.answer(model.newest("query"), rows(lines(4965, 60).reverse()));
    model.answer(model.newest("query"), result(5025, { at: 30 }));
    expect([store.offset, store.cursor]).toEqual([600, 33]);
    expect([30, 33].map((at) => itemAt(store.rows, at)?.[0])).toEqual([4994, 4991]);
  });

  it("of which lines came above moves what is still drawn of the one before", () => {
    const { card, store, model } = shownWithKernel(payload({ total: 5000, rows: lines(0, 200) }));
    store.change({ offset: 2000 });
    card.receive(next(5010));
    model.answer(model.newest("query"), result(5012, { at: 102 }));
    expect(itemAt(store.rows, 102)?.[0]).toBe(100);
  });

  it("has its own lines where they stand oldest first, and not where the newest are first", () => {
    const { card, store, logs, model } = shownWithKernel();
    logs.type("reset");
    card.receive(next(5010));
    expect(itemAt(store.rows, 4950)?.[0]).toBe(4950);
    logs.show({ is_newest_first: true });
    model.answer(model.newest("query"), result(5010));
    card.receive(payload({ snapshot: 3, total: 5020, start: 4960, rows: lines(4960, 60) }));
    expect(store.rows.items.get(4960)).toBeUndefined();
  });

  it("leaves to the answer where to go, if the reader has just asked for something else", () => {
    const { card, store, logs, model } = shownWithKernel();
    logs.stand(40);
    logs.show({ is_newest_first: true });
    card.receive(next(5010));
    expect(model.newest("query")).toMatchObject({ near: 40, snapshot: 2 });
    model.answer(model.newest("query"), result(5010, { at: 4969 }));
    expect([store.cursor, store.goal?.place]).toEqual([4969, 4969]);
  });

  it("has a line looked for anew whose place may be another one", () => {
    const { card, store, logs, model } = shownWithKernel();
    logs.show({ is_newest_first: true });
    model.answer(model.newest("query"), result(5000));
    logs.want({ first: 0, end: 20 });
    model.answer(model.newest("rows"), rows(lines(4940, 60).reverse()));
    card.receive(next(5010));
    logs.showLine(4990);
    expect([store.cursor, model.newest("find").at]).toEqual([null, 4990]);
  });

  it("of which only the head is another keeps everything as it is", () => {
    const { card, store, logs, model } = shownWithKernel();
    logs.stand(7);
    const before = [store.rows, model.asked.length];
    card.receive(payload({ total: 5000, header: { name: "renamed" } }));
    expect([store.rows, model.asked.length, store.cursor]).toEqual([...before, 7]);
  });
});

describe("lines of a first look", () => {
  /** The first lines and the last ones: what is between them is not known, nor how many lines there are. */
  const first = payload({
    total: 4,
    rows: [
      line(0),
      line(1),
      line(2, "late", { position: null }),
      line(3, "failed", { position: null, level: 40 }),
    ],
    header: { state: failed },
    logs: {
      is_complete: false,
      first_error: 3,
      window: window(
        0,
        [
          line(0),
          line(1),
          ["missing", null],
          line(2, "late", { position: null }),
          line(3, "failed", { position: null, level: 40 }),
        ],
        5,
      ),
    },
    more: { digest: digest({ line: [3, null] }) },
  });
  /** All of them: what was 2 and 3 is 90 and 91. */
  const all = payload({
    snapshot: 2,
    total: 120,
    start: 60,
    rows: lines(60, 60),
    header: { state: failed },
    more: {
      digest: digest({ line: [91, 91] }),
      renumbered: [
        [0, 0],
        [1, 1],
        [2, 90],
        [3, 91],
      ],
    },
  });

  it("have no number where it is not known, and the card opens at the one that failed", () => {
    const { store } = shownWithKernel(first);
    expect([store.cursor, store.near]).toEqual([4, 3]);
    expect(itemAt(store.rows, 4)).toMatchObject({ 0: 3, 8: null });
  });

  it("are followed to their own numbers once all lines are there", () => {
    const { card, store, model } = shownWithKernel(first);
    store.change({ selected: new Set([2, 77]) });
    card.receive(all);
    expect([store.near, [...store.selected], store.cursor]).toEqual([91, [90], null]);
    expect(model.newest("query")).toMatchObject({ snapshot: 2 });
    expect(itemAt(store.rows, 91)).toMatchObject({ 0: 91, 8: 91 });
    expect(itemAt(store.rows, 2)).toBeUndefined();
  });

  it("that were opened stay open under their new numbers", () => {
    const { card, store, logs } = shownWithKernel(first);
    logs.open(4);
    card.receive(all);
    expect(store.opened?.row[0]).toBe(91);
    logs.open(99);
    card.receive({ ...all, snapshot: 3, renumbered: [] });
    expect(store.opened?.row[0]).toBe(99);
  });

  it("that nobody has looked at open where the whole log would", () => {
    const { card, store } = cardWithKernel();
    card.receive({
      ...first,
      digest: null,
      logs: first.logs && { ...first.logs, first_error: null },
    });
    expect(store.near).toBeNull();
    card.receive(all);
    expect([store.near, store.cursor]).toEqual([91, 91]);
  });
});

describe("a card that was saved with a filter", () => {
  const saved = {
    query: query({ text: "level:error", lines: "hits" }),
    hits: 3,
    shown: 3,
    window: window(
      0,
      [400, 410, 420].map((seq) => line(seq, "boom", { level: 40 })),
      3,
    ),
  };
  const opened = () => {
    const all = cardWithKernel();
    all.card.annotate({ text: "level:error", turn: 1, pins: [], result: saved });
    all.card.receive(payload({ total: 500 }));
    return all;
  };

  it("shows the lines that the filter found, before anybody answers", () => {
    const { store, logs } = opened();
    expect([store.text, store.query.lines]).toEqual(["level:error", "hits"]);
    expect(seqsOf(store)).toEqual([400, 410, 420]);
    expect(logs.pool.size).toBe(63);
  });

  it("brings the lines back when the filter is cleared", () => {
    const { store, logs } = opened();
    logs.type("");
    expect(store.query.text).toBe("");
    expect(logs.pool.log(payload({ total: 500 }))?.rows).toHaveLength(63);
  });

  it("that was saved for another text is asked for", () => {
    const { card, store, model } = cardWithKernel();
    card.annotate({ text: "level:info", turn: 1, pins: [], result: saved });
    card.receive(payload({ total: 500 }));
    expect(seqsOf(store)).toEqual([]);
    expect(model.newest("query")).toMatchObject({ query: { text: "level:info" }, count: 60 });
  });
});

describe("how lines are shown", () => {
  it("opens gaps in place, and nothing above them moves", () => {
    const { store, logs, model } = shownWithKernel();
    logs.type("reset");
    logs.showLines("context");
    model.answer(model.newest("query"), result(800));
    store.change({ offset: 400 });
    logs.show({ opened: [[30, 20]] });
    expect(model.newest("query").query.opened).toEqual([[30, 20]]);
    model.answer(model.newest("query"), result(820));
    expect([store.offset, store.goal]).toEqual([400, null]);
  });

  it("is another order, or folds repeated lines, about the line where one stands", () => {
    const { logs, model } = shownWithKernel();
    logs.stand(7);
    logs.show({ is_newest_first: true });
    expect(model.newest("query")).toMatchObject({ near: 7, query: { is_newest_first: true } });
    logs.show({ folds_repeats: true });
    expect(model.newest("query").query).toMatchObject({
      is_newest_first: true,
      folds_repeats: true,
    });
  });

  it("is another one before the answer to the one before has come", () => {
    const { store, logs, model } = shownWithKernel();
    logs.show({ folds_repeats: true });
    model.answer(model.newest("query"), result(900));
    logs.want({ first: 0, end: 3 });
    model.answer(model.newest("rows"), rows([line(0, "a", { repeats: 9 }), line(9), line(10)]));
    logs.show({ is_newest_first: true });
    logs.show({ is_newest_first: true, folds_repeats: false });
    expect(store.rows.query.folds_repeats).toBe(true);
    model.answer(model.newest("query"), result(5000));
    expect([store.rows.items.size, store.rows.total]).toEqual([0, 5000]);
  });

  it("is another order in which the reader stands at the same line, also where nothing is found", () => {
    const { store, logs, model } = shownWithKernel();
    logs.type("zzz");
    model.answer(model.newest("query"), result(5000, { hits: 0 }));
    logs.stand(40);
    logs.show({ is_newest_first: true });
    model.answer(model.newest("query"), result(5000, { hits: 0, at: 4959 }));
    expect([store.cursor, store.goal?.place]).toEqual([4959, 4959]);
    logs.show({ is_newest_first: false });
    model.answer(model.newest("query"), rows(lines(10, 60), 10));
    expect(store.cursor).toBeNull();
  });

  it("is in another zone, which asks again only where the text names times", () => {
    const { store, logs, model } = shownWithKernel();
    const before = model.asked.length;
    logs.showZone("Europe/Berlin");
    expect([store.zone, store.query.zone, store.rows.query === store.query]).toEqual([
      "Europe/Berlin",
      "Europe/Berlin",
      true,
    ]);
    expect(model.asked).toHaveLength(before);
    logs.type("time:13:00..");
    logs.showZone("UTC");
    expect(model.newest("query").query).toMatchObject({ zone: "UTC", text: "time:13:00.." });
  });
});

describe("another zone while an answer is on its way", () => {
  it("is asked for as well, and the rows come in the end", () => {
    const { store, logs, model } = shownWithKernel();
    logs.type("level:error");
    const before = model.newest("query");
    logs.showZone("Europe/Berlin");
    expect(model.newest("query").query).toMatchObject({
      zone: "Europe/Berlin",
      text: "level:error",
    });
    model.answer(before, result(9));
    model.answer(model.newest("query"), result(3));
    expect([store.rows.total, logs.isLooking, store.rows.query.zone]).toEqual([
      3,
      false,
      "Europe/Berlin",
    ]);
  });

  it("has rows that were asked for asked for again", () => {
    const { logs, model } = shownWithKernel();
    logs.want({ first: 1000, end: 1020 });
    logs.showZone("Europe/Berlin");
    model.answer(model.newest("rows"), rows(lines(960, 100), 960));
    logs.want({ first: 1000, end: 1020 });
    expect(model.allAsked("rows")).toHaveLength(2);
  });
});

describe("lines of which the page had only some", () => {
  const some = (total: number) => result(total, { searched: 60 });

  it("stand at their own places once the kernel has answered", () => {
    const { store, logs } = shownWithKernel();
    logs.show({ is_newest_first: true });
    const asked = { kind: "query", query: store.query, near: null, count: 2 } as const;
    logs.take(rows([line(59), line(3), line(1)]), asked);
    logs.take(some(3), asked);
    expect(seqsOf(store)).toEqual([59, 3, 1]);
    logs.take(rows([line(4999), line(4998)]), asked);
    logs.take(result(5000), asked);
    expect([seqsOf(store), store.rows.total]).toEqual([[4999, 4998], 5000]);
  });

  it("take the place of all when the kernel goes, and make room when it is back", () => {
    const { card, store, logs, model } = shownWithKernel();
    card.setKernel("here");
    logs.goTo(4000);
    logs.want({ first: 4000, end: 4020 });
    model.answer(model.newest("rows"), rows(lines(3960, 100), 3960));
    store.change({ offset: 80_000, cursor: 4001, near: 4001, goal: null });
    card.setKernel("gone");
    expect(model.newest("query")).toMatchObject({ near: 4000 });
    logs.want({ first: 100, end: 120 });
    expect(model.allAsked("rows")).toHaveLength(1);
    model.answer(model.newest("query"), some(162));
    expect([store.rows.total, store.rows.items.size]).toEqual([162, 0]);
  });
});

describe("rows", () => {
  it("are asked for with a margin, once, and again when that failed", () => {
    const { logs, model } = shownWithKernel();
    logs.want({ first: 1000, end: 1020 });
    logs.want({ first: 1005, end: 1025 });
    expect(model.allAsked("rows")).toMatchObject([{ start: 960, count: 100 }]);
    const notice = { kind: "error", text: "No.", detail: null, at: 1 } as const;
    model.answer(model.newest("rows"), { kind: "failed", notice });
    logs.want({ first: 1005, end: 1025 });
    expect(model.allAsked("rows")).toHaveLength(2);
    logs.want({ first: 965, end: 1065 });
    expect(model.allAsked("rows")).toHaveLength(2);
    logs.want({ first: 959, end: 970 });
    expect(model.allAsked("rows")).toHaveLength(3);
    logs.want({ first: 5, end: 5 });
    expect(model.allAsked("rows")).toHaveLength(3);
  });

  it("that are on their way have a key wait for them", () => {
    const { store, logs, model } = shownWithKernel();
    let done = 0;
    logs.stand(1000);
    logs.whenHeld(() => {
      done += 1;
    });
    logs.want({ first: 1000, end: 1001 });
    model.answer(model.newest("rows"), rows(lines(960, 100), 960));
    expect([done, itemAt(store.rows, 1000)?.[0]]).toEqual([1, 1000]);
    model.answer(model.newest("rows"), rows(lines(960, 100), 960));
    expect(done).toBe(1);
  });

  it("that were not there when one went to them are where one stands once they are", () => {
    const { store, logs, model } = shownWithKernel();
    logs.stand(5);
    logs.stand(4999);
    expect(store.near).toBe(5);
    logs.want({ first: 4980, end: 5000 });
    const { start, count } = model.newest("rows");
    model.answer(model.newest("rows"), rows(lines(start, count), start));
    logs.find("error");
    expect([store.near, model.newest("find").at]).toEqual([4999, 4999]);
  });

  it("are opened whole, asking for what is cut", () => {
    const { store, logs, model } = shownWithKernel(
      payload({ rows: [line(0, "abc", { length: 6 }), line(1)] }),
    );
    logs.open(1);
    expect([store.opened?.message, model.allAsked("line").length]).toEqual(["message 1", 0]);
    logs.open(0);
    expect([store.opened?.message, model.newest("line").seq]).toEqual([null, 0]);
    model.answer(model.newest("line"), { kind: "line", seq: 0, message: "abcdef" });
    expect(store.opened?.message).toBe("abcdef");
    logs.open(99);
    expect(store.opened?.row[0]).toBe(0);
  });

  it("are chosen from where a range begins to where one stands", () => {
    const { store, logs } = shownWithKernel();
    expect(logs.selection).toBeNull();
    logs.stand(9);
    store.change({ rangeFrom: 12 });
    expect(logs.selection).toMatchObject({ from: 9, to: 12, query: store.rows.query });
  });
});

describe("while every line is shown", () => {
  it("another text marks the rows that are there, without asking for them again", () => {
    const { store, logs, model } = shownWithKernel();
    const before = store.rows.items;
    logs.type("message 3");
    expect([store.rows.items, store.rows.query.text]).toEqual([before, "message 3"]);
    expect(logs.markers).toHaveLength(2);
    model.answer(model.newest("query"), result(5000, { hits: 1 }));
    expect(store.rows.items.size).toBe(60);
  });
});
