/** Stands in for the widget model of a notebook: keeps what was asked, and says what a test has Python say. */

import type { Model } from "../src/host/models";
import type { Annotations, Answer, AnswerBody, Payload, Question } from "../src/protocol/wire";
import { zipped } from "./samples";

type Kind = Question["kind"];
type Asked<K extends Kind> = Extract<Question, { kind: K }>;

export class WidgetModel implements Model {
  readonly asked: Question[] = [];
  isDead = false;
  twin: string | null = "frw-twin-1";
  /** What the script draws; empty: a list of runs. */
  view = "";
  /** Other models that this page knows, by their ids. */
  readonly others = new Map<string, WidgetModel>();
  #payload: DataView | null = null;
  #annotations: DataView | null = null;
  readonly #listeners = new Map<string, Set<(...args: never[]) => void>>();

  readonly widget_manager = {
    get_model: async (id: string): Promise<Model> => {
      const model = this.others.get(id);
      if (!model) throw new Error(`No model ${id}`);
      return model;
    },
  };

  get(name: "payload" | "annotations"): DataView | null;
  get(name: "twin" | "view"): string | null;
  get(name: "payload" | "annotations" | "twin" | "view"): DataView | string | null {
    const { twin, view } = this;
    return { payload: this.#payload, annotations: this.#annotations, twin, view }[name];
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
  async annotate(value: Partial<Annotations> | DataView): Promise<void> {
    const none = { text: "", turn: 0, pins: [], result: null };
    this.#annotations = value instanceof DataView ? value : await zipped({ ...none, ...value });
    this.#tell("change:annotations");
  }

  allAsked<K extends Kind>(kind: K): Asked<K>[] {
    return this.asked.filter((question): question is Asked<K> => question.kind === kind);
  }

  /** The newest question of that kind. */
  newest<K extends Kind>(kind: K): Asked<K> {
    const found = this.allAsked(kind).at(-1);
    if (!found) throw new Error(`Nothing of kind ${kind} was asked`);
    return found;
  }

  answer(
    question: Question,
    body: AnswerBody,
    { buffers = [], ...changed }: Partial<Answer> & { buffers?: DataView[] } = {},
  ): void {
    const { view, n, snapshot } = question;
    this.say({ view, n, snapshot, ...body, ...changed }, buffers);
  }

  say(content: unknown, buffers: DataView[] = []): void {
    this.#tell("msg:custom", content, buffers);
  }

  /** The host says that there is another connection to the kernel, or none. */
  reconnect(): void {
    this.#tell("comm_live_update");
  }

  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }

  #tell(event: string, ...args: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(...(args as never[]));
  }
}
