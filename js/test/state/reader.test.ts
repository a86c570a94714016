/** A reader who does anything at any time, while answers and new snapshots are on their way, sees what the log has. */

import { expect, it } from "vitest";
import { done, Log } from "../../src/engine/log";
import type {
  Answer,
  AnswerBody,
  Item,
  LogRow,
  Payload,
  Question,
  Say,
} from "../../src/protocol/wire";
import { isPlain } from "../../src/sources/fallback";
import { KernelSource } from "../../src/sources/kernel";
import { Card } from "../../src/state/card";
import { isLine, lineAt } from "../../src/state/row-cache";
import { TestHost } from "../kernel";
import { type Random, random, seeds } from "../random";
import { going, line, payload, window } from "../samples";

const TEXTS = [
  "",
  "",
  "reset",
  "level:error",
  "level>=warning reset",
  "task:load",
  "-reset",
  "zzz",
];

function someRows(from: Random, before: readonly LogRow[], count: number): LogRow[] {
  return [
    ...before,
    ...Array.from({ length: count }, (_, i) =>
      line(before.length + i, from.oneOf(["reset", "ok", "ok", "slow"]), {
        level: from.oneOf([20, 20, 30, 40]),
        task: from.oneOf(["load", "tidy"]),
      }),
    ),
  ];
}

/** A kernel that answers in the order asked, whenever a test has it do so, and grows its log. */
class Kernel {
  rows: LogRow[];
  log: Log;
  snapshot = 1;
  readonly questions: Question[] = [];

  constructor(
    private readonly from: Random,
    private readonly tell: (answer: Answer) => void,
  ) {
    this.rows = someRows(from, [], 40 + from.below(200));
    this.log = new Log(this.rows);
  }

  grow(): Payload {
    this.rows = someRows(this.from, this.rows, this.from.below(30));
    this.log = new Log(this.rows);
    this.snapshot += 1;
    return this.payload();
  }

  payload(): Payload {
    const total = this.rows.length;
    const start = Math.max(0, total - 60);
    const rows = this.rows.slice(start);
    const { snapshot } = this;
    return payload({
      snapshot,
      total,
      start,
      rows,
      header: going,
      logs: { window: window(start, rows, total) },
    });
  }

  answer(): void {
    const question = this.questions.shift();
    if (!question) return;
    const { view, n } = question;
    for (const body of this.#answers(question))
      this.tell({ ...body, view, n, snapshot: this.snapshot } as Answer);
  }

  #answers(question: Question): AnswerBody[] {
    const { log } = this;
    if (question.kind === "query") return done(log.query(question));
    if (question.kind === "rows") return done(log.window(question));
    if (question.kind === "find") return done(log.find(question, []));
    if (question.kind === "line") return log.line(question);
    return [{ kind: "heard" }];
  }
}

function act(card: Card, from: Random): string {
  const { logs, store } = card;
  const acts: Record<string, () => void> = {
    type: () => logs.type(from.oneOf(TEXTS)),
    mode: () => logs.showLines(from.oneOf(["auto", "all", "hits", "context"])),
    order: () => logs.show({ is_newest_first: !store.query.is_newest_first }),
    fold: () => logs.show({ folds_repeats: !store.query.folds_repeats }),
    zone: () => logs.showZone(from.oneOf(["UTC", "Europe/Berlin"])),
    stand: () => store.rows.total > 0 && logs.stand(from.below(store.rows.total)),
    next: () => logs.find(from.oneOf(["hit", "error"]), from.oneOf([1, -1])),
    line: () => logs.showLine(from.below(60)),
    scroll: () => {
      store.change({ offset: 20 * from.below(store.rows.total + 1), goal: null });
      logs.scrolled(from.next() < 0.2);
    },
    want: () => see(card),
  };
  const [name, run] = from.oneOf(Object.entries(acts));
  run();
  return name;
}

/** What the rows do once they are drawn: ask for what is in sight. */
function see(card: Card): boolean {
  const { store, logs } = card;
  const first = Math.min(Math.floor(store.offset / 20), Math.max(0, store.rows.total - 20));
  const range = { first: Math.max(0, first), end: Math.min(store.rows.total, first + 20) };
  for (let at = range.first; at < range.end; at++)
    if (!store.rows.items.has(at)) {
      logs.want(range);
      return false;
    }
  logs.hasAll();
  return true;
}

it("whatever is done, in whatever order answers come", () => {
  for (const seed of seeds(300)) {
    const from = random(seed * 7919);
    const source: KernelSource = new KernelSource(
      (question) => kernel.questions.push(question),
      () => card.store.payload?.snapshot ?? 0,
    );
    const kernel: Kernel = new Kernel(from, (answer) => source.hear(answer, []));
    const card: Card = new Card(() => source, new TestHost());
    const { store, logs } = card;
    card.receive(kernel.payload());
    const story: string[] = [];
    for (let step = 0; step < 40; step++) {
      const what = from.next();
      if (what < 0.4) story.push(act(card, from));
      else if (what < 0.9) {
        story.push("answer");
        kernel.answer();
      } else {
        story.push("grow");
        card.receive(kernel.grow());
      }
    }
    for (let i = 0; i < 60 && (kernel.questions.length > 0 || !see(card)); i++) kernel.answer();
    const told = `${seed}: ${story.join(" ")}`;
    const { query } = store;
    const all = done(kernel.log.window({ kind: "rows", query, start: 0, count: 2000 }))[0];
    const items = (all as Say<"rows">).window.items;
    expect([told, store.rows.query, store.rows.snapshot]).toEqual([told, query, kernel.snapshot]);
    expect([told, store.rows.total]).toEqual([told, items.length]);
    // Where every line is shown, nothing depends on which of them match.
    const shown = (item: Item | undefined) =>
      isLine(item) && query.lines === "all" ? item.with(9, true) : item;
    for (const [place, item] of store.rows.items)
      expect([told, place, shown(item)]).toEqual([told, place, shown(items[place])]);
    expect([told, see(card), logs.isLooking]).toEqual([told, true, false]);
    const current = lineAt(store.rows, store.cursor);
    if (current && isPlain({ ...query, text: "" }) && query.lines === "all")
      expect([told, current[0]]).toEqual([told, store.near]);
    const asked = kernel.questions.length;
    logs.find("error");
    expect([told, kernel.questions.length]).toEqual([told, asked + 1]);
  }
});
