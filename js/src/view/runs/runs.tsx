import { useMemo, useRef } from "preact/hooks";
import { plural } from "../../format/number";
import { ago, clock, day, sameDay, zoneName } from "../../format/time";
import type { RunList } from "../../state/run-list";
import { begunAt, type Run, sortedRuns } from "../../state/run-table";
import { Boundary } from "../boundary";
import { HostProvider } from "../context";
import { Empty } from "../controls/empty";
import { OpenedRun } from "../controls/opened-run";
import { Time } from "../controls/time";
import { NARROW } from "./columns";
import { ListProvider, useList, useListFields } from "./context";
import { RunFilter } from "./filter";
import { RunsFooter } from "./footer";
import { StateStrip } from "./strip";
import { RunTable } from "./table";

let count = 0;

/** A list of flow runs: states over time, a filter line, the table, and the cards that were opened from it. */
export function RunsView({ list }: { list: RunList }) {
  return (
    <ListProvider value={list}>
      <HostProvider value={list.host}>
        <Whole />
        <Boundary name="opened runs">
          <OpenedRuns />
        </Boundary>
      </HostProvider>
    </ListProvider>
  );
}

function Whole() {
  const { payload, problem, runs } = useListFields("payload", "problem", "runs");
  return (
    <article
      class="frw"
      aria-label={payload ? `Flow runs, ${plural(runs.length, "run")}` : "Flow runs"}
    >
      {problem !== null && (
        <p class="notice is-failed alone" role="alert">
          <b>{problem}</b>
        </p>
      )}
      {payload ? (
        <Boundary name="list" version={runs}>
          <Contents />
        </Boundary>
      ) : (
        problem === null && <p class="notice is-unknown alone">Loading runs…</p>
      )}
    </article>
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
      <Notice />
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

/** The flow, if all runs are of one, the number of runs, and the age of the list. */
function Title({ runs }: { runs: readonly Run[] }) {
  const { payload, zone, now, hasMore, width } = useListFields(
    "payload",
    "zone",
    "now",
    "hasMore",
    "width",
  );
  const flows = useMemo(() => new Set(runs.map(({ flow }) => flow)), [runs]);
  const [flow] = flows.size === 1 ? flows : [null];
  const number = `${hasMore ? (flow ? "newest " : "Newest ") : ""}${plural(runs.length, "flow run")}`;
  const span = useMemo(() => spanWords(runs, zone), [runs, zone]);
  const at = payload?.as_of ?? null;
  return (
    <div class="title">
      <h2>
        {flow && (
          <>
            <bdi>{flow}</bdi>
            <span class="slash">/</span>
          </>
        )}
        <span class="run-name">
          {number}
          {span && width >= NARROW && `, ${span}`}
        </span>
      </h2>
      {at !== null && (
        <span class="title-end">
          <span class="as-of">
            as of{" "}
            <Time at={at}>
              {sameDay(at, now, zone) ? "" : `${day(at, zone)}, `}
              {clock(at, zone)}
            </Time>{" "}
            {zoneName(at, zone)}
            <span class="wide-only"> · {ago(at, now)}</span>
          </span>
        </span>
      )}
    </div>
  );
}

/** "15 to 22 Nov": the days on which the runs began. */
function spanWords(runs: readonly Run[], zone: string): string {
  const times = runs.map(begunAt).filter((at) => at !== null);
  if (times.length === 0) return "";
  const first = times.reduce((a, b) => Math.min(a, b));
  const last = times.reduce((a, b) => Math.max(a, b));
  const [from, to] = [day(first, zone), day(last, zone)];
  if (from === to) return from;
  const month = to.slice(to.indexOf(" "));
  return `${from.endsWith(month) ? from.slice(0, -month.length) : from} to ${to}`;
}

function Notice() {
  const list = useList();
  const { failure, isLate } = useListFields("failure", "isLate");
  if (failure)
    return (
      <p class="notice is-failed" role="alert">
        <span class="notice-text">
          <b>{failure.text}</b>
        </span>
        <button
          type="button"
          class="button quiet"
          onClick={() => list.store.change({ failure: null })}
        >
          Close
        </button>
      </p>
    );
  if (isLate)
    return (
      <p class="notice is-waiting" role="status">
        <span class="notice-text">
          The kernel is busy. Sorting and filtering go on over the loaded runs.
        </span>
      </p>
    );
  return null;
}

function OpenedRuns() {
  const list = useList();
  const { openedRuns } = useListFields("openedRuns");
  return (
    <>
      {openedRuns.map(({ id, model }) => (
        <OpenedRun key={id} model={model} onClose={() => list.closeRun(id)} />
      ))}
    </>
  );
}
