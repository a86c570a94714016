/** One view of a card: its state, its source, and the handling of payloads and answers. */

import { textOf } from "../engine/text";
import { plural } from "../format/number";
import { Client } from "../protocol/client";
import type {
  Annotations,
  AnswerBody,
  FileFormat,
  LogRow,
  Payload,
  QuestionBody,
  Say,
} from "../protocol/wire";
import type { KernelStatus } from "../sources/fallback";
import { LinePool } from "../sources/pool";
import type { Source } from "../sources/source";
import { Pins, tellSelection, toggleSelected } from "./annotations";
import { initialTab } from "./initial-view";
import { LogController } from "./log-controller";
import { linesBetween } from "./row-cache";
import { canFollow, Store } from "./store";
import { TaskController } from "./task-controller";

/** The number of lines that Python returns as text at most. */
const MAX_COPIED_LINES = 100_000;

/** Functions that the page around a card provides. */
export interface Host {
  saveFile: (name: string, parts: readonly DataView[]) => void;
  /** Copies text or a promise of text; returns whether it succeeded. */
  copyText: (text: string | Promise<string>, near: HTMLElement) => Promise<boolean>;
  /** Whether this is an exported page, which never has a kernel. */
  isPage?: boolean;
  /** The address of a line, if lines of this page can be linked to. */
  linkTo?: (row: LogRow) => string;
  /** Draws the card of another run, by its widget model, into an element; the returned function removes it. */
  drawModel?: (model: string, el: HTMLElement) => Promise<() => void>;
}

type Buffers = readonly DataView[];

/** Lines as text. */
interface Copy {
  text: string;
  lines: number;
}

export class Card {
  readonly store = new Store();
  readonly pool = new LinePool();
  readonly client: Client;
  readonly logs: LogController;
  readonly tasks: TaskController;
  readonly pins: Pins;
  /** The parts received so far of answers that have several parts. */
  readonly #parts: Record<"download" | "text", DataView[]> = { download: [], text: [] };
  /** The text of a range that the page does not hold completely; `key` identifies the range. */
  #copied: { key: string; copy: Copy | null; wanted: ((copy: Copy | null) => void)[] } | null =
    null;

  constructor(
    source: (card: Card) => Source,
    readonly host: Host,
  ) {
    this.client = new Client(source(this), this.#take);
    this.logs = new LogController(this.store, this.client, this.pool);
    this.pins = new Pins(this.store, this.client);
    this.tasks = new TaskController(this.store, this.client, this.logs, this.tellSelection);
  }

  receive(payload: Payload): void {
    const { store } = this;
    const before = store.payload;
    const now = Date.now() * 1000;
    const retry = payload.notice?.retry_seconds;
    const retryAt = retry == null ? 0 : now + retry * 1e6;
    store.change({ problem: null, payload, failure: null, now, retryAt });
    if (before?.snapshot !== payload.snapshot) store.change({ isChangeDismissed: false });
    if (before?.notice?.at !== payload.notice?.at) store.change({ isNoticeDismissed: false });
    if (!before) store.change({ tab: initialTab(payload, store.annotations.text) });
    this.logs.receive(payload, before);
    this.tasks.receive(payload);
    if (before && before.snapshot !== payload.snapshot) this.client.renew();
  }

  annotate(annotations: Annotations): void {
    const { turn } = this.store.annotations;
    // A filter that Python sets is for the log.
    if (annotations.turn > turn && annotations.text) this.store.change({ tab: "logs" });
    this.logs.annotate({ ...annotations, pins: this.pins.receive(annotations.pins) });
  }

  setKernel(kernel: KernelStatus): void {
    const { store } = this;
    const isAway = kernel === "gone" || kernel === "absent";
    const wasAway = store.kernel === "gone" || store.kernel === "absent";
    store.change({ kernel, ...(isAway && { isLate: false }) });
    const isLeft = kernel === "gone";
    const isBack = wasAway && kernel === "here" && this.client.waiting("query") !== undefined;
    if (isLeft || isBack) this.logs.renew();
    if (isAway && store.refresh !== "idle") store.change({ refresh: "idle" });
  }

  /** Called when the kernel does not acknowledge a question in time. */
  late(asked: QuestionBody): void {
    const { store } = this;
    if (store.kernel !== "here" && store.kernel !== "unheard") return;
    if (asked.kind === "refresh") {
      if (store.refresh === "asked") store.change({ refresh: "queued" });
    } else if (
      /^(query|rows|find|line|text|follow|templates|related|open|download)$/.test(asked.kind)
    ) {
      const isUnasked = asked.kind === "query" && asked.query.text.trim() === "";
      if (!isUnasked) store.change({ isLate: true });
    }
  }

  /** Called when the kernel has sent anything. */
  heard(): void {
    this.store.change({ isLate: false });
  }

  refresh(): void {
    if (this.store.refresh !== "idle") return;
    this.store.change({ refresh: this.store.kernel === "absent" ? "idle" : "asked" });
    this.client.ask({ kind: "refresh" });
  }

  /** Switches following in Python on or off. */
  follow(): void {
    if (canFollow(this.store))
      this.client.ask({ kind: "follow", is_on: !this.store.payload?.is_following });
  }

  suggest(text: string, caret: number): void {
    this.client.ask({ kind: "suggest", text, caret });
  }

  tellSelection = (): void => tellSelection(this.store, this.client, this.logs);
  toggleSelected = (): void => toggleSelected(this.store, this.client, this.logs);

  wantRelated(): void {
    if (!this.store.related) this.client.ask({ kind: "related" });
  }

  wantTemplates(): void {
    this.client.ask({ kind: "templates", query: this.store.rows.query });
  }

  openRun(id: string): void {
    if (!this.store.openedRuns.some((run) => run.id === id)) this.client.ask({ kind: "open", id });
  }

  closeRun(id: string): void {
    this.store.change({ openedRuns: this.store.openedRuns.filter((run) => run.id !== id) });
  }

  /** Asks for a file with the shown lines, or with all lines. */
  download(isAll: boolean, format: FileFormat): void {
    const { rows } = this.store;
    this.store.change({ menu: null });
    this.client.ask({ kind: "download", query: isAll ? null : rows.query, format });
  }

  /** The chosen rows as text; if not all are held, null, and the text is requested. */
  chosenRows(): Copy | null {
    const chosen = this.logs.selection;
    if (!chosen) return null;
    const held = linesBetween(this.store.rows, chosen.from, chosen.to);
    if (held?.every((row) => row[7] <= row[6].length))
      return { text: textOf(held), lines: held.length };
    const key = JSON.stringify([this.store.rows.snapshot, chosen]);
    if (this.#copied?.key === key) return this.#copied.copy;
    this.#dropCopied();
    this.#copied = { key, copy: null, wanted: [] };
    this.client.ask({ kind: "text", selection: chosen });
    return null;
  }

  /** Copies the chosen rows, and waits for those that are not held. */
  async copyRows(near: HTMLElement): Promise<void> {
    const { store } = this;
    const ready = this.chosenRows();
    const copy = ready ?? this.#awaited();
    const key = this.#copied?.key;
    if (ready === null) store.change({ copying: "Copying…" });
    const text = copy instanceof Promise ? copy.then((found) => found.text) : copy.text;
    const isDone = await this.host.copyText(text, near);
    const isOther = this.#copied !== null && this.#copied.key !== key;
    if (isOther) return;
    const isThere = ready === null && this.#copied !== null;
    const failed = isThere ? "The lines are loaded now: copy again" : "Copy failed";
    if (isDone) this.saidCopied(await copy);
    else store.change({ copying: failed });
  }

  /** Shows that the chosen rows were copied. */
  saidCopied({ lines }: Copy): void {
    const { from, to } = this.logs.selection ?? { from: 0, to: 0 };
    const isCut = lines === MAX_COPIED_LINES && to - from >= lines;
    const which = isCut ? "the first " : "";
    this.store.change({ copying: `Copied ${which}${plural(lines, "line")}` });
  }

  #awaited(): Promise<Copy> {
    return new Promise((found, lost) =>
      this.#copied?.wanted.push((copy) =>
        copy === null ? lost(new Error("The lines to copy did not arrive")) : found(copy),
      ),
    );
  }

  /** Ends the wait for lines to copy: they could not be read, or others are requested. */
  #dropCopied(): void {
    const copied = this.#copied;
    this.#copied = null;
    for (const end of copied?.wanted ?? []) end(null);
  }

  close(): void {
    this.client.close();
    this.#dropCopied();
  }

  readonly #take = (answer: AnswerBody, asked: QuestionBody, buffers: Buffers): void => {
    const { store } = this;
    if (answer.kind === "heard") {
      if (asked.kind === "refresh" && store.refresh !== "idle")
        store.change({ refresh: "working" });
      return;
    }
    if (asked.kind === "refresh") store.change({ refresh: "idle" });
    if (asked.kind === "pin") this.pins.answered(asked, answer.kind === "pinned");
    if (answer.kind === "failed") this.#fail(answer, asked);
    if (answer.kind === "download")
      this.#takePart(answer, buffers, (parts) => this.host.saveFile(answer.name, parts));
    else if (answer.kind === "text")
      this.#takePart(answer, buffers, (parts) => this.#takeText(parts, answer.lines));
    else if (answer.kind === "tasks") this.tasks.take(answer.start, answer.rows);
    else if (answer.kind === "related")
      store.change({ related: answer.related, relatedFailed: null });
    else if (answer.kind === "opened" && asked.kind === "open")
      store.change({ openedRuns: [...store.openedRuns, { id: asked.id, model: answer.model }] });
    else if (answer.kind === "suggestions" && asked.kind === "suggest") {
      const { start, end, items } = answer;
      if (asked.text === store.text && store.isTyping)
        store.change({ suggestions: { start, end, items }, suggestion: -1 });
    } else this.logs.take(answer, asked);
  };

  #fail({ notice }: Say<"failed">, asked: QuestionBody): void {
    const isSaidElsewhere = asked.kind === "related" || asked.kind === "templates";
    if (asked.kind === "related") this.store.change({ relatedFailed: notice.text });
    if (asked.kind === "text") this.#dropCopied();
    if (!isSaidElsewhere) this.store.change({ isNoticeDismissed: false, failure: notice });
  }

  #takePart(
    { kind, part, parts }: Say<"download"> | Say<"text">,
    [buffer]: Buffers,
    use: (parts: DataView[]) => void,
  ): void {
    if (part === 0) this.#parts[kind] = [];
    const found = this.#parts[kind];
    if (buffer) found[part] = buffer;
    if (Object.keys(found).length < parts) return;
    this.#parts[kind] = [];
    use(found);
  }

  #takeText(parts: DataView[], lines: number): void {
    const decoder = new TextDecoder();
    const text = parts.map((part) => decoder.decode(part, { stream: true })).join("");
    if (!this.#copied) return;
    this.#copied.copy = { text, lines };
    for (const found of this.#copied.wanted) found(this.#copied.copy);
    this.#copied.wanted = [];
  }
}
