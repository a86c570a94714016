/** What the views of many runs have in common: the runs that are loaded, and the cards that are opened from them. */

import { Client } from "../protocol/client";
import type { AnswerBody, Notice, QuestionBody, RunRows, RunsPayload } from "../protocol/wire";
import type { KernelStatus } from "../sources/fallback";
import type { Source } from "../sources/source";
import type { Host } from "./card";
import type { Observed } from "./changes";
import { type Run, runsOf } from "./run-table";

/** How many runs Python sends in one answer at most. */
const MAX_ANSWER = 1_000;

/** What both payloads say about all the runs. */
export type About = Omit<RunsPayload, "format" | "rows">;

export interface OpenedRun {
  id: string;
  /** The widget model of its card. */
  model: string;
  /** How often it was opened: the card is scrolled to each time. */
  turn: number;
}

/** Each value is replaced as a whole, never changed in place. */
export class ManyRunsFields {
  payload: About | null = null;
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
  openedRuns: readonly OpenedRun[] = [];
  /** The run whose card is being opened. */
  opening: string | null = null;

  zone = "UTC";
  width = 960;
  now = Date.now() * 1000;
  readonly retryAt = 0;
}

export type ManyRunsHost = Pick<Host, "copyText" | "drawModel">;

export abstract class ManyRuns {
  abstract readonly store: ManyRunsFields & Observed<ManyRunsFields>;
  /** How many runs are requested at once. */
  protected abstract readonly page: number;
  readonly client: Client;

  constructor(
    source: (state: ManyRuns) => Source,
    readonly host: ManyRunsHost,
  ) {
    this.client = new Client(source(this), (answer, asked) => this.take(answer, asked));
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
    const count = ready > 0 ? Math.min(ready, MAX_ANSWER) : this.page;
    this.client.ask({ kind: "runs", start, count });
  }

  get canOpen(): boolean {
    return this.#hasKernel && this.host.drawModel !== undefined;
  }

  /** Opens the card of a run, or scrolls to it; with the number of a task, its log is filtered for that task. */
  open(id: string, task?: number): void {
    if (!this.canOpen) return;
    const known = this.store.openedRuns.find((run) => run.id === id);
    if (known && task === undefined) this.#putOpened(known);
    else {
      this.store.change({ opening: id, failure: null });
      this.client.ask({ kind: "open", id, ...(task !== undefined && { task }) });
    }
  }

  /** The newest is the nearest to the runs; one that is open already stays at its place. */
  #putOpened({ id, model }: Pick<OpenedRun, "id" | "model">): void {
    const { openedRuns } = this.store;
    const known = openedRuns.find((run) => run.model === model);
    this.store.change({
      opening: null,
      openedRuns: known
        ? openedRuns.map((run) => (run === known ? { ...run, turn: run.turn + 1 } : run))
        : [{ id, model, turn: 0 }, ...openedRuns],
    });
  }

  closeRun(id: string): void {
    this.store.change({ openedRuns: this.store.openedRuns.filter((run) => run.id !== id) });
  }

  /** Called when the view is removed. */
  close(): void {
    this.client.close();
  }

  /** Adds runs after those before them. */
  protected put(rows: RunRows, more: Pick<About, "held" | "has_more" | "can_load">): void {
    const { store } = this;
    const runs = [...store.runs.slice(0, rows.start), ...runsOf(rows)];
    const redacted = (rows.start ? store.redacted : 0) + rows.redacted;
    const { held, has_more: hasMore, can_load: canLoad } = more;
    store.change({ runs, held, hasMore, canLoad, redacted });
  }

  /** Goes on after further runs were put, if all are wanted. */
  protected loaded(count: number): void {
    const wasAll = this.store.loading === "all";
    this.store.change({ loading: null });
    if (wasAll && count > 0) this.loadAll();
  }

  protected take(answer: AnswerBody, asked: QuestionBody): void {
    if (answer.kind === "opened" && asked.kind === "open")
      this.#putOpened({ id: asked.id, model: answer.model });
    else if (answer.kind === "failed")
      this.store.change({ failure: answer.notice, loading: null, opening: null });
  }
}
