/** A source that asks Python through the messages of the widget model. */

import type { Answer, AnswerBody, Question, QuestionBody } from "../protocol/wire";
import type { Reply, Source } from "./source";

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return btoa(String.fromCharCode(...bytes));
}

/** Whether an answer is about lines or task runs, and so is valid for one snapshot only. */
const isAboutSnapshot = ({ kind }: AnswerBody) =>
  /^(rows|result|found|line|text|tasks|templates)$/.test(kind);

export class KernelSource implements Source {
  readonly view = randomId();
  #n = 0;
  readonly #replies = new Map<number, Reply>();

  constructor(
    private readonly send: (question: Question) => void,
    /** The snapshot that the page shows. */
    private readonly snapshot: () => number,
  ) {}

  ask(question: QuestionBody, reply: Reply): () => void {
    this.#n += 1;
    const n = this.#n;
    this.#replies.set(n, reply);
    try {
      this.send({ ...question, view: this.view, n, snapshot: this.snapshot() });
    } catch {
      // The model has no kernel. The caller has its own timeout for an answer.
    }
    return () => this.#replies.delete(n);
  }

  /** Handles a message of the model; returns whether it was an answer for this view. */
  hear(content: unknown, buffers: readonly DataView[]): boolean {
    if (!this.#isMine(content)) return false;
    const reply = this.#replies.get(content.n);
    if (!isAboutSnapshot(content) || content.snapshot === this.snapshot())
      reply?.(content, { buffers });
    return true;
  }

  #isMine(content: unknown): content is Answer {
    if (typeof content !== "object" || content === null) return false;
    const { kind, view, n, snapshot } = content as Record<string, unknown>;
    return (
      view === this.view &&
      typeof kind === "string" &&
      typeof n === "number" &&
      typeof snapshot === "number"
    );
  }
}
