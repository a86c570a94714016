import { isLine } from "./core/items";
import { type AnswerBody, Local, type QuestionOf } from "./core/local";
import { keptOf, payloadOf } from "./core/payload";
import { isSlow } from "./core/query/match";
import { parseQuery } from "./core/query/parse";
import type { Item, LogRow, TaskRow } from "./core/wire";
import { mount } from "./parts/card";
import { Store } from "./store";
import { styleRoot } from "./surroundings";

/**
 * An exported page: puts a card over each twin, and answers it from the data in the page. What the data look like is
 * written in `flowrun_widgets/sharing/export/line_blocks.py`.
 */

type Ask<K> = Extract<QuestionOf, { kind: K }>;
type Names = [
  count: number,
  levels: [number | null, string | null][],
  tasks: [id: string | null, label: string | null][],
  loggers: (string | null)[],
];
type Columns = [
  seqs: number[],
  times: number[],
  levels: number[],
  tasks: number[],
  loggers: number[],
  messages: (string | null)[],
];

const MESSAGE = 1000;
const MINUTE_MS = 60_000;
const SURROGATES = /[\ud800-\udfff]/;
const CSV = "timestamp,level,level_name,task,logger,message,seq\n";

function bytesOf(block: Element): Uint8Array<ArrayBuffer> {
  const text = atob(block.textContent ?? "");
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const unzipped = (block: Element) =>
  new Response(new Blob([bytesOf(block)]).stream().pipeThrough(new DecompressionStream("gzip")));

/** Lets the page draw and hear before it goes on. */
const pause = () => new Promise<void>((done) => setTimeout(done));

/** Every line of the log, block by block. */
async function linesOf(names: Element, blocks: Element[]): Promise<LogRow[]> {
  const [, levels, tasks, loggers] = (await unzipped(names).json()) as Names;
  const rows: LogRow[] = [];
  for (const block of blocks) {
    const [seqs, times, level, task, logger, messages] = (await unzipped(block).json()) as Columns;
    let [seq, at] = [0, 0];
    for (let i = 0; i < seqs.length; i++) {
      seq += seqs[i] as number;
      at += times[i] as number;
      const [number, word] = levels[level[i] as number] ?? [null, null];
      const message = messages[i] ?? "";
      rows.push([
        seq,
        at,
        number,
        word,
        tasks[task[i] as number]?.[1] ?? null,
        loggers[logger[i] as number] ?? null,
        message,
        SURROGATES.test(message) ? [...message].length : message.length,
        rows.length,
        true,
      ]);
    }
    await pause();
  }
  return rows;
}

/** As rows travel from Python: long messages are cut. */
function cut(item: Item): Item {
  if (!isLine(item) || item[7] <= MESSAGE) return item;
  return item.with(6, [...item[6].slice(0, 2 * MESSAGE)].slice(0, MESSAGE).join("")) as LogRow;
}

const quoted = (value: string | number | null) =>
  typeof value === "string" ? `"${value.replaceAll('"', '""')}"` : (value ?? "");

/** A moment with its microseconds, as Python writes it. */
const moment = (at: number) =>
  `${new Date(Math.floor(at / 1000)).toISOString().slice(0, -1)}${String(((at % 1000) + 1000) % 1000).padStart(3, "0")}Z`;

function fileOf(rows: LogRow[], format: "csv" | "jsonl"): DataView {
  const [head, ...names] = CSV.trim().split(",");
  const lines = rows.map(([seq, at, level, word, task, logger, message]) => {
    const rest = [level, word, task, logger, message, seq];
    if (format === "csv") return `${[moment(at), ...rest].map(quoted).join()}\n`;
    const pairs = [[head, moment(at)], ...names.map((name, i) => [name, rest[i]])];
    return `${JSON.stringify(Object.fromEntries(pairs))}\n`;
  });
  const text = (format === "csv" ? CSV : "") + lines.join("");
  return new DataView(new TextEncoder().encode(text).buffer);
}

/** One card, and what is asked of it. */
class PageCard {
  readonly store: Store;
  /** Answers over the whole log; null while it is decoded, or where the page has only its first part. */
  #local: Local | null = null;
  #rows: LogRow[] = [];
  #tasks: TaskRow[] = [];
  /** The newest question of each kind that waits for its answer. */
  readonly #asked = new Map<QuestionOf["kind"], QuestionOf>();
  #isDue = false;
  #isDecoding = true;

  constructor(
    readonly host: HTMLElement,
    private readonly blocks: (part: string) => Element[],
  ) {
    this.store = new Store((question) => this.#ask(question));
  }

  async show(): Promise<void> {
    const { store, host } = this;
    const [shown, kept] = [this.blocks("p")[0], this.blocks("k")[0]];
    const payload = shown && (await payloadOf(new DataView(bytesOf(shown).buffer)));
    if (!payload) return;
    const before = kept && keptOf(new DataView(await unzipped(kept).arrayBuffer()));
    if (before) store.reading.keep(before);
    store.receive(payload);
    host.classList.add("frw-live");
    styleRoot(host);
    mount(store, host);
    this.#hideTwin();
    setInterval(() => store.change({ now: Date.now() * 1000 }), MINUTE_MS);
    await pause();
  }

  /** Goes where a link leads: to a query, to a line by its number. */
  open(query: string | null, line: number): void {
    const { store } = this;
    this.host.scrollIntoView();
    if (query !== null) store.reading.type(query);
    if (query !== null || line > 0) store.change({ tab: "logs" });
    this.#answerAll();
    const row = this.#rows[Math.min(line, this.#rows.length) - 1];
    if (row) store.reading.showLine(row[0]);
  }

  /** Makes the whole log ready, and answers what was asked meanwhile. */
  async decode(): Promise<void> {
    const { logs, tasks } = this.store.payload ?? {};
    const [names, more] = [this.blocks("n")[0], this.blocks("t")[0]];
    this.#tasks = more ? await unzipped(more).json() : (tasks?.rows ?? []);
    const first = logs?.window.items.filter(isLine) ?? [];
    if (names) this.#rows = await linesOf(names, this.blocks("l"));
    else if (first.length === logs?.total) this.#rows = first;
    if (names || first.length === logs?.total)
      this.#local = new Local(this.#rows, this.#rows.length, this.store.reading.clock);
    this.#isDecoding = false;
    this.#answerAll();
  }

  /** The twin stands where the card cannot: on paper, and without scripts. */
  #hideTwin(): void {
    const twin = this.host.getAttribute("data-twin") ?? "";
    if (!/^[A-Za-z][\w-]*$/.test(twin)) return;
    const style = document.createElement("style");
    style.textContent = `@media screen{.${twin}{display:none!important}}`;
    document.head.append(style);
    this.host.classList.add("frw-has-twin");
  }

  #ask(question: QuestionOf): void {
    this.#asked.delete(question.kind);
    this.#asked.set(question.kind, question);
    if (this.#isDue) return;
    this.#isDue = true;
    setTimeout(() => {
      this.#isDue = false;
      this.#answerAll();
    });
  }

  #answerAll(): void {
    if (this.#isDecoding) return;
    for (const [kind, question] of this.#asked) {
      this.#asked.delete(kind);
      try {
        for (const said of this.#answers(question)) this.#say(question, said);
      } catch (error) {
        this.#refuse(question, (error as Error).message);
      }
    }
  }

  #answers(question: QuestionOf): AnswerBody[] {
    const { kind } = question;
    if (kind === "tasks") {
      const { start, count } = question;
      const rows = this.#tasks.slice(start, start + count);
      return rows.length > 0 ? [{ kind, start, rows }] : [];
    }
    if (kind === "refresh")
      return this.#refuse(question, "This page is a copy of the run: nothing in it changes.");
    if (kind === "templates") {
      this.store.change({ view: "lines" });
      return this.#refuse(question, "Patterns are found by Python, which this page has not.");
    }
    if (kind === "suggest")
      return [{ kind: "suggestions", start: question.caret, end: question.caret, items: [] }];
    if (kind === "download")
      return this.#local
        ? this.#download(question)
        : this.#refuse(question, "This page has only a part of the log.");
    if (kind !== "look" && kind !== "rows" && kind !== "find" && kind !== "line") return [];
    if (!this.#local) {
      this.store.late(question);
      this.store.change({ isLate: false });
      return [];
    }
    if (kind !== "line" && isSlow(parseQuery(question.look.text, this.store.reading.clock)))
      return this.#refuse(
        question,
        "This expression could keep the page busy: Python can search it.",
      );
    if (kind === "find" && question.what === "pin") return this.#findPin(question, this.#local);
    return this.#local
      .answer(question)
      .map((said) =>
        said.kind === "rows"
          ? { kind: "rows", window: { ...said.window, items: said.window.items.map(cut) } }
          : said,
      );
  }

  #findPin(question: Ask<"find">, local: Local): AnswerBody[] {
    const { look, at, step } = question;
    const seqs = this.store.kept.pins.map(({ seq }) => seq);
    const places = new Map(this.#rows.map(([seq], place) => [seq, place]));
    const here = at === null ? -1 : (places.get(at) ?? -1);
    const way = look.is_newest_first ? -step : step;
    if (way < 0) seqs.reverse();
    const ahead = (seq: number) => ((places.get(seq) ?? 0) - here) * way > 0;
    const next = (here < 0 ? undefined : seqs.find(ahead)) ?? seqs[0];
    const found = local.answer({ ...question, what: "line", at: next ?? null });
    return found.map((said) => (said.kind === "found" ? { ...said, what: "pin" } : said));
  }

  #download({ look, format }: Ask<"download">): AnswerBody[] {
    const name = `${this.store.payload?.header.name?.replace(/[^\w.-]+/g, "-") ?? "run"}-logs.${format}`;
    let rows = this.#rows;
    if (look && this.#local) {
      const windows = this.#local.answer({ kind: "rows", look, start: 0, count: rows.length * 2 });
      rows = windows.flatMap((said) =>
        said.kind === "rows" ? said.window.items.filter(isLine) : [],
      );
    }
    this.#say({ kind: "download", look, format }, { kind: "download", name, part: 0, parts: 1 }, [
      fileOf(rows, format),
    ]);
    return [];
  }

  #refuse(question: QuestionOf, text: string): AnswerBody[] {
    const notice = { kind: "info", text, detail: null, at: Date.now() * 1000 } as const;
    this.#say(question, { kind: "failed", notice });
    return [];
  }

  #say(question: QuestionOf, said: AnswerBody, buffers: DataView[] = []): void {
    const snapshot = this.store.payload?.snapshot ?? 0;
    this.store.answer({ ...said, view: "", n: 0, snapshot }, question, buffers);
  }
}

const blocks = [...document.querySelectorAll('script[type="application/x-flowrun"]')];
const hosts = [...document.querySelectorAll<HTMLElement>("div.frw-page-card")];

const cards = hosts.map((host) => {
  const number = host.getAttribute("data-card");
  return new PageCard(host, (part) =>
    blocks.filter(
      (block) =>
        block.getAttribute("data-card") === number && block.getAttribute("data-part") === part,
    ),
  );
});

/** Where the address leads: `#line=41100&q=level:error`, and `card=` a run's id where there are several. */
function goalOf(): { card: PageCard; query: string | null; line: number } | null {
  const goal = new URLSearchParams(location.hash.slice(1));
  const [query, line, id] = [goal.get("q"), goal.get("line"), goal.get("card")];
  const card = cards.find(({ store }) => id === null || store.payload?.header.id === id);
  return card && (query ?? line ?? id) !== null ? { card, query, line: Number(line) || 0 } : null;
}

function follow(): void {
  const goal = goalOf();
  goal?.card.open(goal.query, goal.line);
}

// A card that cannot be shown leaves its twin. The one that is linked to is ready before the others.
for (const card of cards) await card.show().catch(console.error);
const linked = goalOf()?.card;
await linked?.decode();
follow();
addEventListener("hashchange", follow);
for (const card of cards) if (card !== linked) await card.decode().catch(console.error);
