import { useMemo, useRef } from "preact/hooks";
import { plural } from "../../format/number";
import type { RunList } from "../../state/run-list";
import { sortedRuns } from "../../state/run-table";
import { Boundary } from "../boundary";
import { Empty } from "../controls/empty";
import { useList, useListFields } from "../many/context";
import { Frame, Notice, Title } from "../many/frame";
import { RunFilter } from "./filter";
import { RunsFooter } from "./footer";
import { StateStrip } from "./strip";
import { RunTable } from "./table";

let count = 0;

/** A list of flow runs: states over time, a filter line, the table, and the cards that were opened from it. */
export function RunsView({ list }: { list: RunList }) {
  return (
    <Frame state={list} name="Flow runs">
      <Contents />
    </Frame>
  );
}

function Contents() {
  const list = useList();
  const id = useRef("");
  if (id.current === "") {
    count += 1;
    id.current = `frw-list-${count}`;
  }
  const field = useRef<HTMLInputElement>(null);
  const { payload, runs, test, sorting } = useListFields("payload", "runs", "test", "sorting");
  const found = useMemo(() => (test ? runs.filter(test) : runs), [runs, test]);
  const rows = useMemo(() => sortedRuns(found, sorting), [found, sorting]);
  return (
    <div
      onKeyDown={(event) => {
        const { key, ctrlKey, metaKey, altKey } = event;
        const isFind = (key === "/" && !altKey) || (key === "f" && (ctrlKey || metaKey));
        if (!isFind || event.target === field.current) return;
        event.preventDefault();
        field.current?.focus();
        field.current?.select();
      }}
    >
      <header>
        <Title runs={runs} />
      </header>
      <Notice busy="Sorting and filtering go on over the loaded runs." />
      {runs.length === 0 ? (
        <Empty head="No flow runs">{payload?.place && `No run matches at ${payload.place}.`}</Empty>
      ) : (
        <>
          <Boundary name="states over time" version={runs}>
            <StateStrip id={id.current} runs={runs} />
          </Boundary>
          <RunFilter id={id.current} field={field} runs={runs} found={found.length} />
          {rows.length === 0 ? (
            <Empty head="No run matches">
              <button type="button" class="link" onClick={() => list.type("")}>
                Show all {plural(runs.length, "run")}
              </button>
            </Empty>
          ) : (
            <RunTable rows={rows} runs={runs} />
          )}
        </>
      )}
      <Boundary name="footer" version={runs}>
        <RunsFooter found={found.length} />
      </Boundary>
    </div>
  );
}
