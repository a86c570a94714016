/** Connects a list of runs to its widget model, as `model.ts` does for a card. */

import { h } from "preact";
import { knownRuns, runsPayloadOf, UnreadablePayload } from "../protocol/payload";
import type { Question } from "../protocol/wire";
import { FallbackSource, NO_MEMORY } from "../sources/fallback";
import { KernelSource } from "../sources/kernel";
import { RunList } from "../state/run-list";
import { RunsView } from "../view/runs/runs";
import { copyText } from "./clipboard";
import { type Context, modelOf } from "./models";
import { mount } from "./mount";
import { RUNS_STYLES } from "./runs-styles";
import { hideTwin } from "./twin";

/** Decodes the trait of a model, so that its first view is drawn at once. */
export async function prepareRuns({ model }: Pick<Context, "model">): Promise<void> {
  await Promise.allSettled([runsPayloadOf(model.get("payload"))]);
}

/** Draws one view of a list of runs; the returned function removes it. */
export function renderRuns({ model, el, host, draw }: Context): () => void {
  const twin = hideTwin(el, model.get("twin"));
  const kernel = new KernelSource(
    (question: Question) => model.send(question),
    () => 1,
  );
  let fallback: FallbackSource | undefined;
  const list = new RunList(
    (list) => {
      fallback = new FallbackSource(kernel, NO_MEMORY, {
        status: (status) => list.setKernel(status),
        late: (question) => list.late(question),
      });
      return fallback;
    },
    {
      copyText,
      ...(draw && {
        drawModel: async (id: string, place: HTMLElement) =>
          draw(await modelOf(id, { model, ...(host && { host }) }), place),
      }),
    },
  );
  /** The number of reads: a read that ends after a later one began is out of date. */
  let turn = 0;
  const read = async () => {
    turn += 1;
    const mine = turn;
    try {
      const payload = await runsPayloadOf(model.get("payload"));
      if (mine === turn && payload) list.receive(payload);
    } catch (error) {
      if (mine !== turn) return;
      const isKnown = error instanceof UnreadablePayload;
      if (!isKnown) console.error(error);
      const problem = isKnown ? error.message : "These runs could not be shown.";
      list.store.change({ problem });
    }
  };
  const hear = (content: unknown, buffers: DataView[]) => {
    if (!kernel.hear(content, buffers)) return;
    fallback?.heard();
    list.heard();
  };
  const greet = () => {
    list.client.ask({ kind: "hello" });
    fallback?.expect();
  };
  model.on("comm_live_update", greet);
  model.on("change:payload", read);
  model.on("msg:custom", hear);
  const payload = knownRuns(model.get("payload"));
  if (payload) list.receive(payload);
  const leave = mount(
    { styles: RUNS_STYLES, draw: () => h(RunsView, { list }), store: list.store },
    el,
  );
  list.client.ask({ kind: "hello" });
  if (!payload) void read();

  return () => {
    turn += 1;
    // Another view of the same list does not know what was selected in this one.
    if (list.store.selected.size > 0) list.client.ask({ kind: "choose", ids: [] });
    list.close();
    fallback?.close();
    model.off("comm_live_update", greet);
    model.off("change:payload", read);
    model.off("msg:custom", hear);
    leave();
    twin.end();
  };
}
