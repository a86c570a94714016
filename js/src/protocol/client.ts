/** Sends questions to a source, and passes on only answers to the newest question of each kind (for pins: per line). */

import type { Source } from "../sources/source";
import type { AnswerBody, Ask, QuestionBody, QuestionKind } from "./wire";

export type Receive = (
  answer: AnswerBody,
  question: QuestionBody,
  buffers: readonly DataView[],
) => void;

/** Whether an answer ends a question; a `rows` before a `result` and a `heard` before the work do not. */
function isLast(question: QuestionBody, answer: AnswerBody): boolean {
  if (answer.kind === "heard") return /^(hello|follow|visible|select|choose)$/.test(question.kind);
  if (answer.kind === "rows") return question.kind === "rows";
  if (answer.kind === "download" || answer.kind === "text") return answer.part === answer.parts - 1;
  return true;
}

/** The kinds that are asked again for a new snapshot; other code repeats the rest where it needs them. */
const RENEWED: readonly QuestionKind[] = ["find", "line", "templates", "text"];

const keyOf = (question: QuestionBody): string =>
  question.kind === "pin" ? `pin ${question.seq}` : question.kind;

interface Open {
  question: QuestionBody;
  /** Makes the source stop waiting for an answer. */
  cancel: () => void;
}

export class Client {
  /** The newest question of each kind that has no final answer yet. */
  readonly #open = new Map<string, Open>();

  constructor(
    private readonly source: Source,
    private readonly receive: Receive,
  ) {}

  /** Asks a question; answers to an earlier question of the same kind are dropped from now on. */
  ask = (question: QuestionBody): void => {
    const key = keyOf(question);
    this.#open.get(key)?.cancel();
    const open: Open = { question, cancel: () => {} };
    this.#open.set(key, open);
    open.cancel = this.source.ask(
      question,
      (answer, { buffers = [], isProvisional = false } = {}) => {
        if (this.#open.get(key) !== open) return;
        if (!isProvisional && isLast(question, answer)) {
          this.#open.delete(key);
          open.cancel();
        }
        this.receive(answer, question, buffers);
      },
    );
  };

  /** The question of a kind that has no final answer yet. */
  waiting<K extends QuestionKind>(kind: K): Ask<K> | undefined {
    return this.#open.get(kind)?.question as Ask<K> | undefined;
  }

  /** Repeats the questions without an answer: answers about the previous snapshot are no longer accepted. */
  renew(): void {
    for (const kind of RENEWED) {
      const open = this.#open.get(kind);
      if (open) this.ask(open.question);
    }
  }

  /** Cancels all open questions. */
  close(): void {
    for (const { cancel } of this.#open.values()) cancel();
    this.#open.clear();
  }
}
