import { count, plural } from "../../format/number";
import { isNewestFirst } from "../../state/run-table";
import { CopyButton } from "../controls/copy-button";
import { useList, useListFields } from "./context";

/** How many runs are loaded, how many are shown, what is selected, and the Python expression for it. */
export function RunsFooter({ found }: { found: number }) {
  const list = useList();
  const fields = useListFields(
    "runs",
    "payload",
    "selected",
    "redacted",
    "hasMore",
    "kernel",
    "held",
    "canLoad",
    "loading",
    "text",
    "sorting",
  );
  const { runs, selected, redacted, loading, text, sorting } = fields;
  const isPart = text.trim() !== "" || !isNewestFirst(sorting);
  return (
    <footer class="footer">
      <Coverage found={found} />
      {list.canLoad && (
        <span>
          {isPart && "Only the loaded runs are searched and sorted. "}
          {loading === null ? (
            <button type="button" class="link" onClick={() => list.loadAll()}>
              Load all
            </button>
          ) : (
            <span role="status">
              Loading…{" "}
              {loading === "all" && (
                <button type="button" class="link" onClick={() => list.stopLoading()}>
                  Stop
                </button>
              )}
            </span>
          )}
        </span>
      )}
      {selected.size > 0 && (
        <span>
          {plural(selected.size, "run")} selected{" "}
          <button type="button" class="link" onClick={() => list.select(new Set())}>
            Clear
          </button>
        </span>
      )}
      {redacted > 0 && <span>{plural(redacted, "value")} redacted</span>}
      <span class="space" />
      <PythonValue runs={runs.length} />
    </footer>
  );
}

function Coverage({ found }: { found: number }) {
  const { runs, hasMore } = useListFields("runs", "hasMore");
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

/** The Python expression for the selection, or for the list. */
function PythonValue({ runs }: { runs: number }) {
  const { payload, selected, kernel } = useListFields("payload", "selected", "kernel");
  const name = payload?.expression;
  if (!name) return null;
  const hasSelection = selected.size > 0 && kernel !== "absent" && kernel !== "gone";
  const expression = hasSelection ? `${name}.selection` : name;
  return (
    <span class="python">
      Python:{" "}
      <CopyButton class="link" text={expression} title={`Copy ${expression}`} hasIcon={false}>
        <code>{expression}</code>
      </CopyButton>{" "}
      {plural(hasSelection ? selected.size : runs, "run")}
    </span>
  );
}
