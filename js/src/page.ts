import { isLine } from "./core/items";
import type { AnswerBody, QuestionOf } from "./core/local";
import { keptOf, payloadOf } from "./core/payload";
import { parseQuery } from "./core/query/parse";
import type { TaskRow } from "./core/wire";
import { begunOf } from "./page/attempts";
import { blocksOf, bytesOf, linesOf, pause, unzipped } from "./page/blocks";
import { fileOf } from "./page/file";
import { WholeLog } from "./page/log";
import { templatesOf } from "./page/templates";
import { mount } from "./parts/card";
import { Store } from "./store";
import { styleRoot } from "./surroundings";

/** An exported page: puts a card over each twin, and answers it from the data in the page. */

type Ask<K> = Extract<QuestionOf, { kind: K }>;

const MINUTE_MS = 60_000;

function isQuery(text: string): boolean {
  try {
    parseQuery(text, { firstDay: "1970-01-01" });
    return true;
  } catch {
    return false;
  }
}

/** One card, and what is asked of it. */
class PageCard {
  readonly store: Store;
  /** Answers over the whole log; null while it is decoded, or where the page has only its first part. */
  #log: WholeLog | null = null;
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
    if (before) store.reading.keep(isQuery(before.text) ? before : { ...before, text: "" });
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
    const rows = this.#log?.rows ?? [];
    const row = rows[Math.min(line, rows.length) - 1];
    if (row) store.reading.showLine(row[0]);
  }

  /** Makes the whole log ready, and answers what was asked meanwhile. */
  async decode(): Promise<void> {
    const { header, logs, tasks, idle } = this.store.payload ?? {};
    const [names, more] = [this.blocks("n")[0], this.blocks("t")[0]];
    this.#tasks = more ? await unzipped(more).json() : (tasks?.rows ?? []);
    const first = logs?.window.items.filter(isLine) ?? [];
    const startedAt = header?.started_at ?? null;
    if (names) {
      const { rows, ...facts } = await linesOf(names, this.blocks("l"), this.blocks("r")[0]);
      this.#log = new WholeLog(rows, { ...facts, idle, startedAt });
    } else if (first.length === logs?.total) {
      const facts = begunOf(this.#tasks, first);
      this.#log = new WholeLog(first, { ...facts, idle, startedAt });
    }
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
    const log = this.#log;
    if (kind === "tasks") {
      const { start, count } = question;
      const rows = this.#tasks.slice(start, start + count);
      return rows.length > 0 ? [{ kind, start, rows }] : [];
    }
    if (kind === "refresh")
      return this.#refuse(question, "This page is a copy of the run: nothing in it changes.");
    if (!log) return this.#answersOfPart(question);
    if (kind === "suggest") return log.suggest(question);
    if (kind === "line") return log.line(question.seq);
    if (!("look" in question)) return [];
    if (kind === "look") return log.look(question);
    if (kind === "rows") return log.window(question);
    if (kind === "download") return this.#download(question, log);
    if (kind === "templates") {
      void this.#findTemplates(question, log);
      return [];
    }
    const pins = this.store.kept.pins.map(({ seq }) => seq);
    return log.find(question, pins);
  }

  /** Where the page has only the first part of the log. */
  #answersOfPart(question: QuestionOf): AnswerBody[] {
    const { kind } = question;
    if (kind === "templates") {
      this.store.change({ view: "lines" });
      return this.#refuse(question, "Patterns are found in a whole log, and this is a part of it.");
    }
    if (kind === "download") return this.#refuse(question, "This page has only a part of the log.");
    this.store.late(question);
    this.store.change({ isLate: false });
    return [];
  }

  async #findTemplates(question: Ask<"templates">, log: WholeLog): Promise<void> {
    const lines = log.hits(question.look);
    const rows = await templatesOf(lines, pause);
    const isWanted = question.look === this.store.held.look;
    if (isWanted) this.#say(question, { kind: "templates", rows, lines: lines.length });
  }

  #download({ look, format }: Ask<"download">, log: WholeLog): AnswerBody[] {
    const { header } = this.store.payload ?? {};
    const name = header?.name?.replace(/[^\w.-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "");
    const rows = look ? log.shown(look) : log.rows;
    this.#say(
      { kind: "download", look, format },
      {
        kind: "download",
        name: `${name?.slice(0, 100) || header?.id}-logs.${format}`,
        part: 0,
        parts: 1,
      },
      [fileOf(rows, format)],
    );
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

const hosts = [...document.querySelectorAll<HTMLElement>("div.frw-page-card")];
const cards = hosts.map(
  (host) => new PageCard(host, (part) => blocksOf(host.getAttribute("data-card"), part)),
);

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
