/** Hooks that give the parts of a list or a grid of runs their state. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ManyRuns, ManyRunsFields } from "../../state/many-runs";
import type { GridFields, GridStore, RunGrid } from "../../state/run-grid";
import type { ListFields, ListStore, RunList } from "../../state/run-list";
import { useStore } from "../context";

const ManyRunsContext = createContext<ManyRuns | null>(null);

export const ManyRunsProvider = ManyRunsContext.Provider;

export function useMany(): ManyRuns {
  const runs = useContext(ManyRunsContext);
  if (!runs) throw new Error("A part was drawn outside of a list or a grid of runs");
  return runs;
}

/** The list of runs that a part is drawn in. */
export const useList = () => useMany() as RunList;
/** The grid that a part is drawn in. */
export const useGrid = () => useMany() as RunGrid;

/** Returns fields of the state; the component is drawn again when one of them changes. */
export const useManyFields = <F extends keyof ManyRunsFields>(
  ...names: F[]
): Readonly<Pick<ManyRunsFields, F>> =>
  useStore<ManyRunsFields, ManyRuns["store"]>(useMany().store, names);
export const useListFields = <F extends keyof ListFields>(
  ...names: F[]
): Readonly<Pick<ListStore, F>> => useStore<ListFields, ListStore>(useList().store, names);
export const useGridFields = <F extends keyof GridFields>(
  ...names: F[]
): Readonly<Pick<GridStore, F>> => useStore<GridFields, GridStore>(useGrid().store, names);
