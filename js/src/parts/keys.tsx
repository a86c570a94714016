import { copyText } from "../clipboard";
import { lineAt } from "../core/items";
import type { Store } from "../store";
import { lineText } from "./line";

/** The keys of the logs: the same tables handle them and tell of them. */

interface Where {
  /** First place in sight, and how many places a page has. */
  first: number;
  page: number;
}

interface Key<Env> {
  /** Names of keys, separated by spaces; letters tell their case themselves. */
  on: string;
  shown: string;
  does: string;
  /** Returns false where it does nothing. */
  act?: (store: Store, env: Env, key: string, target: HTMLElement) => unknown;
}

/** A key with what is held down beside it: "Shift+ArrowUp", "Ctrl+Backspace", "N". */
function nameOf(event: KeyboardEvent): string {
  const key = event.key === " " ? "Space" : event.key;
  const shift = event.shiftKey && key.length > 1 ? "Shift+" : "";
  return (event.ctrlKey || event.metaKey ? "Ctrl+" : event.altKey ? "Alt+" : "") + shift + key;
}

function press<Env>(table: Key<Env>[], event: KeyboardEvent, store: Store, env: Env): boolean {
  const name = nameOf(event);
  const key = table.find(({ on }) => on.split(" ").includes(name));
  if (!key?.act) return false;
  return key.act(store, env, name.replace("Shift+", ""), event.target as HTMLElement) !== false;
}

const step = (store: Store, { first, page }: Where, key: string, isRange: boolean) => {
  const { cursor, held, reading } = store;
  const here = cursor ?? first;
  const steps: Record<string, number> = {
    ArrowDown: cursor === null ? here : here + 1,
    ArrowUp: here - 1,
    PageDown: here + page,
    PageUp: here - page,
    Home: 0,
    End: held.total - 1,
  };
  const place = Math.min(Math.max(0, steps[key] ?? here), held.total - 1);
  store.set({ rangeFrom: isRange ? (store.rangeFrom ?? here) : null });
  reading.scrolled(place === held.total - 1);
  reading.stand(place);
  reading.goTo(place, "nearest", true);
};

const filterTask = (store: Store, isOut: boolean) => {
  const row = lineAt(store.held, store.cursor);
  if (!row) return false;
  store.reading.filterTask(row, isOut);
};

const focusFilter = (_: Store, __: unknown, ___: string, target: HTMLElement) =>
  target.closest(".frw")?.querySelector<HTMLElement>("[role=combobox]")?.focus();

const ROWS: Key<Where>[] = [
  {
    on: "ArrowUp ArrowDown PageUp PageDown Home End",
    shown: "↑ ↓ PgUp PgDn Home End",
    does: "Move row",
    act: (store, where, key) => step(store, where, key, false),
  },
  {
    on: "Shift+ArrowUp Shift+ArrowDown",
    shown: "Shift+↑ ↓",
    does: "Extend the range",
    act: (store, where, key) => step(store, where, key, true),
  },
  {
    on: "Enter ArrowRight",
    shown: "Enter →",
    does: "Open the row",
    act: (store, _, key, target) => {
      if (store.cursor === null) return false;
      if (lineAt(store.held, store.cursor)) store.reading.open(store.cursor);
      else
        target.querySelector<HTMLElement>(`[data-do=${key === "Enter" ? "some" : "all"}]`)?.click();
    },
  },
  {
    on: "ArrowLeft",
    shown: "←",
    does: "Close the row",
    act: (store) => store.set({ opened: null }),
  },
  { on: "Space", shown: "Space", does: "Select the row", act: (store) => store.reading.select() },
  {
    on: "f F",
    shown: "f, Shift+F",
    does: "Filter for, without this row's task",
    act: (store, _, key) => filterTask(store, key === "F"),
  },
  {
    on: "c",
    shown: "c",
    does: "Copy the row or the range",
    act: (store, _, __, target) => {
      const rows = store.reading.range();
      void copyText(rows.map((row) => lineText(row)).join("\n"), target);
    },
  },
  { on: "p", shown: "p", does: "Pin the row", act: (store) => store.reading.togglePin() },
];

/** What holds anywhere among the logs but in a field. */
const LOGS: Key<null>[] = [
  { on: "/", shown: "/", does: "Go to the filter line", act: focusFilter },
  {
    on: "n N",
    shown: "n, N",
    does: "Next, previous hit",
    act: (store, _, key) => store.reading.find("hit", key === "n" ? 1 : -1),
  },
  {
    on: "e E",
    shown: "e, E",
    does: "Next, previous error",
    act: (store, _, key) => store.reading.find("error", key === "e" ? 1 : -1),
  },
  {
    on: "w",
    shown: "w",
    does: "Wrap lines",
    act: (store) => store.set({ isWrapped: !store.isWrapped }),
  },
  {
    on: "?",
    shown: "?",
    does: "List of keys",
    act: (store) => store.set({ menu: store.menu === "keys" ? null : "keys" }),
  },
  {
    on: "Escape",
    shown: "Esc",
    does: "Close what is open",
    act: (store) => {
      if (!store.menu && !store.opened) return false;
      store.set(store.menu ? { menu: null } : { opened: null });
    },
  },
];

export interface Line {
  input: HTMLInputElement;
  accept: (index: number) => void;
  clear: () => void;
}

const choose = (store: Store, by: number) => {
  const n = store.suggestions?.items.length ?? 0;
  if (n === 0) return false;
  store.set({ suggestion: ((store.suggestion + by + 1 + n + 1) % (n + 1)) - 1 });
};
const accept = (store: Store, { accept: take }: Line) => {
  if (store.suggestion < 0) return false;
  take(store.suggestion);
};

const FILTER: Key<Line>[] = [
  {
    on: "Enter Shift+Enter",
    shown: "Enter, Shift+Enter",
    does: "Next, previous hit",
    act: () => {},
  },
  {
    on: "ArrowUp ArrowDown",
    shown: "↑ ↓",
    does: "Choose a suggestion",
    act: (store, _, key) => choose(store, key === "ArrowDown" ? 1 : -1),
  },
  { on: "Tab", shown: "Tab, Enter", does: "Take the suggestion", act: accept },
  {
    on: "Escape",
    shown: "Esc",
    does: "Close, leave the hit, leave the line",
    act: (store, { input }) => {
      if (store.suggestions) store.set({ suggestions: null, suggestion: -1 });
      else if (store.nth !== null) store.set({ nth: null, cursor: null });
      else
        input
          .closest(".frw")
          ?.querySelector<HTMLElement>(".scroll [tabindex='0'], .scroll")
          ?.focus();
    },
  },
  {
    on: "Ctrl+Backspace",
    shown: "Ctrl+Backspace",
    does: "Clear the filter",
    act: (_, { clear }) => clear(),
  },
];

export function pressRow(event: KeyboardEvent, store: Store, where: Where): boolean {
  const isButton = (event.target as HTMLElement).tagName === "BUTTON";
  if (isButton && (event.key === "Enter" || event.key === " ")) return false;
  return press(ROWS, event, store, where);
}

export function pressLogs(event: KeyboardEvent, store: Store): boolean {
  const isField = /INPUT|TEXTAREA/.test((event.target as HTMLElement).tagName);
  return !event.defaultPrevented && !isField && press(LOGS, event, store, null);
}

export function pressFilter(event: KeyboardEvent, store: Store, line: Line): boolean {
  if (event.key === "Enter" && accept(store, line) !== false) return true;
  if (event.key === "Enter") {
    store.set({ suggestions: null, suggestion: -1 });
    if (store.reading.hasText) store.reading.find("hit", event.shiftKey ? -1 : 1);
    return true;
  }
  return press(FILTER, event, store, line);
}

/** The list that `?` opens. */
export function KeyList({ store }: { store: Store }) {
  if (store.menu !== "keys") return null;
  const tables: [string, Key<never>[]][] = [
    ["Anywhere in the logs", LOGS],
    ["In the rows", ROWS],
    ["In the filter line", FILTER],
  ];
  return (
    <section class="pn keys" aria-label="Keys">
      {tables.map(([name, table]) => (
        <dl key={name}>
          <dt>
            <b>{name}</b>
          </dt>
          {table.map(({ on, shown, does }) => (
            <dd key={on}>
              <kbd>{shown}</kbd> {does}
            </dd>
          ))}
        </dl>
      ))}
      <button type="button" class="btn" onClick={() => store.set({ menu: null })}>
        Close
      </button>
    </section>
  );
}
