import { sample, windowOf } from "./sample.js";

/** A widget model without a notebook: traits from a sample, and a kernel that may be slow or absent. */

async function zipped(value) {
  const stream = new Blob([JSON.stringify(value)])
    .stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new DataView(await new Response(stream).arrayBuffer());
}

export async function makeModel(name, kernel) {
  const { log, payload, rows } = sample(name);
  const traits = { payload: await zipped(payload), twin: "" };
  const listeners = new Map();
  const tell = (event, ...args) => {
    for (const listener of listeners.get(event) ?? []) listener(...args);
  };
  const reply = (question, answer) => {
    const { view, n, snapshot } = question;
    tell("msg:custom", { view, n, snapshot, ...answer }, []);
  };
  const answer = (question) => {
    const { kind, start, count } = question;
    if (kind === "rows") reply(question, { kind, window: windowOf(log, start, count) });
    if (kind === "line") {
      const row = windowOf(log, question.seq, 1).rows[0];
      reply(question, {
        kind,
        seq: question.seq,
        message: row[6].padEnd(row[7], ", more columns"),
      });
    }
    if (kind === "tasks")
      reply(question, { kind, start, rows: (rows ?? []).slice(start, start + count) });
    if (kind === "refresh") {
      reply(question, { kind: "heard" });
      setTimeout(() => reply(question, { kind: "refreshed" }), 900);
    }
  };
  return {
    get: (trait) => traits[trait],
    on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
    off: (event, listener) =>
      listeners.set(
        event,
        (listeners.get(event) ?? []).filter((other) => other !== listener),
      ),
    send: (question) => {
      if (kernel !== "none") setTimeout(() => answer(question), Number(kernel) || 15);
    },
  };
}
