/** Puts a card into an element of the page, in a shadow root so that neither's styles reach the other. */

import { h, render } from "preact";
import type { Card } from "../state/card";
import { CardView } from "../view/card";
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

/**
 * Draws the card while the element is part of the page. A host may remove the element and insert it again: the card
 * is then removed from the page, and drawn again with the element.
 *
 * `onTick` is called once a second. The returned function removes the card.
 */
export function mount(card: Card, el: HTMLElement, onTick: () => void = () => {}): () => void {
  const page = el.ownerDocument;
  const place = page.createElement("div");
  place.className = "frw-place";
  const root = place.attachShadow({ mode: "open" });
  adoptStyles(root);
  el.classList.add("frw-live");
  const share = page.createElement("style");
  share.className = "frw-share";
  share.textContent = SHARE;
  el.append(place, share);
  let leave: (() => void) | null = null;
  let theme: ReturnType<typeof watchTheme> | null = null;

  const enter = () => {
    theme = watchTheme(el, (found) => show(place, found));
    render(h(CardView, { card }), root);
    const stops = [keepKeys(place), theme.stop, watchClock(card, onTick)];
    leave = () => {
      for (const stop of stops) stop();
      render(null, root);
    };
  };
  const measure = () => {
    const width = el.clientWidth;
    if (width > 0 && width !== card.store.width) card.store.change({ width });
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
function watchClock(card: Card, onTick: () => void): () => void {
  const { store } = card;
  const timer = setInterval(() => {
    onTick();
    const now = Date.now() * 1000;
    if (store.retryAt > store.now || now > store.now + MINUTE) store.change({ now });
  }, TICK_MS);
  return () => clearInterval(timer);
}
