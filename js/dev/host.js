import { Local } from "../src/core/local";
import { sample, windowOf } from "./sample.js";

/**
 * A widget model without a notebook: traits from a sample, and a kernel that may be slow or absent. What a kernel
 * says about the lines comes from the page's own source of answers, which holds all of them here.
 */

async function zipped(value) {
  const stream = new Blob([JSON.stringify(value)])
    .stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new DataView(await new Response(stream).arrayBuffer());
}

const bytes = (value) => new DataView(new TextEncoder().encode(JSON.stringify(value)).buffer);
const MOST = 60_000;
const PLAIN = { at: [], other: [], warning: [], error: [] };

function suggestions({ text, caret }, labels) {
  const start = text.lastIndexOf(" ", caret - 1) + 1;
  const word = text.slice(start, caret);
  const all = [
    "level>=warning",
    "level:error",
    ...labels.map((label) => `task="${label}"`),
    "time:",
  ];
  const items = all.filter((one) => one.startsWith(word) && one !== word).slice(0, 8);
  return { start, end: caret, items: items.map((one) => [one, ""]) };
}

export async function makeModel(name, kernel) {
  const { log, payload, rows } = sample(name);
  const traits = {
    payload: await zipped(payload),
    twin: "",
    kept: bytes({ text: "", turn: 0, pins: [] }),
  };
  const all = log.total > MOST ? [] : windowOf(log, 0, log.total).items;
  const local = new Local(all, all.length, { tz: "UTC", firstDay: "2026-11-21" });
  const pins = new Map();
  const listeners = new Map();
  const tell = (event, ...args) => {
    for (const listener of listeners.get(event) ?? []) listener(...args);
  };
  const reply = (question, answer, buffers = []) => {
    const { view, n, snapshot } = question;
    tell("msg:custom", { view, n, snapshot, ...answer }, buffers);
  };
  const answerLook = (question) => {
    const { kind, start, count } = question;
    if (all.length > 0) for (const said of local.answer(question)) reply(question, said);
    else if (kind === "look") {
      const { total } = log;
      const marks = { error: [84], warning: [], hit: [] };
      reply(question, {
        kind: "looked",
        hits: total,
        shown: total,
        total,
        at: question.near,
        bins: PLAIN,
        marks,
        advice: null,
      });
    } else if (kind === "rows") reply(question, { kind, window: windowOf(log, start, count) });
    else if (kind === "find")
      reply(question, {
        kind: "found",
        what: question.what,
        place: log.near,
        seq: log.near,
        nth: 1,
      });
  };
  const answer = (question) => {
    const { kind, start, count } = question;
    reply(question, { kind: "heard" });
    if (kind === "look" || kind === "rows" || kind === "find") answerLook(question);
    if (kind === "line") {
      const row = windowOf(log, question.seq, 1).items[0];
      const message = row[6].padEnd(row[7], ", more columns");
      reply(question, { kind, seq: question.seq, message });
    }
    if (kind === "tasks") reply(question, { kind, start, rows: rows.slice(start, start + count) });
    if (kind === "suggest") {
      const labels = payload.tasks.rows.map((row) => row[1]);
      reply(question, { kind: "suggestions", ...suggestions(question, labels) });
    }
    if (kind === "templates") {
      const [first, last] = [log.from, log.to];
      const made = [
        ["Committed batch <int> of <int> to orders_eu", 5886, first, last, 20, '"Committed batch"'],
        ["Staging s3://nightly/<date>/part-<int>.parquet", 5885, first, last, 20, '"Staging s3"'],
        [
          "Slow slot: waited <float> s, the median is <float> s",
          142,
          first,
          last,
          30,
          '"Slow slot"',
        ],
      ];
      reply(question, { kind, rows: made, lines: log.total });
    }
    if (kind === "pin") {
      const [seq, time, level, , task, , message] = windowOf(log, question.seq, 1).items[0];
      pins.delete(seq);
      if (question.note !== null)
        pins.set(seq, { seq, at: time, level, task, message, note: question.note });
      traits.kept = bytes({ text: "", turn: 0, pins: [...pins.values()] });
      tell("change:kept");
    }
    if (kind === "download") {
      const text = new DataView(new TextEncoder().encode("seq,message\n0,made up\n").buffer);
      reply(question, { kind, name: `run.${question.format}`, part: 0, parts: 1 }, [text]);
    }
    if (kind === "refresh") setTimeout(() => reply(question, { kind: "refreshed" }), 900);
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
