/** Hooks that give the parts of a list of runs their list. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ListFields, ListStore, RunList } from "../../state/run-list";
import { useStore } from "../context";

const ListContext = createContext<RunList | null>(null);

export const ListProvider = ListContext.Provider;

export function useList(): RunList {
  const list = useContext(ListContext);
  if (!list) throw new Error("A part was drawn outside of a list of runs");
  return list;
}

/** Returns fields of the list's state; the component is drawn again when one of them changes. */
export const useListFields = <F extends keyof ListFields>(
  ...names: F[]
): Readonly<Pick<ListStore, F>> => useStore<ListFields, ListStore>(useList().store, names);
