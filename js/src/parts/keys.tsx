import { copyText } from "../clipboard";
import { itemAt, lineAt } from "../core/items";
import { rangeOf, selectLines, togglePin } from "../evidence";
import type { Store } from "../store";
import { stepOf } from "./choice";
import { lineText } from "./line";

/** The keys of the logs: the same tables handle them and tell of them. */

interface Where {
  /** First place in sight, and how many places a page has. */
  first: number;
  page: number;
}

/** Returns false where it does nothing. */
type Act<Env> = (store: Store, key: string, env: Env, target: HTMLElement) => unknown;

type Key<Env> = [
  /** Names of keys, separated by spaces; letters tell their case themselves. */
  on: string,
  does: string,
  act?: Act<Env>,
];

const SHORT: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  PageUp: "PgUp",
  PageDown: "PgDn",
  Escape: "Esc",
};

/** A key with what is held down beside it: "Shift+ArrowUp", "Ctrl+Backspace", "N". */
function nameOf({ key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent): string {
  const name = key === " " ? "Space" : key;
  const shift = shiftKey && name.length > 1 ? "Shift+" : "";
  return (ctrlKey || metaKey ? "Ctrl+" : altKey ? "Alt+" : "") + shift + name;
}

function press<Env>(table: Key<Env>[], event: KeyboardEvent, store: Store, env: Env): boolean {
  const name = nameOf(event);
  const act = table.find(([on]) => on.split(" ").includes(name))?.[2];
  return !!act && act(store, event.key, env, event.target as HTMLElement) !== false;
}

const step =
  (isRange: boolean): Act<Where> =>
  (store, key, { first, page }) => {
    const { cursor, held, reading } = store;
    const last = held.total - 1;
    const here = cursor ?? first;
    const by = cursor === null && key === "ArrowDown" ? 0 : stepOf(key, page);
    const place = Math.min(Math.max(0, here + by), last);
    store.change({ rangeFrom: isRange ? (store.rangeFrom ?? here) : null });
    reading.scrolled(place === last);
    reading.stand(place);
    reading.goTo(place, "nearest", true);
  };

const find =
  (what: "hit" | "error", next: string): Act<unknown> =>
  ({ reading }, key) =>
    reading.find(what, key === next ? 1 : -1);

const ROWS: Key<Where>[] = [
  ["ArrowUp ArrowDown PageUp PageDown Home End", "Move row", step(false)],
  ["Shift+ArrowUp Shift+ArrowDown", "Extend the range", step(true)],
  [
    "Enter ArrowRight",
    "Open the row",
    ({ cursor, held, reading }, key, _, target) => {
      if (cursor === null) return false;
      if (lineAt(held, cursor)) reading.open(cursor);
      else
        target.querySelector<HTMLElement>(`[data-do=${key === "Enter" ? "some" : "all"}]`)?.click();
    },
  ],
  ["ArrowLeft", "Close the row", (store) => store.change({ opened: null })],
  ["Space", "Select the row", selectLines],
  [
    "f F",
    "Filter for, without this row's task",
    ({ cursor, held, reading }, key) => {
      const row = lineAt(held, cursor);
      return !!row && reading.filterTask(row, key === "F");
    },
  ],
  [
    "c",
    "Copy the row or the range",
    (store, _, __, target) => {
      const lines = rangeOf(store).map((row) => lineText(row));
      void copyText(lines.join("\n"), target);
    },
  ],
  ["p", "Pin the row", togglePin],
];

/** What holds anywhere among the logs but in a field. */
const LOGS: Key<null>[] = [
  [
    "/",
    "Go to the filter line",
    (_, __, ___, target) =>
      target.closest(".frw")?.querySelector<HTMLElement>("[role=combobox]")?.focus(),
  ],
  ["n N", "Next, previous hit", find("hit", "n")],
  ["e E", "Next, previous error", find("error", "e")],
  ["w", "Wrap lines", (store) => store.change({ isWrapped: !store.isWrapped })],
  ["l", "Follow the run, or stop", (store) => store.follow()],
  ["?", "List of keys", (store) => store.change({ menu: store.menu === "keys" ? null : "keys" })],
  [
    "Escape",
    "Close what is open",
    (store) => {
      if (!store.menu && !store.opened) return false;
      store.change(store.menu ? { menu: null } : { opened: null });
    },
  ],
];

export interface Line {
  input: HTMLInputElement;
  accept: (index: number) => void;
  clear: () => void;
}

const close = { suggestions: null, suggestion: -1 };

const accept: Act<Line> = ({ suggestion }, _, line) => {
  if (suggestion < 0) return false;
  line.accept(suggestion);
};

const enter =
  (step: 1 | -1): Act<Line> =>
  (store, key, line, target) => {
    if (accept(store, key, line, target) !== false) return;
    store.change(close);
    if (store.reading.hasText()) store.reading.find("hit", step);
  };

const FILTER: Key<Line>[] = [
  ["Enter", "Take the suggestion, else next hit", enter(1)],
  ["Shift+Enter", "Previous hit", enter(-1)],
  [
    "ArrowUp ArrowDown",
    "Choose a suggestion",
    (store, key) => {
      const n = store.suggestions?.items.length ?? 0;
      if (n === 0) return false;
      const by = key === "ArrowDown" ? 2 : n + 1;
      store.change({ suggestion: ((store.suggestion + by) % (n + 1)) - 1 });
    },
  ],
  ["Tab", "Take the suggestion", accept],
  [
    "Escape",
    "Close, leave the hit, leave the line",
    (store, _, { input }) => {
      if (store.suggestions) store.change(close);
      else if (store.nth !== null) store.change({ nth: null, cursor: null });
      else
        input
          .closest(".frw")
          ?.querySelector<HTMLElement>(".scroll [tabindex='0'], .scroll")
          ?.focus();
    },
  ],
  ["Ctrl+Backspace", "Clear the filter", (_, __, { clear }) => clear()],
];

export function pressRow(event: KeyboardEvent, store: Store, where: Where): boolean {
  const { cursor, held, reading } = store;
  const isButton = (event.target as HTMLElement).tagName === "BUTTON";
  if (isButton && /^( |Enter)$/.test(event.key)) return false;
  const act = () => press(ROWS, event, store, where);
  if (cursor === null || itemAt(held, cursor) || !/^[cfFp ]$/.test(event.key)) return act();
  // The row is still on its way: what is done with it waits.
  reading.wait(act);
  return true;
}

export function pressLogs(event: KeyboardEvent, store: Store): boolean {
  const isField = /INPUT|TEXTAREA/.test((event.target as HTMLElement).tagName);
  return !event.defaultPrevented && !isField && press(LOGS, event, store, null);
}

export function pressFilter(event: KeyboardEvent, store: Store, line: Line): boolean {
  return press(FILTER, event, store, line);
}

/** The list that `?` opens. */
export function drawKeyList(store: Store) {
  if (store.menu !== "keys") return null;
  const tables: [string, Key<never>[]][] = [
    ["Anywhere in the logs", LOGS],
    ["In the rows", ROWS],
    ["In the filter line", FILTER],
  ];
  return (
    <section class="pn keys" aria-label="Keys">
      {tables.map(([name, table], i) => (
        <dl key={i}>
          <dt>
            <b>{name}</b>
          </dt>
          {table.map(([on, does], i) => (
            <dd key={i}>
              <kbd>{on.replace(/\w+/g, (key) => SHORT[key] ?? key)}</kbd> {does}
            </dd>
          ))}
        </dl>
      ))}
      <button type="button" class="btn" onClick={() => store.change({ menu: null })}>
        Close
      </button>
    </section>
  );
}
