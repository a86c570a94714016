import type { ComponentChildren } from "preact";
import type { Icon as StateIcon } from "../core/wire";

const clock = (
  <>
    <circle cx="8" cy="8" r="5.5" />
    <path d="M8 5v3.2l2 1.3" />
  </>
);
const cross = <path d="M4.5 4.5l7 7M11.5 4.5l-7 7" />;
const again = (
  <>
    <path d="M13 8a5 5 0 1 1-1.6-3.7" />
    <path d="M13.2 2.4v3.2H10" />
  </>
);
const question = <path d="M6 6.2a2 2 0 1 1 2.6 1.9c-.5.2-.6.5-.6 1.1M8 11.8v.1" />;

const STATE_ICONS: Record<StateIcon, ComponentChildren> = {
  clock,
  half: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" />
    </>
  ),
  loop: again,
  bars: <path d="M5.8 4v8M10.2 4v8" />,
  check: <path d="M3.5 8.5l3 3 6-7" />,
  "double-check": (
    <>
      <path d="M2 8.5l2.6 2.6 5-6" />
      <path d="M8 11l.3.2 5.4-6.4" />
    </>
  ),
  square: <rect x="4" y="4" width="8" height="8" rx="1" />,
  arc: (
    <>
      <path d="M3.5 11.5c1-5 6-6 8.5-3" />
      <path d="M12.5 4.8V9H8.4" />
    </>
  ),
  cross,
  "cross-ring": (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M6 6l4 4M10 6l-4 4" />
    </>
  ),
  bolt: <path d="M9 2.5L4.5 8.8h3.2L7 13.5l4.5-6.3H8.3z" />,
  "slash-ring": (
    <>
      <circle cx="8" cy="8" r="5" />
      <path d="M4.6 11.4l6.8-6.8" />
    </>
  ),
  question,
};

const ICONS = {
  refresh: again,
  queued: clock,
  close: cross,
  search: (
    <>
      <circle cx="7" cy="7" r="4" />
      <path d="M10 10l3.2 3.2" />
    </>
  ),
  copy: (
    <>
      <rect x="5.5" y="5.5" width="7.5" height="7.5" rx="1" />
      <path d="M10.5 3H4a1 1 0 0 0-1 1v6.5" />
    </>
  ),
  away: <path d="M9.5 3H13v3.5M12.8 3.2L7.5 8.5M11 9.5V13H3V5h3.5" />,
  open: <path d="M6 4l4 4-4 4" />,
  fold: <path d="M4 6l4 4 4-4" />,
  alert: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M8 5v3.6M8 10.9v.1" />
    </>
  ),
  offline: <path d="M2.5 6.2a8 8 0 0 1 11 0M5 9a4.6 4.6 0 0 1 6 0M8 12v.1M3 13L13 3" />,
  down: <path d="M8 2.5v8M4.8 7.5L8 10.7l3.2-3.2M3.5 13.5h9" />,
  lines: <path d="M3 4h10M3 8h7M3 12h4" />,
} satisfies Record<string, ComponentChildren>;

export type IconName = keyof typeof ICONS;

function Drawing({ children, kind = "" }: { children: ComponentChildren; kind?: string }) {
  return (
    <svg class={`i ${kind}`} viewBox="0 0 16 16" aria-hidden="true">
      {children}
    </svg>
  );
}

export function Icon({ name, kind = "" }: { name: IconName; kind?: string }) {
  return <Drawing kind={kind}>{ICONS[name]}</Drawing>;
}

export function StateMark({ icon }: { icon: StateIcon }) {
  return <Drawing>{STATE_ICONS[icon] ?? question}</Drawing>;
}
