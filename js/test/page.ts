import { afterEach, beforeEach, vi } from "vitest";
import card from "../src/card";
import type { Payload } from "../src/core/wire";
import { QuietModel, settled, until } from "./model";
import { looked } from "./sample";

/** A card that a test shows in the document, and what a reader does with it. */

export let el: HTMLElement;
export let model: QuietModel;
let leave: (() => void) | undefined;

beforeEach(() => {
  document.body.innerHTML = "";
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A model that no view shows yet, and a place for one. */
export function prepare(): void {
  model = new QuietModel();
  el = document.createElement("div");
  document.body.append(el);
}

export function open(): void {
  leave = card.render({ model, el });
}

export function stop(): void {
  leave?.();
  leave = undefined;
}

export async function show(data?: Payload | DataView): Promise<void> {
  prepare();
  if (data) await model.put(data);
  open();
  if (data) await until(() => !text().includes("The run is on its way"));
}

export const text = () => el.textContent ?? "";
/** Says how many items the look has, as the kernel does at once. */
export const say = async (total: number, more: object = {}) => {
  model.answer(model.newest("look"), looked(total, more));
  await settled();
};
export const field = () =>
  el.querySelector<HTMLInputElement>("[role=combobox]") as HTMLInputElement;
export const write = async (words: string) => {
  field().focus();
  field().value = words;
  field().dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
};
export const rowsShown = () =>
  [...el.querySelectorAll(".r")].map((row) => Number(row.querySelector(".ln")?.textContent));
export const messageAt = (number: number) =>
  [...el.querySelectorAll(".r")]
    .find((row) => row.querySelector(".ln")?.textContent === String(number))
    ?.querySelector(".mg")?.textContent;
export const button = (name: string) =>
  [...el.querySelectorAll("button")].find((b) =>
    b.textContent?.includes(name),
  ) as HTMLButtonElement;
export const press = (target: Element | null, key: string) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  target?.dispatchEvent(event);
  return event;
};
