/** A source that answers from the lines and task runs in the page. */

import { fileOf } from "../engine/download";
import type { Log, Work } from "../engine/log";
import type { AnswerBody, Ask, LogQuery, QuestionBody, TaskRow } from "../protocol/wire";
import { QuerySyntaxError } from "../query/terms";
import type { Reply, Source } from "./source";

/** The data of a run that the page holds. */
export interface Holdings {
  /** null while the log has not arrived yet. */
  log: () => Log | null;
  tasks: () => readonly TaskRow[];
  /** Arrival numbers of pinned lines. */
  pins: () => readonly number[];
  /** The name of a file with the lines, without extension. */
  fileName: () => string;
}

/** How long one step of the work may block the page. */
const STEP_MS = 12;
const MAX_TEMPLATES = 500;

const refusal = (text: string): AnswerBody => ({
  kind: "failed",
  notice: { kind: "info", text, detail: null, at: Date.now() * 1000 },
});

const COPY = "This is a saved copy of the run.";
/** Messages for the questions that need a kernel. */
const REFUSED: Partial<Record<QuestionBody["kind"], string>> = {
  refresh: `${COPY} It does not change; run the notebook again for a newer one.`,
  follow: `${COPY} It does not change.`,
  open: `${COPY} Other runs can be opened only with a running kernel.`,
  related: `${COPY} Artifacts and related runs can be read only with a running kernel.`,
  line: `${COPY} It holds only the beginning of this message.`,
  templates: `${COPY} It holds only a part of the log; patterns need the whole log.`,
  download: `${COPY} It holds only a part of the log. Copy the lines, or run the notebook again.`,
};

/** The query that a question about items refers to. */
export function queryOf(question: QuestionBody): LogQuery | null {
  if (question.kind === "text") return question.selection.query;
  return question.kind === "rows" || question.kind === "find" ? question.query : null;
}

export class MemorySource implements Source {
  /** Questions that wait for the log. */
  #waiting: (() => void)[] = [];
  /** The log from which a query was answered; questions about its items are answered from the same one. */
  readonly #logs = new WeakMap<LogQuery, Log>();

  constructor(private readonly holdings: Holdings) {}

  /** Answers the questions that waited for the log. */
  ready(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const answer of waiting) answer();
  }

  get log(): Log | null {
    return this.holdings.log();
  }

  ask(question: QuestionBody, reply: Reply): () => void {
    let isOver = false;
    const answer = () => {
      if (!isOver) void this.#work(question, reply, () => isOver);
    };
    if (this.log) setTimeout(answer);
    else this.#waiting.push(answer);
    return () => {
      isOver = true;
    };
  }

  /** Whether it can answer a question rather than refuse it. */
  canAnswer(question: QuestionBody): boolean {
    const { log } = this;
    if (!log) return false;
    const { kind } = question;
    if (kind === "line") return log.line(question).length > 0;
    if (kind === "templates") return log.hasTemplates;
    if (kind === "download") return log.isWhole;
    return ["query", "rows", "find", "text", "suggest", "tasks"].includes(kind);
  }

  async #work(question: QuestionBody, reply: Reply, isOver: () => boolean): Promise<void> {
    try {
      if (!this.canAnswer(question)) {
        const words = REFUSED[question.kind];
        if (words) reply(refusal(words));
        return;
      }
      if (question.kind === "tasks") {
        const { kind, start, count } = question;
        reply({ kind, start, rows: this.holdings.tasks().slice(start, start + count) });
        return;
      }
      const answers = await sliced(this.#answers(question), isOver);
      if (!isOver())
        for (const [answer, buffer] of answers) reply(answer, { buffers: buffer ? [buffer] : [] });
    } catch (error) {
      if (!(error instanceof QuerySyntaxError)) throw error;
      reply(refusal(error.message));
    }
  }

  *#answers(question: QuestionBody): Work<[AnswerBody, DataView?][]> {
    const log = this.#logFor(question);
    const { kind } = question;
    const alone = (answers: AnswerBody[]): [AnswerBody][] => answers.map((answer) => [answer]);
    if (kind === "query") return alone(yield* log.query(question));
    if (kind === "rows") return alone(yield* log.window(question));
    if (kind === "find") return alone(yield* log.find(question, this.holdings.pins()));
    if (kind === "line") return alone(log.line(question));
    if (kind === "suggest") return alone(log.suggest(question));
    if (kind === "templates") return alone(yield* log.templates(question, MAX_TEMPLATES));
    if (kind === "text") return [yield* log.text(question)];
    if (kind === "download") return [yield* this.#download(question, log)];
    return [];
  }

  #logFor(question: QuestionBody): Log {
    const log = this.log as Log;
    if (question.kind === "query") this.#logs.set(question.query, log);
    const query = queryOf(question);
    return (query && this.#logs.get(query)) ?? log;
  }

  *#download({ query, format }: Ask<"download">, log: Log): Work<[AnswerBody, DataView]> {
    const rows = query ? yield* log.shown(query) : log.rows;
    const name = `${this.holdings.fileName()}.${format}`;
    return [{ kind: "download", name, part: 0, parts: 1 }, fileOf(rows, format)];
  }
}

/** Runs work to its end, and lets the page draw and handle events in between; stops early if it is cancelled. */
async function sliced<T>(work: Work<T[]>, isOver: () => boolean): Promise<T[]> {
  for (;;) {
    const until = performance.now() + STEP_MS;
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() < until);
    await new Promise((done) => setTimeout(done));
    if (isOver()) return [];
  }
}
