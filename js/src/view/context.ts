/** Hooks that give components their card and notify them of changes. */

import { createContext } from "preact";
import { useContext, useLayoutEffect, useReducer } from "preact/hooks";
import type { Card, Host } from "../state/card";
import type { Observed } from "../state/changes";
import type { Field, Store } from "../state/store";

const CardContext = createContext<Card | null>(null);
const HostContext = createContext<Pick<Host, "copyText" | "drawModel"> | null>(null);

export const CardProvider = CardContext.Provider;
/** Provides what the page around a card, or around a list of runs, can do. */
export const HostProvider = HostContext.Provider;

function provided<T>(value: T | null): T {
  if (!value) throw new Error("A part was drawn outside of a card");
  return value;
}

export const useCard = (): Card => provided(useContext(CardContext));
export const useHost = () => provided(useContext(HostContext));

/** Returns a state; the component is drawn again when one of these fields changes. */
export function useStore<F extends object, S extends F & Observed<F>>(
  store: S,
  names: readonly (keyof F)[],
): S {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const drawn = names.map((name) => store[name]);
  useLayoutEffect(() => {
    if (names.some((name, i) => store[name] !== drawn[i])) redraw(0);
    return store.subscribe((changed) => {
      if (names.some((name) => changed.has(name))) redraw(0);
    });
  }, [store]);
  return store;
}

/** Returns fields of the card's state; the component is drawn again when one of them changes. */
export const useFields = <F extends Field>(...names: F[]): Readonly<Pick<Store, F>> =>
  useStore(useCard().store, names);
