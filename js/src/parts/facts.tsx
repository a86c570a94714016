import type { ComponentChildren } from "preact";
import { count, duration, moment } from "../core/format";
import { safeLink } from "../core/links";
import { stateCounts } from "../core/states";
import type { Header } from "../core/wire";
import type { Store } from "../store";
import { Icon } from "./icons";
import { ProportionBar, StateCounts } from "./states";
import { Time } from "./time";

export function Facts({ store, header }: { store: Store; header: Header }) {
  return (
    <dl class="facts">
      <Begin store={store} header={header} />
      <Lasted store={store} header={header} />
      <Fact name="Task runs">
        <TaskCounts store={store} />
      </Fact>
      {header.parameters.length > 0 && (
        <Fact name="Parameters" kind="par">
          <Parameters parameters={header.parameters} />
        </Fact>
      )}
      <OpenIn header={header} />
    </dl>
  );
}

function Fact(props: { name: string; kind?: string; children: ComponentChildren }) {
  return (
    <div class={props.kind ?? ""}>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Begin({ store, header }: { store: Store; header: Header }) {
  const isStarted = header.started_at !== null;
  const at = header.started_at ?? header.scheduled_at ?? header.created_at;
  const name = isStarted ? "Started" : header.scheduled_at === null ? "Created" : "Due";
  return (
    <Fact name={name}>
      <Time at={at}>{moment(at, store.zone)}</Time>
    </Fact>
  );
}

function Lasted({ store, header }: { store: Store; header: Header }) {
  if (header.is_finished) return <Fact name="Took">{duration(header.took)}</Fact>;
  if (header.started_at === null) {
    const since = header.scheduled_at ?? header.created_at;
    const waited = since === null ? null : (header.as_of - since) / 1e6;
    if (waited !== null && waited < 0) return <Fact name="Due in">{duration(-waited)}</Fact>;
    return <Fact name="Waiting for">{duration(waited)}</Fact>;
  }
  const isOld = store.notice?.kind === "unreachable" || store.isWaitingForKernel;
  return (
    <Fact name="Running for">
      {isOld && "at least "}
      {duration(header.took)}
    </Fact>
  );
}

function TaskCounts({ store }: { store: Store }) {
  const tasks = store.tasks;
  const total = store.payload?.tasks?.total ?? 0;
  if (!tasks) return <span class="d">not read yet</span>;
  if (total === 0) return <>none yet</>;
  const counts = stateCounts(tasks, "icon");
  return (
    <span class="tsk">
      <ProportionBar counts={counts} />
      <StateCounts counts={counts} />
      {tasks.length < total && (
        <span class="d">
          of {count(tasks.length)} read, {count(total)} in all
        </span>
      )}
    </span>
  );
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

function OpenIn({ header }: { header: Header }) {
  const address = safeLink(header.ui_url);
  if (address === null) return null;
  return (
    <Fact name="Open in">
      <a href={address} target="_blank" rel="noopener noreferrer">
        {header.source.startsWith("Prefect") ? "Prefect" : header.source} <Icon name="away" />
        <span class="vh"> (new tab)</span>
      </a>
    </Fact>
  );
}
