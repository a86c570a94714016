import { describe, expect, it, vi } from "vitest";
import { itemAt } from "../src/core/items";
import type { AnswerBody, QuestionOf } from "../src/core/local";
import type { Answer } from "../src/core/wire";
import { pinLine, selectLines } from "../src/evidence";
import { Store } from "../src/store";
import { line, lines, looked, payload, window } from "./sample";

type Kind = QuestionOf["kind"];

/** A store, what it asked, and a way to answer. */
function begun(data = payload({ total: 5000 })) {
  const asked: QuestionOf[] = [];
  const store = new Store((question) => asked.push(question));
  store.receive(data);
  const newest = <K extends Kind>(kind: K) =>
    asked.findLast((one) => one.kind === kind) as Extract<QuestionOf, { kind: K }>;
  const answer = (question: QuestionOf, body: AnswerBody) => {
    const { snapshot } = store.payload ?? { snapshot: 0 };
    store.answer({ ...body, view: "v", n: 1, snapshot } as Answer, question);
  };
  answer(newest("look"), looked(5000));
  return { store, asked, newest, answer };
}
const seqsOf = (store: Store) => [...store.held.items.values()].map((item) => item[0]);

describe("another text", () => {
  it("is asked at every keystroke if it can be read, and shown before the answer comes", () => {
    const { store, newest } = begun();
    store.reading.type("re");
    expect(newest("look").look.text).toBe("re");
    store.reading.type("re tsk:x");
    expect(newest("look").look.text).toBe("re");
    expect([store.text, store.textError?.message]).toEqual([
      "re tsk:x",
      "Unknown key: tsk. Keys: level, task, logger, attempt, time.",
    ]);
  });

  it("leaves the old rows until its first answer", () => {
    const { store, newest, answer } = begun();
    const before = store.held;
    store.reading.type("reset");
    expect(store.held).toBe(before);
    expect(store.reading.isLooking()).toBe(true);
    answer(newest("look"), { kind: "rows", window: window(0, [line(7), line(9)]) });
    expect(seqsOf(store)).toEqual([7, 9]);
    expect(store.reading.isLooking()).toBe(true);
    answer(newest("look"), looked(2));
    expect(seqsOf(store)).toEqual([7, 9]);
    expect([store.reading.isLooking(), store.held.total]).toEqual([false, 2]);
  });

  it("makes every answer to an older one worth nothing", () => {
    const { store, newest, answer } = begun();
    store.reading.type("a");
    const older = newest("look");
    store.reading.type("ab");
    const before = store.held;
    answer(older, { kind: "rows", window: window(0, [line(1)]) });
    answer(older, looked(9));
    expect(store.held).toBe(before);
    answer(newest("look"), looked(3));
    answer(
      { kind: "rows", look: older.look, start: 0, count: 9 },
      { kind: "rows", window: window(0, [line(1)]) },
    );
    expect([store.held.total, store.held.items.size]).toEqual([3, 0]);
  });

  it("stays at the current line if that still fits, else goes to the first hit", () => {
    const { store, newest, answer } = begun();
    store.reading.stand(40);
    store.reading.type("message");
    expect(newest("look").near).toBe(40);
    answer(newest("look"), looked(4000, { at: 33 }));
    expect([store.cursor, store.goal]).toMatchObject([33, { place: 33, where: "centre" }]);
    store.reading.type("other");
    expect(newest("look").near).toBeNull();
    answer(newest("look"), looked(7));
    expect([store.cursor, store.goal]).toMatchObject([null, { place: 0, where: "top" }]);
  });

  it("taken away again comes back to the line where one stood", () => {
    const { store, newest, answer } = begun();
    store.reading.stand(40);
    store.reading.type("other");
    answer(newest("look"), looked(7));
    store.reading.type("");
    expect(newest("look").near).toBe(40);
    answer(newest("look"), looked(5000, { at: 40 }));
    expect(store.cursor).toBe(40);
  });

  it("is gone through as often as a key was pressed, also before the first answer", () => {
    const { store, asked, newest, answer } = begun();
    store.reading.type("reset");
    answer(newest("look"), looked(3));
    const finds = () => asked.filter(({ kind }) => kind === "find");
    store.reading.find("hit");
    store.reading.find("hit");
    expect(finds()).toHaveLength(1);
    answer(newest("find"), { kind: "found", what: "hit", place: 0, seq: 7, nth: 1 });
    expect(finds()).toHaveLength(2);
    expect(newest("find").at).toBe(7);
    answer(newest("find"), { kind: "found", what: "hit", place: 1, seq: 9, nth: 2 });
    expect([finds().length, store.nth]).toEqual([2, 2]);
  });

  it("from Python moves every view, that of another view does not", () => {
    const { store, newest } = begun();
    store.reading.keep({ text: "theirs", turn: 0, pins: [] });
    expect(store.text).toBe("");
    store.reading.keep({ text: "python's", turn: 1, pins: [] });
    expect([store.text, newest("look").look.text]).toEqual(["python's", "python's"]);
  });
});

describe("a new snapshot", () => {
  const next = (total: number) =>
    payload({ snapshot: 2, total, start: total - 60, rows: lines(total - 60, 60) });

  it("keeps what is at the top where it is, also if lines came above it", () => {
    const { store, newest, answer } = begun(payload({ total: 5000, rows: lines(0, 200) }));
    store.change({ offset: 2007, cursor: 104, near: 104 });
    store.receive(next(5010));
    expect(newest("look")).toMatchObject({ near: 100 });
    answer(newest("look"), looked(5012, { at: 102 }));
    expect([store.offset, store.cursor]).toEqual([2047, 106]);
  });

  it("goes on at the tail if that is where one was", () => {
    const going = { is_finished: false, ended_at: null };
    const { store, newest, answer } = begun(
      payload({ total: 5000, start: 4940, rows: lines(4940, 60), header: going }),
    );
    expect(store.isAtTail).toBe(true);
    const data = next(5010);
    store.receive({ ...data, header: { ...data.header, ...going } });
    answer(newest("look"), looked(5010));
    expect(store.goal).toMatchObject({ place: 5009 });
  });

  it("is at the tail of a run whose first lines came after the card", () => {
    const waiting = { is_finished: false, started_at: null, ended_at: null };
    const { store } = begun(payload({ total: 0, rows: [], header: waiting }));
    expect(store.isAtTail).toBe(false);
    const data = next(70);
    store.receive({ ...data, header: { ...data.header, ...waiting } });
    expect([store.isAtTail, store.unseen]).toEqual([true, 0]);
  });

  it("asks for what it shows again only when it is known what it has", () => {
    const { store, asked, newest, answer } = begun();
    store.reading.type("reset");
    answer(newest("look"), looked(800));
    store.receive(next(5010));
    const before = asked.length;
    store.reading.want({ first: 0, end: 20 });
    expect(asked).toHaveLength(before);
    answer(newest("look"), looked(801));
    store.reading.want({ first: 0, end: 20 });
    expect(newest("rows")).toMatchObject({ start: 0 });
  });
});

describe("gaps", () => {
  it("open in place, and nothing above them moves", () => {
    const { store, newest, answer } = begun();
    store.reading.type("reset");
    answer(newest("look"), looked(800));
    store.change({ offset: 400 });
    store.reading.show({ opened: [[30, 20]] });
    expect(newest("look").look.opened).toEqual([[30, 20]]);
    answer(newest("look"), looked(820));
    expect([store.offset, store.goal]).toEqual([400, null]);
  });
});

describe("while the kernel is busy", () => {
  it("the lines held here answer, and say how many they are", () => {
    const { store, newest } = begun(payload({ total: 5000, rows: lines(0, 200) }));
    store.reading.type("message 19");
    store.late(newest("look"));
    expect([store.isLate, store.heldHere, store.looked?.hits]).toEqual([true, 200, 12]);
    store.reading.want({ first: 0, end: 11 });
    expect(itemAt(store.held, 0)?.[0]).toBe(19);
  });

  it("nothing is asked twice, and the kernel's own answer replaces theirs", () => {
    const { store, asked, newest, answer } = begun(payload({ total: 5000, rows: lines(0, 200) }));
    store.reading.type("message 19");
    const question = newest("look");
    store.late(question);
    const before = asked.length;
    store.reading.want({ first: 0, end: 11 });
    store.reading.find("hit", 1, null);
    expect(asked).toHaveLength(before);
    expect(store.cursor).toBe(0);
    answer(question, looked(111));
    expect([store.isLate, store.heldHere, store.held.total]).toEqual([false, null, 111]);
    store.reading.want({ first: 0, end: 11 });
    expect(newest("rows")).toMatchObject({ start: 0 });
  });

  it("an expression that could take long is left to the kernel", () => {
    const { store, newest } = begun(payload({ rows: [line(0, "a".repeat(40))], total: 5000 }));
    store.reading.type("/(a+)+b/");
    store.late(newest("look"));
    expect(store.heldHere).toBeNull();
  });
});

describe("what a reader marks", () => {
  it("is selected and let go, and Python is told", () => {
    const { store, newest } = begun();
    store.reading.stand(3);
    store.change({ rangeFrom: 5 });
    selectLines(store);
    expect(newest("select").seqs).toEqual([3, 4, 5]);
    selectLines(store);
    expect(newest("select").seqs).toEqual([]);
  });

  it("is pinned at once, in order of time, and unpinned", () => {
    const { store, newest } = begun();
    pinLine(store, line(9), "late");
    pinLine(store, line(3), "early");
    expect(store.kept.pins.map(({ seq, note }) => [seq, note])).toEqual([
      [3, "early"],
      [9, "late"],
    ]);
    pinLine(store, line(3), null);
    expect(store.kept.pins).toHaveLength(1);
    expect(newest("pin")).toEqual({ kind: "pin", seq: 3, note: null });
  });
});

describe("a file", () => {
  it("is saved when all its parts are there", () => {
    const { store, newest } = begun();
    const click = vi.fn();
    const link = { href: "", download: "", click };
    vi.stubGlobal("document", { createElement: () => link });
    store.download(true, "csv");
    const part = (n: number) => {
      const body = { kind: "download" as const, name: "run.csv", part: n, parts: 2 };
      const answer = { ...body, view: "v", n: 1, snapshot: 1 };
      store.answer(answer, newest("download"), [new DataView(new ArrayBuffer(3))]);
    };
    part(1);
    expect(click).not.toHaveBeenCalled();
    part(0);
    expect([click.mock.calls.length, link.download]).toEqual([1, "run.csv"]);
    vi.unstubAllGlobals();
  });
});
