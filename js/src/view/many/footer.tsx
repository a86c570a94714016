/** The parts of the footer of a list or a grid of runs. */

import type { ComponentChildren } from "preact";
import { count, plural } from "../../format/number";
import { CopyButton } from "../controls/copy-button";
import { useMany, useManyFields } from "./context";

/** How many runs are loaded, and how many of them are shown. */
export function Coverage({ found }: { found: number }) {
  const { runs, hasMore } = useManyFields("runs", "hasMore");
  const loaded = count(runs.length);
  if (hasMore)
    return (
      <span>
        <b>{plural(runs.length, "flow run")} loaded, more exist</b>
        {found < runs.length && `, ${count(found)} shown`}
      </span>
    );
  return (
    <b>
      {count(found)} of {loaded} {runs.length === 1 ? "flow run" : "flow runs"}
    </b>
  );
}

/** Loads the runs that are not here, and stops that. */
export function LoadAll({ children }: { children?: ComponentChildren }) {
  const many = useMany();
  const { loading } = useManyFields("loading", "kernel", "held", "canLoad", "runs");
  if (!many.canLoad) return null;
  return (
    <span>
      {children}
      {loading === null ? (
        <button type="button" class="link" onClick={() => many.loadAll()}>
          Load all
        </button>
      ) : (
        <span role="status">
          Loading…{" "}
          {loading === "all" && (
            <button type="button" class="link" onClick={() => many.stopLoading()}>
              Stop
            </button>
          )}
        </span>
      )}
    </span>
  );
}

/** The Python expression for what is shown, which a click copies. */
export function PythonValue({ expression, runs }: { expression: string; runs: number }) {
  return (
    <span class="python">
      Python:{" "}
      <CopyButton class="link" text={expression} title={`Copy ${expression}`} hasIcon={false}>
        <code>{expression}</code>
      </CopyButton>{" "}
      {plural(runs, "run")}
    </span>
  );
}
