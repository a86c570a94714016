/** What surrounds many runs, as a list and as a grid: the title, notices, and the cards that were opened. */

import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { plural } from "../../format/number";
import { ago, clock, day, sameDay, zoneName } from "../../format/time";
import type { ManyRuns } from "../../state/many-runs";
import { begunAt, type Run } from "../../state/run-table";
import { Boundary } from "../boundary";
import { HostProvider } from "../context";
import { OpenedRun } from "../controls/opened-run";
import { Time } from "../controls/time";
import { ManyRunsProvider, useMany, useManyFields } from "./context";

/** A view below this width has one letter or icon where others have words. */
export const NARROW = 560;

interface Props {
  state: ManyRuns;
  /** The name of the view: "Flow runs". */
  name: string;
  children: ComponentChildren;
}

/** The view, and below it the cards that were opened. */
export function Frame({ state, name, children }: Props) {
  return (
    <ManyRunsProvider value={state}>
      <HostProvider value={state.host}>
        <Whole name={name}>{children}</Whole>
        <Boundary name="opened runs">
          <OpenedRuns />
        </Boundary>
      </HostProvider>
    </ManyRunsProvider>
  );
}

function Whole({ name, children }: Omit<Props, "state">) {
  const { payload, problem, runs } = useManyFields("payload", "problem", "runs");
  return (
    <article class="frw" aria-label={payload ? `${name}, ${plural(runs.length, "run")}` : name}>
      {problem !== null && (
        <p class="notice is-failed alone" role="alert">
          <b>{problem}</b>
        </p>
      )}
      {payload ? (
        <Boundary name={name} version={runs}>
          {children}
        </Boundary>
      ) : (
        problem === null && <p class="notice is-unknown alone">Loading runs…</p>
      )}
    </article>
  );
}

/** The flow, if all runs are of one, the number of runs, and the age of the list. */
export function Title({ runs, more }: { runs: readonly Run[]; more?: string }) {
  const { payload, zone, now, hasMore, width } = useManyFields(
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
          {more}
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

/** What failed, or what still works while the kernel is busy. */
export function Notice({ busy }: { busy: string }) {
  const many = useMany();
  const { failure, isLate } = useManyFields("failure", "isLate");
  if (failure)
    return (
      <p class="notice is-failed" role="alert">
        <span class="notice-text">
          <b>{failure.text}</b>
        </span>
        <button
          type="button"
          class="button quiet"
          onClick={() => many.store.change({ failure: null })}
        >
          Close
        </button>
      </p>
    );
  if (isLate)
    return (
      <p class="notice is-waiting" role="status">
        <span class="notice-text">The kernel is busy. {busy}</span>
      </p>
    );
  return null;
}

function OpenedRuns() {
  const many = useMany();
  const { openedRuns } = useManyFields("openedRuns");
  return (
    <>
      {openedRuns.map(({ id, model, turn }) => (
        <OpenedRun key={id} model={model} turn={turn} onClose={() => many.closeRun(id)} />
      ))}
    </>
  );
}
