/** One view of a list of runs: its state, and the handling of the payload and of answers. */

import { Client } from "../protocol/client";
import type { AnswerBody, Notice, QuestionBody, RunRows, RunsPayload } from "../protocol/wire";
import { read } from "../query/parse";
import { exactly, withoutKey, withoutTerm, withTerm } from "../query/rewrite";
import { QuerySyntaxError, RUNS } from "../query/terms";
import type { KernelStatus } from "../sources/fallback";
import type { Source } from "../sources/source";
import type { Host } from "./card";
import { Changes } from "./changes";
import { NEWEST_FIRST, type Run, type RunSorting, runsOf, runTest } from "./run-table";

/** How many runs are requested at once: a page of the server, and what Python sends in one answer at most. */
const PAGE = 200;
const MAX_ANSWER = 1_000;

/** Each value is replaced as a whole, never changed in place. */
export class ListFields {
  payload: RunsPayload | null = null;
  problem: string | null = null;
  failure: Notice | null = null;
  kernel: KernelStatus = "unheard";
  isLate = false;
  /** The loaded runs, in the order of the source. */
  runs: readonly Run[] = [];
  /** How many runs the kernel holds. */
  held = 0;
  hasMore = false;
  canLoad = false;
  redacted = 0;
  /** Whether further runs are being requested: one page, or all. */
  loading: "page" | "all" | null = null;

  text = "";
  textError: QuerySyntaxError | null = null;
  /** The test of the last text that could be parsed; null: every run. */
  test: ((run: Run) => boolean) | null = null;
  sorting: RunSorting = NEWEST_FIRST;
  /** Ids of the selected runs. */
  selected: ReadonlySet<string> = new Set();
  /** The widget models of the cards that were opened, by their runs. */
  openedRuns: readonly { id: string; model: string }[] = [];
  /** The run whose card is being opened. */
  opening: string | null = null;

  hoverTime: number | null = null;
  zone = "UTC";
  width = 960;
  now = Date.now() * 1000;
  readonly retryAt = 0;
}

export class ListStore extends ListFields {
  readonly #changes = new Changes<ListFields>(this);
  subscribe = this.#changes.subscribe;
  change = this.#changes.change;
}

export type ListHost = Pick<Host, "copyText" | "drawModel">;

export class RunList {
  readonly store = new ListStore();
  readonly client: Client;

  constructor(
    source: (list: RunList) => Source,
    readonly host: ListHost,
  ) {
    this.client = new Client(source(this), this.#take);
  }

  receive(payload: RunsPayload): void {
    const { store } = this;
    const { rows } = payload;
    const before = store.payload;
    store.change({ payload, problem: null, held: payload.held });
    // Only how the list is called may have changed; the page may have more runs than the payload.
    if (before && before.rows.ids.length === rows.ids.length) return;
    this.#put(rows, payload);
    if (!before && payload.held > store.runs.length) this.loadPage();
  }

  setKernel(kernel: KernelStatus): void {
    const isAway = kernel === "gone" || kernel === "absent";
    this.store.change({ kernel, ...(isAway && { isLate: false, loading: null, opening: null }) });
  }

  /** Called when the kernel does not acknowledge a question in time. */
  late(question: QuestionBody): void {
    if (question.kind === "runs" || question.kind === "open") this.store.change({ isLate: true });
  }

  /** Called when the kernel has sent anything. */
  heard(): void {
    this.store.change({ isLate: false });
  }

  /** Whether the kernel can send runs that are not loaded. */
  get canLoad(): boolean {
    const { runs, held, canLoad } = this.store;
    return this.#hasKernel && (canLoad || held > runs.length);
  }

  /** Whether there is a kernel, as far as is known. */
  get #hasKernel(): boolean {
    const { kernel } = this.store;
    return kernel === "here" || kernel === "unheard";
  }

  loadPage(): void {
    if (this.canLoad && this.store.loading === null) this.#load("page");
  }

  loadAll(): void {
    if (this.canLoad) this.#load("all");
  }

  stopLoading(): void {
    this.store.change({ loading: this.store.loading === null ? null : "page" });
  }

  #load(loading: "page" | "all"): void {
    const start = this.store.runs.length;
    const ready = this.store.held - start;
    this.store.change({ loading, failure: null });
    const count = ready > 0 ? Math.min(ready, MAX_ANSWER) : PAGE;
    this.client.ask({ kind: "runs", start, count });
  }

  /** Sets the filter text. If it cannot be parsed, the last result stays. */
  type(text: string): void {
    const { store } = this;
    try {
      const test = text.trim() === "" ? null : runTest(text, { tz: store.zone });
      store.change({ text, textError: null, test });
    } catch (error) {
      if (!(error instanceof QuerySyntaxError)) throw error;
      store.change({ text, textError: error });
    }
  }

  /** Names of the states that the text asks for. */
  get statesAsked(): ReadonlySet<string> {
    const { terms } = read(this.store.text, undefined, RUNS);
    return new Set(
      terms
        .filter(({ key, op, not }) => key === "state" && op === "=" && !not)
        .map(({ value }) => value as string),
    );
  }

  /** Adds a state to the text, or removes it. */
  toggleState(name: string): void {
    const { text } = this.store;
    const term = exactly("state", name);
    const isOn = this.statesAsked.has(name);
    this.type(isOn ? withoutTerm(text, term, RUNS) : withTerm(text, term, RUNS));
  }

  /** Removes the terms of a key from the text. */
  without(key: "time"): void {
    this.type(withoutKey(this.store.text, key, RUNS));
  }

  sort(sorting: RunSorting): void {
    this.store.change({ sorting });
  }

  select(ids: ReadonlySet<string>): void {
    this.store.change({ selected: ids });
    this.client.ask({ kind: "choose", ids: [...ids] });
  }

  toggleSelected(id: string): void {
    const next = new Set(this.store.selected);
    if (!next.delete(id)) next.add(id);
    this.select(next);
  }

  get canOpen(): boolean {
    return this.#hasKernel && this.host.drawModel !== undefined;
  }

  open(id: string): void {
    if (!this.canOpen || this.store.openedRuns.some((run) => run.id === id)) return;
    this.store.change({ opening: id, failure: null });
    this.client.ask({ kind: "open", id });
  }

  closeRun(id: string): void {
    this.store.change({ openedRuns: this.store.openedRuns.filter((run) => run.id !== id) });
  }

  close(): void {
    this.client.close();
  }

  #put(rows: RunRows, more: Pick<RunsPayload, "held" | "has_more" | "can_load">): void {
    const { store } = this;
    const runs = [...store.runs.slice(0, rows.start), ...runsOf(rows)];
    const redacted = (rows.start ? store.redacted : 0) + rows.redacted;
    const { held, has_more: hasMore, can_load: canLoad } = more;
    store.change({ runs, held, hasMore, canLoad, redacted });
  }

  readonly #take = (answer: AnswerBody, asked: QuestionBody): void => {
    const { store } = this;
    if (answer.kind === "runs" && asked.kind === "runs") {
      const wasAll = store.loading === "all";
      this.#put(answer.rows, answer);
      store.change({ loading: null });
      if (wasAll && answer.rows.ids.length > 0) this.loadAll();
    } else if (answer.kind === "opened" && asked.kind === "open") {
      const opened = { id: asked.id, model: answer.model };
      // The newest is the nearest to the table.
      store.change({ openedRuns: [opened, ...store.openedRuns], opening: null });
    } else if (answer.kind === "failed")
      store.change({ failure: answer.notice, loading: null, opening: null });
  };
}
