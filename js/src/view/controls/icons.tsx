/** Icons as single paths; a ring consists of two half arcs. */

import type { ComponentChildren } from "preact";
import type { Icon as StateIcon } from "../../protocol/wire";

const RING = "M2.5 8a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0";
const CLOCK = `${RING}M8 5v3.2l2 1.3`;
const CROSS = "M4.5 4.5l7 7M11.5 4.5l-7 7";
const AGAIN = "M13 8a5 5 0 1 1-1.6-3.7M13.2 2.4v3.2H10";
const FUNNEL = "M2.5 4.5h11M4.8 8h6.4M6.8 11.5h2.4";
const DOWN = "M8 2.5v8M4.8 7.5L8 10.7l3.2-3.2M3.5 13.5h9";
const QUESTION = "M6 6.2a2 2 0 1 1 2.6 1.9c-.5.2-.6.5-.6 1.1M8 11.8v.1";

const STATE_ICONS: Record<StateIcon, string> = {
  clock: CLOCK,
  half: RING,
  loop: AGAIN,
  bars: "M5.8 4v8M10.2 4v8",
  check: "M3.5 8.5l3 3 6-7",
  "double-check": "M2 8.5l2.6 2.6 5-6M8 11l.3.2 5.4-6.4",
  square: "M4.4 4.4h7.2v7.2H4.4z",
  arc: "M3.5 11.5c1-5 6-6 8.5-3M12.5 4.8V9H8.4",
  cross: CROSS,
  "cross-ring": `${RING}M6 6l4 4M10 6l-4 4`,
  bolt: "M9 2.5L4.5 8.8h3.2L7 13.5l4.5-6.3H8.3z",
  "slash-ring": `${RING}M4.2 11.8l7.6-7.6`,
  question: QUESTION,
};

const ICONS = {
  refresh: AGAIN,
  queued: CLOCK,
  close: CROSS,
  search: "M3 7a4 4 0 1 0 8 0a4 4 0 1 0-8 0M10 10l3.2 3.2",
  copy: "M5.7 5.7h7.1v7.1H5.7zM10.5 3.2H3.2v7.3",
  away: "M9.5 3H13v3.5M12.8 3.2L7.5 8.5M11 9.5V13H3V5h3.5",
  open: "M6 4l4 4-4 4",
  fold: "M4 6l4 4 4-4",
  alert: `${RING}M8 5v3.6M8 10.9v.1`,
  offline: "M2.5 6.2a8 8 0 0 1 11 0M5 9a4.6 4.6 0 0 1 6 0M8 12v.1M3 13L13 3",
  follow:
    "M8 8h.1M5.4 5.4a3.7 3.7 0 0 0 0 5.2M10.6 5.4a3.7 3.7 0 0 1 0 5.2M3.4 3.4a6.5 6.5 0 0 0 0 9.2M12.6 3.4a6.5 6.5 0 0 1 0 9.2",
  pause: "M5.8 4v8M10.2 4v8",
  link: "M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.2-2.2a2.6 2.6 0 0 0-3.7-3.7l-.9.9M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.3 9a2.6 2.6 0 0 0 3.7 3.7l.9-.9",
  columns: "M2.5 3.5h11v9h-11zM6.2 3.5v9M9.8 3.5v9",
  repeat: "M4 4.5h8M4 8h8M4 11.5h8M2 4.5h.1M2 8h.1M2 11.5h.1",
  more: "M4 8h.1M8 8h.1M12 8h.1",
  filter: FUNNEL,
  without: `${FUNNEL}M3 13.5L13 2.5`,
  up: "M4 10l4-4 4 4",
  gap: "M5 6l3-3 3 3M5 10l3 3 3-3",
  wrap: "M2.5 4.5h11M2.5 8h8.6a2 2 0 0 1 0 4H8.5M10 10.5L8.4 12 10 13.5M2.5 12h3",
  save: DOWN,
  pin: "M6 2.5h4l-.6 4 2.1 2.2H4.5L6.6 6.5zM8 8.7v4.8",
  sort: "M5 3v10M2.5 5.5L5 3l2.5 2.5M11 13V3M8.5 10.5L11 13l2.5-2.5",
  keys: "M2 4.5h12v7H2zM4.5 7h.1M7 7h.1M9.5 7h.1M5 9.5h6",
  lines: "M3 4h10M3 8h7M3 12h4",
};

export type IconName = keyof typeof ICONS;

interface Drawing {
  line: string;
  class?: string | undefined;
  children?: ComponentChildren;
}

const Drawing = ({ line, class: kind, children }: Drawing) => (
  <svg class={kind ? `icon ${kind}` : "icon"} viewBox="0 0 16 16" aria-hidden="true">
    <path d={line} />
    {children}
  </svg>
);

export const Icon = ({ name, class: kind }: { name: IconName; class?: string }) => (
  <Drawing line={ICONS[name]} class={kind} />
);

/** The icon of a state; an unknown state has a question mark. */
export const StateMark = ({ icon }: { icon: StateIcon }) => (
  <Drawing line={STATE_ICONS[icon] ?? QUESTION}>
    {icon === "half" && <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" />}
  </Drawing>
);
