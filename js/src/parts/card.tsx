import { type ComponentChildren, render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Tab } from "../core/opening";
import type { Payload } from "../core/wire";
import type { Store } from "../store";
import { styleRoot } from "../surroundings";
import { drawDetails } from "./details";
import { drawDigestBox } from "./digest";
import { drawFacts } from "./facts";
import { drawFooter } from "./footer";
import { Logs } from "./logs";
import { drawNoticeLine } from "./notice";
import { drawTabs } from "./tabs";
import { Tasks } from "./tasks";
import { Timeline } from "./timeline";
import { drawTitle } from "./title";

export function mount(store: Store, el: HTMLElement): void {
  store.drawWith(() => render(<Card store={store} />, el));
}

function nameOf({ header }: Payload): string {
  const names = [header.flow, header.name ?? header.id].filter(Boolean).join(" ");
  return `Flow run ${names}, ${header.state.name.toLowerCase()}`;
}

/** Keys that the card has used, and everything typed into its fields, stay away from the notebook. */
function keepKeys(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const isField = target.tagName === "INPUT" && event.key !== "Tab";
  const isPress = target.tagName === "BUTTON" && (event.key === "Enter" || event.key === " ");
  if (event.defaultPrevented || isField || isPress) event.stopPropagation();
}

export function Card({ store }: { store: Store }) {
  const root = useRef<HTMLElement>(null);
  const id = useRef("");
  id.current ||= `frw-${Math.random().toString(36).slice(2)}`;
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      styleRoot(element);
      const width = entry?.contentRect.width;
      if (width) store.change({ width });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [store]);

  const { payload, problem } = store;
  return (
    <article
      class="frw"
      ref={root}
      aria-label={payload ? nameOf(payload) : "Flow run"}
      data-lm-suppress-shortcuts="true"
      onKeyDown={keepKeys}
    >
      {problem !== null && (
        <p class="note c-failed lone" role="alert">
          <b>{problem}</b>
        </p>
      )}
      {payload
        ? drawWhole(store, payload, id.current)
        : problem === null && <p class="note c-muted lone">The run is on its way.</p>}
    </article>
  );
}

function drawWhole(store: Store, payload: Payload, id: string) {
  const { header, digest } = payload;
  const tab = store.tab;
  const parts: Record<Tab, () => ComponentChildren> = {
    logs: () => <Logs store={store} id={id} />,
    tasks: () => <Tasks store={store} />,
    timeline: () => <Timeline store={store} />,
    details: () => drawDetails(store, payload),
  };
  return (
    <>
      <header>
        {drawTitle(store, header)}
        {!digest && header.state.message && <p class="msg">{header.state.message}</p>}
        {drawFacts(store, header)}
      </header>
      {drawNoticeLine(store)}
      {digest && drawDigestBox(store, digest)}
      {drawTabs(store, id)}
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`}>
        {parts[tab]()}
      </div>
      {drawFooter(store)}
    </>
  );
}
