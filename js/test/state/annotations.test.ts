/** What a reader marks: selected lines, and pins with their notes. */

import { describe, expect, it } from "vitest";
import type { Annotations, Question } from "../../src/protocol/wire";
import { shownWithKernel } from "../kernel";
import { line, payload } from "../samples";

describe("lines that are selected", () => {
  it("are let go when all of them were, and Python is told", () => {
    const { card, store, logs, model } = shownWithKernel();
    logs.stand(3);
    store.change({ rangeFrom: 5 });
    card.toggleSelected();
    expect(model.newest("select")).toMatchObject({
      seqs: [3, 4, 5],
      range: { from: 3, to: 5 },
      tasks: [],
    });
    store.change({ rangeFrom: null });
    card.toggleSelected();
    expect(model.newest("select")).toMatchObject({ seqs: [4, 5], range: null });
  });

  it("are none where the reader stands nowhere", () => {
    const { card, model } = shownWithKernel();
    card.toggleSelected();
    expect(model.allAsked("select")).toEqual([]);
  });
});

describe("a line that is pinned", () => {
  it("is shown at once, in order of time, and its pin can be taken away", () => {
    const { card, store, model } = shownWithKernel();
    card.pins.set(line(9), "late");
    card.pins.set(line(3, "x", { position: null }), "early");
    expect(store.annotations.pins.map(({ seq, note, line }) => [seq, note, line])).toEqual([
      [3, "early", null],
      [9, "late", 10],
    ]);
    card.pins.set(line(3), null);
    expect(store.annotations.pins).toHaveLength(1);
    expect(model.newest("pin")).toMatchObject({ kind: "pin", seq: 3, note: null });
  });

  it("is asked for a note, and one that was pinned is unpinned", () => {
    const { card, store, logs } = shownWithKernel();
    card.pins.toggle();
    expect(store.annotations.pins).toEqual([]);
    logs.stand(4);
    card.pins.toggle();
    expect([store.noting?.[0], store.annotations.pins.length]).toEqual([4, 1]);
    card.pins.toggle();
    expect([store.noting, store.annotations.pins]).toEqual([null, []]);
  });

  const pinsOf = (...seqs: number[]): Annotations => {
    const pins = seqs.map((seq) => ({
      ...{ seq, at: seq, level: 20, task: null, message: "", note: "", line: seq + 1 },
    }));
    return { text: "", turn: 0, pins, result: null };
  };

  it("and let go before Python has heard of it stays let go, whatever Python says of before", () => {
    const { card, store, model } = shownWithKernel();
    const shown = () => store.annotations.pins.map(({ seq }) => seq);
    card.pins.set(line(4), "");
    card.pins.set(line(4), null);
    const [first, second] = model.allAsked("pin");
    model.answer(first as Question, { kind: "heard" });
    card.annotate(pinsOf(4));
    model.answer(first as Question, { kind: "pinned" });
    expect(shown()).toEqual([]);
    card.annotate(pinsOf());
    model.answer(second as Question, { kind: "pinned" });
    card.annotate(pinsOf(4));
    expect(shown()).toEqual([4]);
  });

  it("stays while another one is being pinned, and keeps a note that Python has not heard of", () => {
    const { card, store, model } = shownWithKernel();
    card.pins.set(line(4), "why");
    card.pins.set(line(9), "");
    card.annotate(pinsOf(4));
    expect(store.annotations.pins.map(({ seq, note }) => [seq, note])).toEqual([
      [4, "why"],
      [9, ""],
    ]);
    for (const question of model.allAsked("pin")) model.answer(question, { kind: "pinned" });
    card.annotate(pinsOf(4, 9));
    expect(store.annotations.pins.map(({ note }) => note)).toEqual(["", ""]);
  });

  it("that Python refuses is not shown any more, and why is said", () => {
    const { card, store, model } = shownWithKernel();
    card.annotate(pinsOf(4));
    card.pins.set(line(9), "");
    model.answer(model.newest("pin"), { kind: "heard" });
    const notice = { kind: "error", text: "A card holds 200 pins.", detail: null, at: 1 } as const;
    model.answer(model.newest("pin"), { kind: "failed", notice });
    expect(store.annotations.pins.map(({ seq }) => seq)).toEqual([4]);
    expect(store.failure?.text).toContain("200 pins");
  });

  it("is told with its number from 1, as the card shows it", () => {
    const { card, store } = shownWithKernel(payload({ rows: [line(76, "x", { position: 0 })] }));
    card.pins.set(line(76, "x", { position: 0 }), "");
    expect(store.annotations.pins[0]).toMatchObject({ seq: 76, line: 1 });
  });
});
