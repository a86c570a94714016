import { plural } from "../../format/number";
import { isNewestFirst } from "../../state/run-table";
import { useList, useListFields } from "../many/context";
import { Coverage, LoadAll, PythonValue } from "../many/footer";

/** How many runs are loaded, how many are shown, what is selected, and the Python expression for it. */
export function RunsFooter({ found }: { found: number }) {
  const list = useList();
  const { runs, payload, selected, redacted, kernel, text, sorting } = useListFields(
    "runs",
    "payload",
    "selected",
    "redacted",
    "kernel",
    "text",
    "sorting",
  );
  const isPart = text.trim() !== "" || !isNewestFirst(sorting);
  const name = payload?.expression;
  const hasSelection = selected.size > 0 && kernel !== "absent" && kernel !== "gone";
  return (
    <footer class="footer">
      <Coverage found={found} />
      <LoadAll>{isPart && "Only the loaded runs are searched and sorted. "}</LoadAll>
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
      {name && (
        <PythonValue
          expression={hasSelection ? `${name}.selection` : name}
          runs={hasSelection ? selected.size : runs.length}
        />
      )}
    </footer>
  );
}
