/** The interface of a source, which answers the questions of a card: the kernel, or the page's own data. */

import type { AnswerBody, QuestionBody } from "../protocol/wire";

export type Reply = (
  answer: AnswerBody,
  more?: {
    buffers?: readonly DataView[];
    /** Whether a better answer may follow. */
    isProvisional?: boolean;
  },
) => void;

export interface Source {
  /** Answers later through `reply`, once or several times; the returned function cancels that. */
  ask(question: QuestionBody, reply: Reply): () => void;
}
