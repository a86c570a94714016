/** The keys of the logs: the same tables handle and document them. */

import type { Card } from "../../state/card";
import { itemAt, lineAt } from "../../state/row-cache";
import { useCard, useFields } from "../context";
import { stepOf } from "../controls/choice";
import { selectedText } from "./selecting";

export interface RowKeys {
  /** The first visible place, and the number of places of a page. */
  first: number;
  page: number;
}

export interface FilterLine {
  readonly input: HTMLInputElement;
  /** Replaces the text. */
  put: (words: string) => void;
  accept: (index: number) => void;
}

/** Returns false if it did nothing. */
type Act<Env> = (card: Card, key: string, env: Env, target: HTMLElement) => unknown;

type Key<Env> = [
  /** Names of keys, separated by spaces; a letter's case includes Shift. */
  on: string,
  does: string,
  act: Act<Env>,
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

/** The name of a key with its modifiers: "Shift+ArrowUp", "Ctrl+a", "Ctrl+Shift+c", "N". */
function nameOf({ key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent): string {
  const isHeld = ctrlKey || metaKey;
  const letter = isHeld && key.length === 1 ? key.toLowerCase() : key;
  const name = key === " " ? "Space" : letter;
  const shift = shiftKey && (isHeld || name.length > 1) ? "Shift+" : "";
  return (isHeld ? "Ctrl+" : altKey ? "Alt+" : "") + shift + name;
}

/** While text is composed, keys belong to the input method. */
const isComposing = (event: KeyboardEvent) => event.isComposing || event.keyCode === 229;

function press<Env>(table: Key<Env>[], event: KeyboardEvent, card: Card, env: Env): boolean {
  if (isComposing(event)) return false;
  const name = nameOf(event);
  const key = table.find(([on]) => on.split(" ").includes(name));
  const isDone = !!key && key[2](card, event.key, env, event.target as HTMLElement) !== false;
  if (isDone) event.preventDefault();
  return isDone;
}

const step =
  (isRange: boolean): Act<RowKeys> =>
  ({ store, logs, tellSelection }, key, { first, page }) => {
    const { cursor, rows, rangeFrom } = store;
    const last = rows.total - 1;
    const here = cursor ?? first;
    const by = cursor === null && key === "ArrowDown" ? 0 : stepOf(key, page);
    const place = Math.min(Math.max(0, here + by), last);
    store.change({ rangeFrom: isRange ? (rangeFrom ?? here) : null });
    logs.scrolled(place === last);
    logs.stand(place);
    logs.goTo(place, "nearest", true);
    if (isRange || rangeFrom !== null) tellSelection();
  };

const find =
  (what: "hit" | "error", next: string): Act<unknown> =>
  ({ logs }, key) =>
    logs.find(what, key === next ? 1 : -1);

const ROWS: Key<RowKeys>[] = [
  ["ArrowUp ArrowDown PageUp PageDown Home End", "Move", step(false)],
  [
    "Shift+ArrowUp Shift+ArrowDown Shift+PageUp Shift+PageDown Shift+Home Shift+End",
    "Extend the selection",
    step(true),
  ],
  [
    "Ctrl+a",
    "Select every row",
    ({ store, logs, tellSelection }) => {
      logs.stand(store.rows.total - 1);
      store.change({ rangeFrom: 0 });
      tellSelection();
    },
  ],
  [
    "c Ctrl+c",
    "Copy the row or the selection",
    (card, _, __, target) => {
      const isOfText = card.store.rangeFrom === null && selectedText(target) !== "";
      return !isOfText && void card.copyRows(target);
    },
  ],
  [
    "Enter ArrowRight",
    "Open the row",
    ({ store, logs }, key, _, target) => {
      const { cursor, rows } = store;
      if (cursor === null) return false;
      if (lineAt(rows, cursor)) return logs.open(cursor);
      const which = key === "Enter" ? "some" : "all";
      target.querySelector<HTMLElement>(`[data-do=${which}], [data-do=all]`)?.click();
    },
  ],
  ["ArrowLeft", "Close the row", ({ store }) => store.change({ opened: null })],
  ["Space", "Select the row for Python", (card) => card.toggleSelected()],
  [
    "f F",
    "Filter for, without this row's task",
    ({ store, logs }, key) => {
      const row = lineAt(store.rows, store.cursor);
      return !!row && logs.filterTask(row, key === "F");
    },
  ],
  ["p", "Pin the row", (card) => card.pins.toggle()],
];

/** Focuses the filter line of the card that contains an element, and selects its text. */
export function focusFilter(target: Element): void {
  const root = target.getRootNode() as ParentNode;
  const field = root.querySelector<HTMLInputElement>('[data-part="filter"]');
  field?.focus();
  field?.select();
}

/** Keys that work anywhere in the logs except in a field. */
const LOGS: Key<null>[] = [
  ["/ Ctrl+f", "Go to the filter line", (_, __, ___, target) => focusFilter(target)],
  ["n N", "Next, previous hit", find("hit", "n")],
  ["e E", "Next, previous error", find("error", "e")],
  ["w", "Wrap lines", ({ store }) => store.change({ isWrapped: !store.isWrapped })],
  ["l", "Follow the run, or stop following", (card) => card.follow()],
  [
    "?",
    "List of keys",
    ({ store }) => store.change({ menu: store.menu === "keys" ? null : "keys" }),
  ],
  [
    "Escape",
    "Close what is open, drop the selection",
    ({ store, tellSelection }) => {
      if (store.menu) store.change({ menu: null });
      else if (store.opened) store.change({ opened: null });
      else if (store.rangeFrom !== null) {
        store.change({ rangeFrom: null });
        tellSelection();
      } else return false;
    },
  ],
];

const closed = { suggestions: null, suggestion: -1 };

const accept: Act<FilterLine> = ({ store }, _, line) => {
  if (store.suggestion < 0) return false;
  line.accept(store.suggestion);
};

const enter =
  (step: 1 | -1): Act<FilterLine> =>
  (card, key, line, target) => {
    if (accept(card, key, line, target) !== false) return;
    card.store.change(closed);
    card.logs.remember();
    if (card.logs.hasText) card.logs.find("hit", step);
  };

const FILTER: Key<FilterLine>[] = [
  ["Enter", "Accept the suggestion, or next hit", enter(1)],
  ["Shift+Enter", "Previous hit", enter(-1)],
  [
    "ArrowUp ArrowDown",
    "Choose a suggestion; in an empty line, an earlier filter",
    ({ store, logs }, key, line) => {
      const n = store.suggestions?.items.length ?? 0;
      if (n > 0) {
        const by = key === "ArrowDown" ? 2 : n + 1;
        store.change({ suggestion: ((store.suggestion + by) % (n + 1)) - 1 });
        return;
      }
      if (store.text !== "" && !logs.history.isRecalling) return false;
      const recalled = logs.history.recall(key === "ArrowUp" ? 1 : -1);
      if (recalled === null) return false;
      line.put(recalled);
    },
  ],
  ["Tab", "Accept the suggestion", accept],
  [
    "Escape",
    "Close, leave the hit, leave the line",
    ({ store }, _, { input }) => {
      const root = input.getRootNode() as ParentNode;
      if (store.suggestions) store.change(closed);
      else if (store.nth !== null) store.change({ nth: null, cursor: null });
      else root.querySelector<HTMLElement>(".log-rows [tabindex='0'], .log-rows")?.focus();
    },
  ],
];

export function pressRow(event: KeyboardEvent, card: Card, where: RowKeys): boolean {
  const { store, logs } = card;
  const isButton = (event.target as HTMLElement).tagName === "BUTTON";
  if (isButton && /^( |Enter)$/.test(event.key)) return false;
  const act = () => press(ROWS, event, card, where);
  const { cursor, rows, rangeFrom } = store;
  const isOfRow =
    /^([fFp]|Space)$/.test(nameOf(event)) || (event.key === "c" && rangeFrom === null);
  if (cursor === null || itemAt(rows, cursor) || !isOfRow) return act();
  // The row has not arrived yet; the action waits for it.
  logs.whenHeld(act);
  event.preventDefault();
  return true;
}

export function pressLogs(event: KeyboardEvent, card: Card): boolean {
  const isField = /INPUT|TEXTAREA/.test((event.target as HTMLElement).tagName);
  return !event.defaultPrevented && !isField && press(LOGS, event, card, null);
}

export function pressFilter(event: KeyboardEvent, card: Card, line: FilterLine): boolean {
  if (!/^Arrow(Up|Down)$/.test(event.key)) card.logs.history.end();
  return press(FILTER, event, card, line);
}

/** A key as it is labelled on keyboards. */
const shown = (key: string): string =>
  key
    .replace(/\w+/g, (word) => SHORT[word] ?? word)
    .replace(/(?<=Ctrl\+)\w$/, (letter) => letter.toUpperCase());

/** The list that `?` opens. */
export function KeyList() {
  const { store } = useCard();
  const { menu } = useFields("menu");
  if (menu !== "keys") return null;
  const tables: [string, Key<never>[]][] = [
    ["Anywhere in the logs", LOGS],
    ["In the rows", ROWS],
    ["In the filter line", FILTER],
  ];
  return (
    <section class="key-list" aria-label="Keys">
      {tables.map(([name, table]) => (
        <section key={name}>
          <h3>{name}</h3>
          <dl>
            {table.map(([on, does]) => (
              <div key={on}>
                <dt>
                  {on.split(" ").map((key) => (
                    <kbd key={key}>{shown(key)}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <button type="button" class="button" onClick={() => store.change({ menu: null })}>
        Close
      </button>
    </section>
  );
}
