/** Connects a card to its widget model: reads the traits, sends questions, receives answers. No other file uses it. */

import { fileNameOf } from "../engine/download";
import {
  annotationsOf,
  knownAnnotations,
  knownPayload,
  payloadOf,
  UnreadablePayload,
} from "../protocol/payload";
import type { QuestionBody } from "../protocol/wire";
import { FallbackSource } from "../sources/fallback";
import { KernelSource } from "../sources/kernel";
import { MemorySource } from "../sources/memory";
import { Card } from "../state/card";
import { copyText } from "./clipboard";
import { saveFile } from "./files";
import { type Context, modelOf } from "./models";
import { mount } from "./mount";
import { cardToMount } from "./mounted-card";
import { hideTwin } from "./twin";

const MINUTE = 6e7;

/** Decodes the traits of a model, so that its first view is drawn at once. */
export async function prepareCard({ model }: Pick<Context, "model">): Promise<void> {
  const traits = [payloadOf(model.get("payload")), annotationsOf(model.get("annotations"))];
  await Promise.allSettled(traits);
}

/** Draws one view of a card; the returned function removes it. */
export function renderCard({ model, el, host }: Context): () => void {
  const twin = hideTwin(el, model.get("twin"));
  const kernel: KernelSource = new KernelSource(
    (question) => model.send(question),
    () => card.store.payload?.snapshot ?? 0,
  );
  let fallback: FallbackSource | undefined;
  const card: Card = new Card(
    (card) => {
      const memory = new MemorySource({
        log: () => (card.store.payload ? card.pool.log(card.store.payload) : null),
        tasks: () => card.store.payload?.tasks?.rows ?? [],
        pins: () => card.store.annotations.pins.map(({ seq }) => seq),
        fileName: () => fileNameOf(card.store.payload?.header),
      });
      fallback = new FallbackSource(kernel, memory, {
        status: (status) => card.setKernel(status),
        late: (question) => card.late(question),
      });
      return fallback;
    },
    {
      saveFile,
      copyText,
      drawModel: async (id, place) =>
        renderCard({ model: await modelOf(id, { model, host }), el: place, ...(host && { host }) }),
    },
  );
  const { store } = card;
  /** The number of reads of each trait: a read that ends after a later one began is out of date. */
  let [turn, noted] = [0, 0];

  const read = async () => {
    turn += 1;
    const mine = turn;
    try {
      const payload = await payloadOf(model.get("payload"));
      if (mine === turn && payload) card.receive(payload);
    } catch (error) {
      if (mine !== turn) return;
      const isKnown = error instanceof UnreadablePayload;
      const problem = isKnown
        ? error.message
        : "This run could not be shown. Run the cell again, or report the error in the browser's console.";
      store.change({ problem });
      if (!isKnown) console.error(error);
    }
  };
  const hear = (content: unknown, buffers: DataView[]) => {
    if (!kernel.hear(content, buffers)) return;
    fallback?.heard();
    card.heard();
  };
  const annotate = async () => {
    noted += 1;
    const mine = noted;
    const annotations = await annotationsOf(model.get("annotations"));
    if (mine === noted && annotations) card.annotate(annotations);
  };
  const ask = (question: QuestionBody) => card.client.ask(question);

  const page = el.ownerDocument;
  const tellVisible = () => ask({ kind: "visible", is_visible: !page.hidden });
  // Jupyter reports that a kernel was restarted or reconnected. Only the kernel that made the card answers.
  const greet = () => {
    ask({ kind: "hello" });
    fallback?.expect();
  };
  const savedAt = watchTwin(twin, card);

  model.on("comm_live_update", greet);
  page.addEventListener("visibilitychange", tellVisible);
  model.on("change:annotations", annotate);
  model.on("change:payload", read);
  model.on("msg:custom", hear);
  const payload = knownPayload(model.get("payload"));
  if (payload) {
    const annotations = knownAnnotations(model.get("annotations"));
    if (annotations) card.annotate(annotations);
    card.receive(payload);
  }
  const leave = mount(cardToMount(card), el, savedAt);
  ask({ kind: "hello" });
  if (page.hidden) tellVisible();
  if (!payload) void prepareCard({ model }).then(annotate).then(read);

  return () => {
    turn += 1;
    ask({ kind: "bye" });
    card.close();
    fallback?.close();
    page.removeEventListener("visibilitychange", tellVisible);
    model.off("comm_live_update", greet);
    model.off("change:annotations", annotate);
    model.off("change:payload", read);
    model.off("msg:custom", hear);
    leave();
    twin.end();
  };
}

/** Updates once a second when the saved copy was made; the copy of a followed run is saved every 30 seconds. */
function watchTwin(twin: ReturnType<typeof hideTwin>, { store }: Card): () => void {
  let madeAt = "";
  let seenAt = 0;
  return () => {
    const now = Date.now() * 1000;
    const { payload } = store;
    const made = twin.savedAt(payload?.snapshot ?? 0);
    if (made !== madeAt) {
      madeAt = made;
      seenAt = now;
    }
    const savedAt = payload?.is_following && now < seenAt + MINUTE ? "" : made;
    if (savedAt !== store.savedAt) store.change({ savedAt });
  };
}
