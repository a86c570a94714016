import { safeLink } from "../../format/links";
import { duration, exactCount, plural, span } from "../../format/number";
import { byAppearance } from "../../format/state";
import { moment } from "../../format/time";
import type { Header, TaskRuns, Wait } from "../../protocol/wire";
import { isWaitingForKernel, noticeOf } from "../../state/store";
import { useCard, useFields } from "../context";
import { Icon } from "../controls/icons";
import { Proportions } from "../controls/state";
import { type Term, Terms } from "../controls/terms";
import { Time } from "../controls/time";

const MAX_TAGS = 3;

/** The facts that people look for first. */
export function Summary({ header }: { header: Header }) {
  const fields = useFields(
    "payload",
    "zone",
    "kernel",
    "failure",
    "isNoticeDismissed",
    "refresh",
    "isLate",
  );
  const card = useCard();
  const { started_at, scheduled_at, created_at, parameters, source, labels } = header;
  const isOld =
    noticeOf(fields)?.kind === "unreachable" ||
    isWaitingForKernel(fields) ||
    fields.kernel === "absent" ||
    fields.kernel === "gone";
  const due = scheduled_at ?? created_at;
  const at = started_at ?? due;
  const address = safeLink(header.ui_url);
  const terms: Term[] = [
    [
      started_at !== null ? "Started" : scheduled_at === null ? "Created" : "Due",
      <Time at={at}>{moment(at, fields.zone)}</Time>,
    ],
    lengthOf(header, due, isOld),
    ["Task runs", <TaskCounts tasks={fields.payload?.tasks ?? null} />, "task-counts"],
    ["Parameters", parameters.length > 0 && <Parameters parameters={parameters} />, "parameters"],
    ["Tags", labels.length > 0 && <Tags tags={labels} />, "tags"],
    ...header.facts.map(([name, value]): Term => [name, value, "fact"]),
    [
      "Part of",
      header.is_subflow && (
        <button
          type="button"
          class="link"
          title="This is a sub-flow run; Details names the run that called it"
          onClick={() => card.store.change({ tab: "details" })}
        >
          another run
        </button>
      ),
      "fact",
    ],
    [
      "Open in",
      address && (
        <a href={address} target="_blank" rel="noreferrer">
          {source.startsWith("Prefect") ? "Prefect" : source} <Icon name="away" />
          <span class="unseen"> (new tab)</span>
        </a>
      ),
    ],
  ];
  return <Terms class="summary" terms={terms} />;
}

function lengthOf(header: Header, due: number | null, isOld: boolean): Term {
  const { started_at, took, as_of, state, wait } = header;
  if (header.is_finished) return ["Took", <Took header={header} />];
  if (wait) return waitOf(wait, as_of);
  if (started_at === null) return waitOf({ what: "start", since: due, until: due }, as_of);
  if (state.family !== "running" && state.family !== "retry")
    return [`${state.name} after`, duration(took)];
  return ["Running for", (isOld ? "at least " : "") + duration(took)];
}

const WAITING = { start: "Waiting for", retry: "Waiting to retry for", resume: "Paused for" };
const DUE = { start: "Due in", retry: "Retries in", resume: "Paused, times out in" };

/** The time until a waiting run continues, if that is known, otherwise how long it has waited. */
function waitOf({ what, since, until }: Wait, now: number): Term {
  return until !== null && until > now
    ? [DUE[what], duration(span(now, until))]
    : [WAITING[what], duration(span(since, now))];
}

/** The time from start to end, and how much of it the run was running if it waited for a large part. */
function Took({ header: { took, ran, attempts } }: { header: Header }) {
  const hasWaited = took !== null && ran !== null && took - ran > Math.max(1, took * 0.02);
  return (
    <>
      {duration(took)}
      {hasWaited && (
        <span class="dim" title="It waited for the rest of the time">
          {" · ran "}
          {duration(ran)}
          {attempts > 1 && ` in ${plural(attempts, "attempt")}`}
        </span>
      )}
    </>
  );
}

function TaskCounts({ tasks }: { tasks: TaskRuns | null }) {
  if (!tasks) return <span class="dim">Loading…</span>;
  if (tasks.total === 0) return <>none yet</>;
  return <Proportions counts={byAppearance(tasks.states)} />;
}

const ROOM = 40;

/** As many parameters as fit, and the number of the others. */
function Parameters({ parameters }: { parameters: [string, string][] }) {
  const shown: string[] = [];
  let room = ROOM;
  for (const [name, value] of parameters) {
    const text = `${name}=${value}`;
    if (shown.length > 0 && text.length > room) break;
    shown.push(text.length > ROOM ? `${text.slice(0, ROOM - 1)}…` : text);
    room -= text.length + 1;
  }
  const left = parameters.length - shown.length;
  return (
    <>
      <bdi class="code">{shown.join(" ")}</bdi>
      {left > 0 && (
        <span class="dim" title="All parameters are in Details">
          {" "}
          +{left}
        </span>
      )}
    </>
  );
}

function Tags({ tags }: { tags: readonly string[] }) {
  const left = tags.length - MAX_TAGS;
  return (
    <span title={tags.join(", ")}>
      {tags.slice(0, MAX_TAGS).map((tag) => (
        <bdi key={tag} class="chip">
          {tag}
        </bdi>
      ))}
      {left > 0 && <span class="dim">+{exactCount(left)}</span>}
    </span>
  );
}
