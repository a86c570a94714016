import { duration, moment } from "../core/format";
import { safeLink } from "../core/links";
import { byLook } from "../core/states";
import type { Header } from "../core/wire";
import type { Store } from "../store";
import { Icon } from "./icons";
import { Proportions } from "./states";
import { type Term, Terms } from "./terms";
import { Time } from "./time";

export function Facts({ store, header }: { store: Store; header: Header }) {
  const { started_at, scheduled_at, created_at, as_of, parameters, source, took } = header;
  const tasks = store.payload?.tasks;
  const due = scheduled_at ?? created_at;
  const waited = due === null ? null : (as_of - due) / 1e6;
  const isDue = waited !== null && waited < 0;
  const isOld = store.notice?.kind === "unreachable" || store.isWaitingForKernel;
  const address = safeLink(header.ui_url);
  const at = started_at ?? due;
  const facts: Term[] = [
    [
      started_at !== null ? "Started" : scheduled_at === null ? "Created" : "Due",
      <Time key="at" at={at}>
        {moment(at, store.zone)}
      </Time>,
    ],
    header.is_finished
      ? ["Took", duration(took)]
      : started_at === null
        ? [isDue ? "Due in" : "Waiting for", duration(waited && Math.abs(waited))]
        : ["Running for", (isOld ? "at least " : "") + duration(took)],
    [
      "Task runs",
      tasks ? (
        tasks.total > 0 ? (
          <Proportions counts={byLook(tasks.states)} />
        ) : (
          "none yet"
        )
      ) : (
        "not read yet"
      ),
    ],
    ["Parameters", parameters.length > 0 && <Parameters parameters={parameters} />, "par"],
    [
      "Open in",
      address && (
        <a href={address} target="_blank" rel="noopener noreferrer">
          {source.startsWith("Prefect") ? "Prefect" : source} <Icon name="away" />
          <span class="vh"> (new tab)</span>
        </a>
      ),
    ],
  ];
  return <Terms kind="facts" terms={facts} />;
}

const ROOM = 40;

/** As many parameters as have room, then how many there are besides. */
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
      <span class="m">{shown.join(" ")}</span>
      {left > 0 && (
        <span class="d" title="All parameters are in Details">
          {" "}
          +{left}
        </span>
      )}
    </>
  );
}
