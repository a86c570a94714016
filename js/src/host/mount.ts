/** Puts a card into an element of the page, in a shadow root so that neither's styles reach the other. */

import { type ComponentChild, render } from "preact";
import { keepKeys } from "./keys";
import { adoptStyles } from "./styles";
import { type Theme, watchTheme } from "./theme";

const MINUTE = 6e7;
const TICK_MS = 1000;
/**
 * Side by side with others, as in an HBox, a card takes its share of the width, since it has no width of its own.
 * VS Code draws a white background behind widgets in every theme.
 */
const SHARE =
  ".frw-live{flex-grow:1;min-width:0}.cell-output-ipywidget-background:is(.frw-live,:has(.frw-live)){background:none!important}";

function show(place: HTMLElement, { host, scheme, ground, text }: Theme): void {
  place.dataset.host = host;
  place.dataset.scheme = scheme;
  place.style.setProperty("--page-ground", ground);
  place.style.setProperty("--page-text", text);
}

/** What is put into the page: a card, or a list of runs. */
export interface Mounted {
  styles: string;
  draw: () => ComponentChild;
  /** Its state, as far as it depends on the page and on the time. */
  store: {
    readonly width: number;
    readonly now: number;
    readonly retryAt: number;
    change(patch: { width?: number; now?: number }): void;
  };
}

/**
 * Draws a card while the element is part of the page. A host may remove the element and insert it again: the card
 * is then removed from the page, and drawn again with the element.
 *
 * `onTick` is called once a second. The returned function removes the card.
 */
export function mount(
  { styles, draw, store }: Mounted,
  el: HTMLElement,
  onTick: () => void = () => {},
): () => void {
  const page = el.ownerDocument;
  const place = page.createElement("div");
  place.className = "frw-place";
  const root = place.attachShadow({ mode: "open" });
  adoptStyles(root, styles);
  el.classList.add("frw-live");
  const share = page.createElement("style");
  share.className = "frw-share";
  share.textContent = SHARE;
  el.append(place, share);
  let leave: (() => void) | null = null;
  let theme: ReturnType<typeof watchTheme> | null = null;

  const enter = () => {
    theme = watchTheme(el, (found) => show(place, found));
    render(draw(), root);
    const stops = [keepKeys(place), theme.stop, watchClock(store, onTick)];
    leave = () => {
      for (const stop of stops) stop();
      render(null, root);
    };
  };
  const measure = () => {
    const width = el.clientWidth;
    if (width > 0 && width !== store.width) store.change({ width });
  };
  const look = () => {
    measure();
    if (place.isConnected && !leave) enter();
    else if (!place.isConnected && leave) {
      leave();
      leave = null;
    }
    theme?.look();
  };
  // This also detects that the element was removed from the page or inserted again: its size changes.
  const observer = new ResizeObserver(look);
  observer.observe(el);
  measure();
  enter();
  return () => {
    observer.disconnect();
    leave?.();
    place.remove();
    share.remove();
    el.classList.remove("frw-live");
  };
}

/** Updates relative times and countdowns. */
function watchClock(store: Mounted["store"], onTick: () => void): () => void {
  const timer = setInterval(() => {
    onTick();
    const now = Date.now() * 1000;
    if (store.retryAt > store.now || now > store.now + MINUTE) store.change({ now });
  }, TICK_MS);
  return () => clearInterval(timer);
}
