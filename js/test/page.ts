/** A card in a page: how to open it, read it and use it. Time goes on only where a test says so. */

import { options } from "preact";
import { afterEach, beforeEach, vi } from "vitest";
import card from "../src/card";
import type { Payload, QueryResult } from "../src/protocol/wire";
import { result } from "./samples";
import { second } from "./task-samples";
import { WidgetModel } from "./widget-model";

export let el: HTMLElement;
export let model: WidgetModel;
let leave: (() => void) | undefined;

/** Calls back when a test says that sizes have changed: happy-dom lays nothing out. */
class PageResizeObserver implements ResizeObserver {
  static readonly all = new Set<PageResizeObserver>();
  constructor(private readonly callback: ResizeObserverCallback) {}
  observe(): void {
    PageResizeObserver.all.add(this);
  }
  unobserve(): void {}
  disconnect(): void {
    PageResizeObserver.all.delete(this);
  }
  hear(): void {
    this.callback([], this);
  }
}

// Effects run when a part is drawn, and not at the next frame.
options.requestAnimationFrame = queueMicrotask;

beforeEach(() => {
  vi.useFakeTimers({
    now: second(130) / 1000,
    toFake: [
      "setTimeout",
      "clearTimeout",
      "setInterval",
      "clearInterval",
      "requestAnimationFrame",
      "cancelAnimationFrame",
      "performance",
      "Date",
    ],
  });
  PageResizeObserver.all.clear();
  vi.stubGlobal("ResizeObserver", PageResizeObserver);
  document.body.innerHTML = "";
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const turn = () => new Promise((done) => setImmediate(done));

/** Until what was begun is done, as far as it needs no time. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await turn();
}

/** Until something is so: unpacking data takes as many turns as it takes. */
export async function until(isSo: () => unknown): Promise<void> {
  while (!isSo()) await turn();
  await settled();
}

/** Lets time go on. */
export async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await settled();
}

/** The host, or the reader, has changed the size of something. */
export async function resize(): Promise<void> {
  for (const observer of [...PageResizeObserver.all]) observer.hear();
  await settled();
}
export const observers = () => PageResizeObserver.all.size;

/** A model that no view shows yet, and a place for one. */
export function prepare(): void {
  model = new WidgetModel();
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
  if (data) await until(() => !text().includes("Loading run…"));
}

/** Another payload; `words` are what only it has the card say. */
export async function put(data: Payload, isShown: () => unknown): Promise<void> {
  await model.put(data);
  await until(isShown);
}

/** Python says what the newest query finds. */
export async function answerQuery(total: number, more: Partial<QueryResult> = {}): Promise<void> {
  model.answer(model.newest("query"), result(total, more));
  await settled();
}

/** The kernel has taken the greeting: it is there. */
export async function greet(): Promise<void> {
  model.answer(model.newest("hello"), { kind: "heard" });
  await settled();
}

// What is shown

export const root = (place: HTMLElement = el) =>
  place.querySelector(".frw-place")?.shadowRoot as ShadowRoot;
export const text = () => root()?.textContent ?? "";
export const all = (selector: string) => [...root().querySelectorAll<HTMLElement>(selector)];
export const one = (selector: string) => root().querySelector<HTMLElement>(selector);
export const words = (selector: string) => one(selector)?.textContent;
export const nameOf = (element: Element) =>
  element.getAttribute("aria-label") ?? element.textContent ?? "";
export const button = (name: string) =>
  all("button").find((each) => nameOf(each).includes(name)) as HTMLElement;
export const field = () => one("[data-part=filter]") as HTMLInputElement;
export const scroller = () => one(".log-rows") as HTMLElement;
export const lineAt = (place: number) => one(`[data-at="${place}"]`);
export const current = () => one(".line.current, .marker.current");
export const focused = () => root().activeElement as HTMLElement | null;

const numberOf = (row: Element) => row.querySelector(".cell-line")?.textContent;
export const rowsShown = () =>
  all(".log-rows .line")
    .map((row) => Number(numberOf(row)))
    .filter((number) => number > 0);
export const messageAt = (number: number) =>
  all(".log-rows .line")
    .find((row) => numberOf(row) === String(number))
    ?.querySelector(".cell-message")?.textContent;

// What a reader does

type Held = Pick<KeyboardEventInit, "ctrlKey" | "shiftKey" | "altKey" | "metaKey" | "isComposing">;

export function keyEvent(key: string, held: Held = {}, type = "keydown"): KeyboardEvent {
  return new KeyboardEvent(type, { key, bubbles: true, composed: true, cancelable: true, ...held });
}

export async function press(
  target: Element | null,
  key: string,
  held: Held = {},
): Promise<KeyboardEvent> {
  const event = keyEvent(key, held);
  target?.dispatchEvent(event);
  await settled();
  return event;
}

export async function click(target: Element | null | undefined, init: MouseEventInit = {}) {
  target?.dispatchEvent(
    new MouseEvent("click", { bubbles: true, composed: true, cancelable: true, ...init }),
  );
  await settled();
}

export async function point(
  target: EventTarget,
  type: string,
  init: PointerEventInit = {},
): Promise<void> {
  const common = { bubbles: true, composed: true, cancelable: true, pointerId: 1 };
  target.dispatchEvent(new PointerEvent(type, { ...common, ...init }));
  await settled();
}

export async function write(value: string, input: HTMLInputElement = field()): Promise<void> {
  input.focus();
  input.value = value;
  input.setSelectionRange(value.length, value.length);
  input.dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
}

export async function scrollTo(top: number): Promise<void> {
  scroller().scrollTop = top;
  scroller().dispatchEvent(new Event("scroll"));
  await settled();
}

export const openTab = (name: string) => click(button(name));
