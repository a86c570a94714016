/** What Python put into the traits of a card. */

import { describe, expect, it } from "vitest";
import { annotationsOf, payloadOf } from "../../src/protocol/payload";
import { FORMAT } from "../../src/protocol/wire";
import { line, payload, zipped } from "../samples";

describe("what came with the card", () => {
  it("is read back as it was sent, whatever characters it holds", async () => {
    const data = payload({ rows: [line(0, "</script><!--<script> \u202e \u0000 é 🦩")] });
    expect(await payloadOf(await zipped(data))).toEqual(data);
    const early = payload({ more: { logs: null, tasks: null } });
    expect(await payloadOf(await zipped(early))).toEqual(early);
  });

  it("is nothing yet while the trait is empty", async () => {
    expect(await payloadOf(new DataView(new ArrayBuffer(0)))).toBeNull();
    expect([await payloadOf(undefined), await payloadOf(null)]).toEqual([null, null]);
  });

  const data = payload();
  const without = (change: object) => zipped({ ...data, ...change });
  it.each<[string, DataView | Promise<DataView>, string]>([
    ["no gzip", new DataView(new TextEncoder().encode("{}").buffer as ArrayBuffer), "damaged"],
    ["no JSON", zipped("{"), "damaged"],
    ["a list", zipped([]), "damaged"],
    ["another version", zipped({ format: FORMAT - 1 }), "another version"],
    ["without a header", without({ header: null }), "incomplete"],
    ["without a state", without({ header: {} }), "incomplete"],
    ["without a snapshot", without({ snapshot: null }), "incomplete"],
    ["with logs that are no record", without({ logs: [] }), "incomplete"],
    ["without a window", without({ logs: { ...data.logs, window: null } }), "incomplete"],
    ["without items", without({ logs: { ...data.logs, window: {} } }), "incomplete"],
    ["without task runs", without({ tasks: { ...data.tasks, rows: null } }), "incomplete"],
    ["without states", without({ states: {} }), "incomplete"],
  ])("is refused in words if it is %s", async (_name, view, words) => {
    await expect(payloadOf(await view)).rejects.toThrow(words);
  });
});

describe("what the reader made of the run", () => {
  it("is read from a trait of its own", async () => {
    const annotations = { text: "reset", turn: 3, pins: [], result: null };
    expect(await annotationsOf(await zipped(annotations))).toEqual(annotations);
  });

  it.each(["", "{", "[]", "{}", '{"text":1,"pins":[]}', '{"text":"a"}'])(
    "is nothing where it is %j",
    async (text) => {
      expect(await annotationsOf(await zipped(text))).toBeNull();
    },
  );

  it("is nothing where nothing was sent, or what is no gzip", async () => {
    const bare = new DataView(
      new TextEncoder().encode('{"text":"","pins":[]}').buffer as ArrayBuffer,
    );
    expect([await annotationsOf(null), await annotationsOf(bare)]).toEqual([null, null]);
  });
});
