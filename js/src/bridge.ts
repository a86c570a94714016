import { render } from "preact";
import { payloadOf, UnreadablePayload } from "./core/payload";
import type { Answer, Question } from "./core/wire";
import { mount } from "./parts/card";
import { type Ask, Store } from "./store";
import { hideTwin, styleRoot } from "./surroundings";

/** The only file that knows the widget model: traits in, questions out, answers in. */

type Listener = (...args: never[]) => void;

export interface Model {
  get(name: "payload"): DataView | null | undefined;
  get(name: "twin"): string | null | undefined;
  on(event: "change:payload", listener: () => void): void;
  on(event: "msg:custom", listener: (content: unknown, buffers: DataView[]) => void): void;
  off(event: string, listener: Listener): void;
  send(content: Question): void;
}

const MINUTE_MS = 60_000;

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

/** Which kind of question an answer belongs to; `failed` and `heard` can belong to any. */
const QUESTION_OF: Partial<Record<Answer["kind"], Question["kind"]>> = {
  rows: "rows",
  line: "line",
  tasks: "tasks",
  refreshed: "refresh",
};

/** Numbers the questions of one view and lets through only the answer to the newest of each kind. */
export class Conversation {
  readonly view = randomId();
  #n = 0;
  readonly #newest = new Map<Question["kind"], number>();

  constructor(
    private readonly send: (question: Question) => void,
    private readonly snapshot: () => number,
  ) {}

  ask: Ask = (question) => {
    this.#n += 1;
    this.#newest.set(question.kind, this.#n);
    const whole = { ...question, view: this.view, n: this.#n, snapshot: this.snapshot() };
    try {
      this.send(whole as Question);
    } catch {
      // No kernel stands behind the model: the question stays open, which the card shows as waiting.
    }
  };

  /** The answer and what it answers; null unless it is for this view and for a newest question. */
  accepted(content: unknown): { answer: Answer; asked: Question["kind"] } | null {
    if (!isAnswer(content, this.view)) return null;
    for (const [asked, n] of this.#newest) {
      if (n !== content.n) continue;
      const own = QUESTION_OF[content.kind];
      return own === undefined || own === asked ? { answer: content, asked } : null;
    }
    return null;
  }
}

export function renderCard({ model, el }: { model: Model; el: HTMLElement }): () => void {
  el.classList.add("frw-live");
  const twin = hideTwin(el.ownerDocument, model.get("twin"));
  const conversation: Conversation = new Conversation(
    (question) => model.send(question),
    () => store.payload?.snapshot ?? 0,
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
      store.set({ problem });
      if (!isKnown) console.error(error);
    }
  };
  const hear = (content: unknown) => {
    const accepted = conversation.accepted(content);
    if (accepted) store.answer(accepted.answer, accepted.asked);
  };

  model.on("change:payload", read);
  model.on("msg:custom", hear);
  styleRoot(el);
  mount(store, el);
  const clock = setInterval(() => store.set({ now: Date.now() * 1000 }), MINUTE_MS);
  conversation.ask({ kind: "hello" });
  void read();

  return () => {
    turn += 1;
    conversation.ask({ kind: "bye" });
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
