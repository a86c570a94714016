import { duration, moment } from "../core/format";
import { safeLink } from "../core/links";
import { byLook } from "../core/states";
import type { Header } from "../core/wire";
import type { Store } from "../store";
import { icon } from "./icons";
import { drawProportions } from "./states";
import { drawTerms, type Term } from "./terms";
import { drawTime } from "./time";

export function drawFacts(store: Store, header: Header) {
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
      drawTime(at, moment(at, store.zone)),
    ],
    header.is_finished
      ? ["Took", duration(took)]
      : started_at === null
        ? [isDue ? "Due in" : "Waiting for", duration(waited && Math.abs(waited))]
        : ["Running for", (isOld ? "at least " : "") + duration(took)],
    [
      "Task runs",
      tasks
        ? tasks.total > 0
          ? drawProportions(byLook(tasks.states))
          : "none yet"
        : "not read yet",
    ],
    ["Parameters", parameters.length > 0 && drawParameters(parameters), "par"],
    [
      "Open in",
      address && (
        <a href={address} target="_blank" rel="noreferrer">
          {source.startsWith("Prefect") ? "Prefect" : source} {icon("away")}
          <span class="vh"> (new tab)</span>
        </a>
      ),
    ],
  ];
  return drawTerms("facts", facts);
}

const ROOM = 40;

/** As many parameters as have room, then how many there are besides. */
function drawParameters(parameters: [string, string][]) {
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
