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
  on(event: "change:payload" | "change:kept" | "comm_live_update", listener: () => void): void;
  on(event: "msg:custom", listener: (content: unknown, buffers: DataView[]) => void): void;
  off(event: string, listener: Listener): void;
  send(content: Question): void;
}

const MINUTE = 6e7;
const PATIENCE_MS = 300;
const GONE_MS = 3000;

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
  const twin = hideTwin(el, model.get("twin"));
  const conversation: Conversation = new Conversation(
    (question) => model.send(question),
    () => store.payload?.snapshot ?? 0,
    (question) => store.late(question),
  );
  const store = new Store(conversation.ask);
  let turn = 0;
  let gone: ReturnType<typeof setTimeout> | undefined;

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
    if (!accepted) return;
    clearTimeout(gone);
    store.change({ kernel: "here" });
    store.answer(accepted.answer, accepted.asked, buffers);
  };
  const keep = () => {
    const kept = keptOf(model.get("kept"));
    if (kept) store.reading.keep(kept);
  };

  const page = el.ownerDocument;
  const see = () => conversation.ask({ kind: "seen", is_seen: !page.hidden });
  // Jupyter says that a kernel begins anew or is there again: only one that knows the card answers.
  const greet = () => {
    conversation.ask({ kind: "hello" });
    clearTimeout(gone);
    gone = setTimeout(() => store.change({ kernel: "gone" }), GONE_MS);
  };
  let madeAt = "";
  let seenAt = 0;
  const tick = () => {
    const now = Date.now() * 1000;
    const { payload } = store;
    const made = twin.savedAt(payload?.snapshot ?? 0);
    if (made !== madeAt) {
      madeAt = made;
      seenAt = now;
    }
    // The twin of a card that follows its run comes every half minute.
    const savedAt = payload?.is_following && now < seenAt + MINUTE ? "" : made;
    if (savedAt !== store.savedAt) store.change({ savedAt });
    if (store.retryAt > store.now || now > store.now + MINUTE) store.change({ now });
  };

  keep();
  model.on("comm_live_update", greet);
  page.addEventListener("visibilitychange", see);
  model.on("change:kept", keep);
  model.on("change:payload", read);
  model.on("msg:custom", hear);
  styleRoot(el);
  mount(store, el);
  const clock = setInterval(tick, 1000);
  store.change({ kernel: "here" });
  conversation.ask({ kind: "hello" });
  if (page.hidden) see();
  void read();

  return () => {
    turn += 1;
    conversation.ask({ kind: "bye" });
    conversation.end();
    page.removeEventListener("visibilitychange", see);
    model.off("comm_live_update", greet);
    clearTimeout(gone);
    model.off("change:kept", keep);
    model.off("change:payload", read);
    model.off("msg:custom", hear);
    clearInterval(clock);
    store.dispose();
    render(null, el);
    el.classList.remove("frw-live");
    twin.end();
  };
}

export default { render: renderCard };
