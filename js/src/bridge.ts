import { render } from "preact";
import type { QuestionOf } from "./core/local";
import { keptOf, payloadOf, UnreadablePayload } from "./core/payload";
import type { Answer, Question } from "./core/wire";
import { mount } from "./parts/card";
import { type Ask, Store } from "./store";
import { hideTwin, styleRoot } from "./surroundings";

/** The only file that knows the widget model: traits in, questions out, answers in. */

type Listener = (...args: never[]) => void;

export interface Model {
  get(name: "payload" | "kept"): DataView | null | undefined;
  get(name: "twin"): string | null | undefined;
  on(event: "change:payload" | "change:kept", listener: () => void): void;
  on(event: "msg:custom", listener: (content: unknown, buffers: DataView[]) => void): void;
  off(event: string, listener: Listener): void;
  send(content: Question): void;
}

const MINUTE_MS = 60_000;
const PATIENCE_MS = 300;

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return btoa(String.fromCharCode(...bytes));
}

function isAnswer(content: unknown, view: string): content is Answer {
  if (typeof content !== "object" || content === null) return false;
  const { kind, view: whose, n, snapshot } = content as Record<string, unknown>;
  return (
    whose === view &&
    typeof kind === "string" &&
    typeof n === "number" &&
    typeof snapshot === "number"
  );
}

interface Open {
  n: number;
  question: QuestionOf;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Numbers the questions of one view and lets through only the answer to the newest of each kind. */
export class Conversation {
  readonly view = randomId();
  #n = 0;
  readonly #newest = new Map<Question["kind"], Open>();

  /** `late` gets a question that nobody has heard in time. */
  constructor(
    private readonly send: (question: Question) => void,
    private readonly snapshot: () => number,
    private readonly late: (question: QuestionOf) => void = () => {},
  ) {}

  ask: Ask = (question) => {
    this.#n += 1;
    const n = this.#n;
    clearTimeout(this.#newest.get(question.kind)?.timer);
    const timer = setTimeout(() => this.late(question), PATIENCE_MS);
    this.#newest.set(question.kind, { n, question, timer });
    try {
      this.send({ ...question, view: this.view, n, snapshot: this.snapshot() });
    } catch {
      // No kernel stands behind the model: the question stays open, which the card shows as waiting.
    }
  };

  /** The answer and what it answers; null unless it is for this view and for a newest question. */
  accepted(content: unknown): { answer: Answer; asked: QuestionOf } | null {
    if (!isAnswer(content, this.view)) return null;
    for (const { n, question, timer } of this.#newest.values()) {
      if (n !== content.n) continue;
      clearTimeout(timer);
      return { answer: content, asked: question };
    }
    return null;
  }

  /** Nothing is waited for any more. */
  end(): void {
    for (const { timer } of this.#newest.values()) clearTimeout(timer);
  }
}

export function renderCard({ model, el }: { model: Model; el: HTMLElement }): () => void {
  el.classList.add("frw-live");
  const twin = hideTwin(el.ownerDocument, model.get("twin"));
  const conversation: Conversation = new Conversation(
    (question) => model.send(question),
    () => store.payload?.snapshot ?? 0,
    (question) => store.late(question),
  );
  const store = new Store(conversation.ask);
  let turn = 0;

  const read = async () => {
    turn += 1;
    const mine = turn;
    try {
      const payload = await payloadOf(model.get("payload"));
      if (mine === turn && payload) store.receive(payload);
    } catch (error) {
      if (mine !== turn) return;
      const isKnown = error instanceof UnreadablePayload;
      const problem = isKnown
        ? error.message
        : "The card could not show this run. Run the cell again.";
      store.change({ problem });
      if (!isKnown) console.error(error);
    }
  };
  const hear = (content: unknown, buffers: DataView[]) => {
    const accepted = conversation.accepted(content);
    if (accepted) store.answer(accepted.answer, accepted.asked, buffers);
  };
  const keep = () => {
    const kept = keptOf(model.get("kept"));
    if (kept) store.reading.keep(kept);
  };

  keep();
  model.on("change:kept", keep);
  model.on("change:payload", read);
  model.on("msg:custom", hear);
  styleRoot(el);
  mount(store, el);
  const clock = setInterval(() => store.change({ now: Date.now() * 1000 }), MINUTE_MS);
  conversation.ask({ kind: "hello" });
  void read();

  return () => {
    turn += 1;
    conversation.ask({ kind: "bye" });
    conversation.end();
    model.off("change:kept", keep);
    model.off("change:payload", read);
    model.off("msg:custom", hear);
    clearInterval(clock);
    store.dispose();
    render(null, el);
    el.classList.remove("frw-live");
    twin();
  };
}

export default { render: renderCard };
