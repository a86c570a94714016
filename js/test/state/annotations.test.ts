/** What a reader marks: selected lines, and pins with their notes. */

import { describe, expect, it } from "vitest";
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
    card.pin(line(9), "late");
    card.pin(line(3, "x", { position: null }), "early");
    expect(store.annotations.pins.map(({ seq, note, line }) => [seq, note, line])).toEqual([
      [3, "early", null],
      [9, "late", 10],
    ]);
    card.pin(line(3), null);
    expect(store.annotations.pins).toHaveLength(1);
    expect(model.newest("pin")).toMatchObject({ kind: "pin", seq: 3, note: null });
  });

  it("is asked for a note, and one that was pinned is unpinned", () => {
    const { card, store, logs } = shownWithKernel();
    card.togglePin();
    expect(store.annotations.pins).toEqual([]);
    logs.stand(4);
    card.togglePin();
    expect([store.noting?.[0], store.annotations.pins.length]).toEqual([4, 1]);
    card.togglePin();
    expect([store.noting, store.annotations.pins]).toEqual([null, []]);
  });

  it("is told with its number from 1, as the card shows it", () => {
    const { card, store } = shownWithKernel(payload({ rows: [line(76, "x", { position: 0 })] }));
    card.pin(line(76, "x", { position: 0 }), "");
    expect(store.annotations.pins[0]).toMatchObject({ seq: 76, line: 1 });
  });
});
