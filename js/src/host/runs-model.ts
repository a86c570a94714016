/** Connects a list or a grid of runs to its widget model, as `model.ts` does for a card. */

import { type ComponentChild, h } from "preact";
import { gridPayloadOf, knownMany, runsPayloadOf, UnreadablePayload } from "../protocol/payload";
import type { GridPayload, Question, RunsPayload } from "../protocol/wire";
import { FallbackSource, NO_MEMORY } from "../sources/fallback";
import { KernelSource } from "../sources/kernel";
import type { Source } from "../sources/source";
import type { ManyRuns, ManyRunsHost } from "../state/many-runs";
import { RunGrid } from "../state/run-grid";
import { RunList } from "../state/run-list";
import { GridView } from "../view/grid/grid";
import { RunsView } from "../view/runs/runs";
import { copyText } from "./clipboard";
import { type Context, type Model, modelOf } from "./models";
import { mount } from "./mount";
import { RUNS_STYLES } from "./runs-styles";
import { hideTwin } from "./twin";

/** How one kind of subject is read and drawn. */
interface Kind<P, S extends ManyRuns> {
  payloadOf: (view: DataView | null | undefined) => Promise<P | null>;
  state: new (source: (state: ManyRuns) => Source, host: ManyRunsHost) => S;
  receive: (state: S, payload: P) => void;
  view: (state: S) => ComponentChild;
}

const LIST: Kind<RunsPayload, RunList> = {
  payloadOf: runsPayloadOf,
  state: RunList,
  receive: (list, payload) => list.receive(payload),
  view: (list) => h(RunsView, { list }),
};
const GRID: Kind<GridPayload, RunGrid> = {
  payloadOf: gridPayloadOf,
  state: RunGrid,
  receive: (grid, payload) => grid.receive(payload),
  view: (grid) => h(GridView, { grid }),
};
const isGrid = (model: Model) => model.get("view") === "grid";

/** Decodes the trait of a model, so that its first view is drawn at once. */
export async function prepareRuns({ model }: Pick<Context, "model">): Promise<void> {
  const { payloadOf } = isGrid(model) ? GRID : LIST;
  await Promise.allSettled([payloadOf(model.get("payload"))]);
}

/** Draws one view of a list or a grid of runs; the returned function removes it. */
export const renderRuns = (context: Context): (() => void) =>
  isGrid(context.model) ? render(context, GRID) : render(context, LIST);

function render<P, S extends ManyRuns>(
  { model, el, host, draw }: Context,
  { payloadOf, state, receive, view }: Kind<P, S>,
): () => void {
  const twin = hideTwin(el, model.get("twin"));
  const kernel = new KernelSource(
    (question: Question) => model.send(question),
    () => 1,
  );
  let fallback: FallbackSource | undefined;
  const runs = new state(
    (state) => {
      fallback = new FallbackSource(kernel, NO_MEMORY, {
        status: (status) => state.setKernel(status),
        late: (question) => state.late(question),
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
      const payload = await payloadOf(model.get("payload"));
      if (mine === turn && payload) receive(runs, payload);
    } catch (error) {
      if (mine !== turn) return;
      const isKnown = error instanceof UnreadablePayload;
      if (!isKnown) console.error(error);
      const problem = isKnown ? error.message : "These runs could not be shown.";
      runs.store.change({ problem });
    }
  };
  const hear = (content: unknown, buffers: DataView[]) => {
    if (!kernel.hear(content, buffers)) return;
    fallback?.heard();
    runs.heard();
  };
  const greet = () => {
    runs.client.ask({ kind: "hello" });
    fallback?.expect();
  };
  model.on("comm_live_update", greet);
  model.on("change:payload", read);
  model.on("msg:custom", hear);
  const payload = knownMany<P>(model.get("payload"));
  if (payload) receive(runs, payload);
  const leave = mount({ styles: RUNS_STYLES, draw: () => view(runs), store: runs.store }, el);
  runs.client.ask({ kind: "hello" });
  if (!payload) void read();

  return () => {
    turn += 1;
    runs.close();
    fallback?.close();
    model.off("comm_live_update", greet);
    model.off("change:payload", read);
    model.off("msg:custom", hear);
    leave();
    twin.end();
  };
}
