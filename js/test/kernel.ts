/** A card without a page, whose kernel says what a test has it say. */

import type { Payload } from "../src/protocol/wire";
import { KernelSource } from "../src/sources/kernel";
import { Card, type Host } from "../src/state/card";
import { payload, result } from "./samples";
import { WidgetModel } from "./widget-model";

/** What a card had saved and copied. */
export class TestHost implements Host {
  readonly saved: { name: string; text: string }[] = [];
  readonly copied: string[] = [];
  canCopy = true;

  saveFile = (name: string, parts: readonly DataView[]): void => {
    const decoder = new TextDecoder();
    const text = parts.map((part) => decoder.decode(part, { stream: true })).join("");
    this.saved.push({ name, text });
  };

  copyText = async (text: string | Promise<string>): Promise<boolean> => {
    const found = await Promise.resolve(text).catch(() => null);
    if (found === null || !this.canCopy) return false;
    this.copied.push(found);
    return true;
  };
}

export function cardWithKernel() {
  const model = new WidgetModel();
  const host = new TestHost();
  const kernel: KernelSource = new KernelSource(
    (question) => model.send(question),
    () => card.store.payload?.snapshot ?? 0,
  );
  const card: Card = new Card(() => kernel, host);
  model.on("msg:custom", (content: unknown, buffers: DataView[]) => {
    if (kernel.hear(content, buffers)) card.heard();
  });
  return { card, store: card.store, logs: card.logs, model, host };
}

/** Such a card that shows a run, and has its first answer. */
export function shownWithKernel(data: Payload = payload({ total: 5000 })) {
  const shown = cardWithKernel();
  shown.card.receive(data);
  shown.model.answer(shown.model.newest("query"), result(data.logs?.total ?? 0));
  return shown;
}

export const bytes = (text: string) =>
  new DataView(new TextEncoder().encode(text).buffer as ArrayBuffer);
