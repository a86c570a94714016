/** A source that asks the kernel, and answers from the page's own data if the kernel does not answer in time. */

import type { LogQuery, QuestionBody } from "../protocol/wire";
import { type MemorySource, queryOf } from "./memory";
import type { Reply, Source } from "./source";

const PATIENCE_MS = 300;
const ABSENT_MS = 3000;

/**
 * `unheard` at first; `here` once it has answered anything; `absent` if it never answered, as in a saved page; `gone` if
 * it has stopped answering.
 */
export type KernelStatus = "unheard" | "here" | "absent" | "gone";

/** Whether a query shows every line, oldest first, like the lines that are sent with the card. */
export const isPlain = ({ text, is_newest_first, folds_repeats }: LogQuery): boolean =>
  text.trim() === "" && !is_newest_first && !folds_repeats;

/** What answers without the kernel. */
export type Memory = Pick<MemorySource, "ask" | "canAnswer" | "log">;

/** Answers nothing: all questions wait for the kernel. */
export const NO_MEMORY: Memory = { ask: () => () => {}, canAnswer: () => false, log: null };

export interface Watch {
  /** Called when the status of the kernel changes. */
  status: (status: KernelStatus) => void;
  /** Called when the kernel does not acknowledge a question in time. */
  late: (question: QuestionBody) => void;
}

export class FallbackSource implements Source {
  #status: KernelStatus = "unheard";
  #fading: ReturnType<typeof setTimeout> | undefined;
  /** A query that was answered from memory; questions about its items are also answered from memory. */
  #answeredHere: LogQuery | null = null;
  /** Repeat unanswered questions from memory; called if it turns out that there is no kernel. */
  readonly #unanswered = new Set<() => void>();

  constructor(
    private readonly kernel: Source,
    private readonly memory: Memory,
    private readonly watch: Watch,
  ) {
    this.#expect("absent");
  }

  ask(question: QuestionBody, reply: Reply): () => void {
    if (this.#isAboutMemory(question)) return this.memory.ask(question, reply);
    let cancelMemory = () => {};
    const askMemory = () => {
      cancelMemory = this.memory.ask(question, (answer, more) => {
        if (question.kind === "query") this.#answeredHere = question.query;
        reply(answer, { ...more, isProvisional: true });
      });
    };
    const timer = setTimeout(() => {
      this.watch.late(question);
      if (this.#isFallback(question)) askMemory();
      else this.#unanswered.add(askMemory);
    }, PATIENCE_MS);
    const stopWaiting = () => {
      clearTimeout(timer);
      this.#unanswered.delete(askMemory);
      cancelMemory();
    };
    const cancelKernel = this.kernel.ask(question, (answer, more) => {
      stopWaiting();
      if (answer.kind === "result") this.#answeredHere = null;
      reply(answer, more);
    });
    if (this.#isAlone) {
      clearTimeout(timer);
      askMemory();
    }
    return () => {
      stopWaiting();
      cancelKernel();
    };
  }

  /** Called when the kernel has answered anything. */
  heard(): void {
    clearTimeout(this.#fading);
    this.#become("here");
  }

  /**
   * Called after the connection to the kernel has changed: a kernel that does not answer in time is gone. A kernel may be
   * lost before it has answered for the first time.
   */
  expect(): void {
    this.#expect(this.#status === "absent" ? "absent" : "gone");
  }

  close(): void {
    clearTimeout(this.#fading);
  }

  #expect(otherwise: KernelStatus): void {
    clearTimeout(this.#fading);
    this.#fading = setTimeout(() => this.#become(otherwise), ABSENT_MS);
  }

  #become(status: KernelStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.watch.status(status);
    if (!this.#isAlone) return;
    const unanswered = [...this.#unanswered];
    this.#unanswered.clear();
    for (const ask of unanswered) ask();
  }

  get #isAlone(): boolean {
    return this.#status === "absent" || this.#status === "gone";
  }

  #isAboutMemory(question: QuestionBody): boolean {
    const query = queryOf(question);
    return query !== null && query === this.#answeredHere;
  }

  /** A kernel that is only busy keeps its list of lines: replacing it would move the lines that are being read. */
  #isFallback(question: QuestionBody): boolean {
    if (this.#isAlone) return true;
    if (!this.memory.canAnswer(question)) return false;
    // Lines are copied complete, and from the list that is shown.
    if (question.kind === "text") return this.memory.log?.isWhole === true;
    if (this.#status === "unheard" || this.memory.log?.isComplete) return true;
    if (question.kind === "query") return !isPlain(question.query);
    return question.kind === "line" || question.kind === "suggest";
  }
}
