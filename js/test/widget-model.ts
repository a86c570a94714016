import type { Model } from "../src/bridge";
import type { AnswerBody } from "../src/core/local";
import type { Answer, Kept, Payload, Question } from "../src/core/wire";
import { zipped } from "./sample";

/** A widget model without a host: it keeps what was asked, and says what a test has it say. */
export class QuietModel implements Model {
  readonly asked: Question[] = [];
  isDead = false;
  twin: string | null = "frw-twin-1";
  #payload: DataView | null = null;
  #kept: DataView | null = null;
  readonly #listeners = new Map<string, Set<(...args: never[]) => void>>();

  get(name: "payload" | "kept"): DataView | null;
  get(name: "twin"): string | null;
  get(name: "payload" | "kept" | "twin"): DataView | string | null {
    return { payload: this.#payload, kept: this.#kept, twin: this.twin }[name];
  }

  on(event: string, listener: (...args: never[]) => void): void {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(listener));
  }

  off(event: string, listener: (...args: never[]) => void): void {
    this.#listeners.get(event)?.delete(listener);
  }

  send(question: Question): void {
    if (this.isDead) throw new Error("Comm is closed");
    this.asked.push(question);
  }

  async put(value: Payload | DataView): Promise<void> {
    this.#payload = value instanceof DataView ? value : await zipped(value);
    this.#tell("change:payload");
  }

  /** What Python says the reader made of the run. */
  keep(kept: Kept): void {
    this.#kept = new DataView(new TextEncoder().encode(JSON.stringify(kept)).buffer);
    this.#tell("change:kept");
  }

  /** The newest question of that kind. */
  newest<K extends Question["kind"]>(kind: K): Extract<Question, { kind: K }> {
    const found = this.asked.findLast((question) => question.kind === kind);
    if (!found) throw new Error(`nothing of kind ${kind} was asked`);
    return found as Extract<Question, { kind: K }>;
  }

  answer(
    question: Question,
    body: AnswerBody,
    changed: Partial<Answer> = {},
    buffers: DataView[] = [],
  ): void {
    const { view, n, snapshot } = question;
    this.say({ view, n, snapshot, ...body, ...changed }, buffers);
  }

  say(content: unknown, buffers: DataView[] = []): void {
    this.#tell("msg:custom", content, buffers);
  }

  /** The host says that there is another connection to the kernel, or none. */
  comm(): void {
    this.#tell("comm_live_update");
  }

  listeners(): number {
    return [...this.#listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }

  #tell(event: string, ...args: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(...(args as never[]));
  }
}

const turn = () => new Promise((done) => setImmediate(done));

/** Until what was changed has been drawn. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn();
}

/** Until something is so; unpacking a payload takes as long as it takes. */
export async function until(isSo: () => unknown): Promise<void> {
  const deadline = performance.now() + 4000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`never came: ${isSo}`);
    await turn();
  }
  await settled();
}
