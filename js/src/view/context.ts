/** Hooks that give components their card and notify them of changes. */

import { createContext } from "preact";
import { useContext, useLayoutEffect, useReducer } from "preact/hooks";
import type { Card } from "../state/card";
import type { Field, Store } from "../state/store";

const CardContext = createContext<Card | null>(null);

export const CardProvider = CardContext.Provider;

export function useCard(): Card {
  const card = useContext(CardContext);
  if (!card) throw new Error("A part was drawn outside of a card");
  return card;
}

/** Returns fields of the card's state; the component is drawn again when one of them changes. */
export function useFields<F extends Field>(...names: F[]): Readonly<Pick<Store, F>> {
  const { store } = useCard();
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
