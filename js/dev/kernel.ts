/** A widget model without a notebook: the page's own engine answers instead of Python. */

import { begunOf } from "../src/engine/attempts";
import { Log } from "../src/engine/log";
import type { Model } from "../src/host/models";
import type { AnswerBody, Question } from "../src/protocol/wire";
import { MemorySource } from "../src/sources/memory";
import type { MadeRun } from "./runs";

async function zipped(value: unknown): Promise<DataView> {
  const stream = new Blob([JSON.stringify(value)])
    .stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new DataView(await new Response(stream).arrayBuffer());
}

type Listener = (...args: never[]) => void;

export class DevModel implements Model {
  readonly #listeners = new Map<string, Listener[]>();
  readonly #memory: MemorySource;

  private constructor(
    private readonly trait: DataView,
    { rows, payload, tasks }: MadeRun,
    /** The delay of an answer in milliseconds; null: there is no kernel. */
    private readonly delay: number | null,
  ) {
    const log = new Log(rows, {
      ...begunOf(tasks, rows),
      idle: payload.idle,
      startedAt: payload.header.started_at,
      templates: [["<every line>", "/^/"]],
      patterns: rows.map(() => 0),
    });
    this.#memory = new MemorySource({
      log: () => log,
      tasks: () => tasks,
      pins: () => [],
      fileName: () => "made-up",
    });
  }

  static async of(run: MadeRun, kernel: string): Promise<DevModel> {
    return new DevModel(await zipped(run.payload), run, kernel === "none" ? null : Number(kernel));
  }

  get(name: "payload" | "annotations"): DataView | null;
  get(name: "twin" | "view"): null;
  get(name: "payload" | "annotations" | "twin" | "view"): DataView | null {
    return name === "payload" ? this.trait : null;
  }

  on(event: string, listener: Listener): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  off(event: string, listener: Listener): void {
    const left = (this.#listeners.get(event) ?? []).filter((other) => other !== listener);
    this.#listeners.set(event, left);
  }

  send(question: Question): void {
    if (this.delay === null) return;
    setTimeout(() => this.#answer(question), this.delay);
  }

  #answer(question: Question): void {
    const { view, n, snapshot } = question;
    const reply = (answer: AnswerBody, buffers: readonly DataView[] = []) => {
      for (const listener of this.#listeners.get("msg:custom") ?? [])
        (listener as (content: unknown, buffers: readonly DataView[]) => void)(
          { view, n, snapshot, ...answer },
          buffers,
        );
    };
    reply({ kind: "heard" });
    if (question.kind === "refresh") setTimeout(() => reply({ kind: "refreshed" }), 900);
    else if (question.kind === "related")
      reply({
        kind: "related",
        related: { artifacts: [], results: [], parent: null, subflows: [], problems: [] },
      });
    else this.#memory.ask(question, (answer, more) => reply(answer, more?.buffers));
  }
}
