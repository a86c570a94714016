/** The widget models of a page, as a host of widgets provides them. */

import type { Question } from "../protocol/wire";

type Listener = (...args: never[]) => void;

export interface Model {
  get(name: "payload" | "annotations"): DataView | null | undefined;
  get(name: "twin" | "view"): string | null | undefined;
  on(
    event: "change:payload" | "change:annotations" | "comm_live_update",
    listener: () => void,
  ): void;
  on(event: "msg:custom", listener: (content: unknown, buffers: DataView[]) => void): void;
  off(event: string, listener: Listener): void;
  send(content: Question): void;
  widget_manager?: { get_model(id: string): Promise<Model> };
}

export interface Context {
  model: Model;
  el: HTMLElement;
  host?: { getModel?(reference: string): Promise<Model> };
  /** Draws a view of another model, whose front end may be another script. The loader of the widget provides it. */
  draw?: (model: Model, el: HTMLElement) => Promise<() => void>;
}

/** Finds another model of the page by its id. */
export async function modelOf(
  id: string,
  { model, host }: Pick<Context, "model" | "host">,
): Promise<Model> {
  const ways = [
    () => host?.getModel?.(`anywidget:${id}`),
    () => model.widget_manager?.get_model(id),
  ];
  for (const way of ways) {
    const found = await Promise.resolve(way()).catch(() => undefined);
    if (found) return found;
  }
  throw new Error("The card was opened in Python; this page cannot draw it.");
}
