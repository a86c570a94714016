/** The cards of an exported page, and the links to its lines and queries. */

import { begunOf } from "../engine/attempts";
import { fileNameOf } from "../engine/download";
import { Log } from "../engine/log";
import { annotationsOf, payloadOf } from "../protocol/payload";
import type { LogRow, TaskRow } from "../protocol/wire";
import { parseQuery } from "../query/parse";
import { MemorySource } from "../sources/memory";
import { blocksOf, bytesOf, linesOf, pause, unzipped } from "../sources/page-blocks";
import { Card } from "../state/card";
import { copyText } from "./clipboard";
import { saveFile } from "./files";
import { mount } from "./mount";
import { cardToMount } from "./mounted-card";

function isQuery(text: string): boolean {
  try {
    parseQuery(text, { firstDay: "1970-01-01" });
    return true;
  } catch {
    return false;
  }
}

/** One card of the page, and the data that answers its questions. */
class PageCard {
  readonly card: Card;
  #log: Log | null = null;
  #tasks: TaskRow[] = [];
  readonly #memory: MemorySource;

  constructor(
    private readonly el: HTMLElement,
    private readonly blocks: (part: string) => Element[],
    private readonly isAlone: boolean,
  ) {
    this.#memory = new MemorySource({
      log: () => this.#log,
      tasks: () => this.#tasks,
      pins: () => this.card.store.annotations.pins.map(({ seq }) => seq),
      fileName: () => fileNameOf(this.card.store.payload?.header),
    });
    this.card = new Card(() => this.#memory, {
      saveFile,
      copyText,
      isPage: true,
      linkTo: (row) => this.#linkTo(row),
    });
    this.card.setKernel("absent");
  }

  async show(): Promise<void> {
    const { card, el } = this;
    const [shown, kept] = [this.blocks("p")[0], this.blocks("k")[0]];
    const payload = shown && (await payloadOf(new DataView(bytesOf(shown).buffer)));
    if (!payload) return;
    const annotations = kept && (await annotationsOf(new DataView(bytesOf(kept).buffer)));
    if (annotations)
      card.annotate(isQuery(annotations.text) ? annotations : { ...annotations, text: "" });
    card.receive(payload);
    mount(cardToMount(card), el);
    this.#hideTwin();
    await pause();
  }

  /** Applies a link: sets a query, or goes to a line by its number. */
  open(query: string | null, line: number): void {
    const { card, el } = this;
    el.scrollIntoView();
    if (query !== null) card.logs.type(query);
    if (query !== null || line > 0) card.store.change({ tab: "logs" });
    const rows = this.#log?.rows ?? [];
    const row = rows[Math.min(line, rows.length) - 1];
    if (row) card.logs.showLine(row[0]);
  }

  /** Decodes the log, and answers the questions that were asked in the meantime. */
  async decode(): Promise<void> {
    const { payload } = this.card.store;
    if (!payload) return;
    const { header, logs, tasks, idle } = payload;
    const [names, more] = [this.blocks("n")[0], this.blocks("t")[0]];
    this.#tasks = more ? await unzipped(more).json() : (tasks?.rows ?? []);
    const startedAt = header.started_at ?? header.created_at;
    if (names) {
      const { rows, ...facts } = await linesOf(names, this.blocks("l"), this.blocks("r")[0]);
      this.#log = new Log(rows, { ...facts, idle, startedAt });
    } else if (logs) {
      this.#log = this.card.pool.log(payload);
    } else {
      this.#log = new Log([], { ...begunOf(this.#tasks, []), startedAt });
    }
    this.#memory.ready();
  }

  #linkTo(row: LogRow): string {
    const goal = new URLSearchParams();
    const { text, payload } = this.card.store;
    if (row[8] !== null) goal.set("line", String(row[8] + 1));
    if (text) goal.set("q", text);
    if (!this.isAlone && payload) goal.set("card", payload.header.id);
    return `${location.href.split("#", 1)[0]}#${goal}`;
  }

  /** Shows the twin only on paper; without scripts it is shown as well. */
  #hideTwin(): void {
    const twin = this.el.getAttribute("data-twin") ?? "";
    if (!/^[A-Za-z][\w-]*$/.test(twin)) return;
    const style = document.createElement("style");
    style.textContent = `@media screen{.${twin}{display:none!important}}`;
    document.head.append(style);
    this.el.classList.add("frw-has-twin");
  }
}

/** Parses the address: `#line=41100&q=level:error`, and `card=` with a run's id if there are several runs. */
function goalOf(cards: readonly PageCard[]) {
  const goal = new URLSearchParams(location.hash.slice(1));
  const [query, line, id] = [goal.get("q"), goal.get("line"), goal.get("card")];
  const card = cards.find((one) => id === null || one.card.store.payload?.header.id === id);
  return card && (query ?? line ?? id) !== null ? { card, query, line: Number(line) || 0 } : null;
}

/** Shows every card of the page, the linked one first. A card that cannot be shown leaves its twin. */
export async function renderPage(): Promise<void> {
  const places = [...document.querySelectorAll<HTMLElement>("div.frw-page-card")];
  const cards = places.map(
    (el) =>
      new PageCard(el, (part) => blocksOf(el.getAttribute("data-card"), part), places.length === 1),
  );
  const follow = () => {
    const goal = goalOf(cards);
    goal?.card.open(goal.query, goal.line);
  };
  for (const card of cards) await card.show().catch(console.error);
  const linked = goalOf(cards)?.card;
  await linked?.decode();
  follow();
  addEventListener("hashchange", follow);
  for (const card of cards) if (card !== linked) await card.decode().catch(console.error);
}
