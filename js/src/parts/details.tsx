import { count, duration, fraction, moment, momentNear, span } from "../core/format";
import type { Payload } from "../core/wire";
import type { Store } from "../store";
import { CopyButton } from "./copy";
import { StateWord } from "./states";
import { type Term, Terms } from "./terms";
import { Time } from "./time";

export function Details({ store, payload }: { store: Store; payload: Payload }) {
  const { header, states, logs, tasks, snapshot } = payload;
  const { zone } = store;
  const near = header.started_at ?? header.created_at;
  const time = (at: number | null) => at !== null && <Time at={at}>{moment(at, zone)}</Time>;
  const about: Term[] = [
    [
      "Run id",
      <>
        <code>{header.id}</code>{" "}
        <CopyButton kind="btn ic q in" text={header.id} label="Copy the run id" />
      </>,
    ],
    ["Flow", header.flow],
    ["Project", header.project],
    [
      "Labels",
      header.labels.length > 0 &&
        header.labels.map((label) => (
          <span key={label} class="chip">
            {label}
          </span>
        )),
    ],
    ["Created", time(header.created_at)],
    ["Scheduled", time(header.scheduled_at)],
    ["Started", time(header.started_at)],
    ["Ended", time(header.ended_at)],
    ["Source", `${header.source} · ${header.source_url}`],
  ];
  const here: Term[] = [
    ["Log lines", logs ? `${logs.is_complete ? "" : "≥ "}${count(logs.total)}` : "not read yet"],
    [
      "Task runs",
      tasks ? `${count(store.tasksRead)} of ${count(tasks.total)} in this page` : "not read yet",
    ],
    ["As of", time(header.as_of)],
    ["Snapshot", snapshot],
  ];
  return (
    <div class="dt">
      <Values name="Parameters" values={header.parameters} />
      <section>
        <h3>
          State history <span class="d">{states.length}</span>
        </h3>
        <ol class="hs">
          {states.map((state, i) => (
            <li key={i}>
              <span class="d">
                <Time at={state.at}>
                  {momentNear(state.at, near ?? state.at, zone)}
                  {state.at !== null && fraction(state.at, 3)}
                </Time>
              </span>
              <StateWord state={state} />
              <span class="say">{state.message}</span>
              <span class="d" title="After the state before">
                {i > 0 && duration(span(states[i - 1]?.at ?? null, state.at))}
              </span>
            </li>
          ))}
        </ol>
      </section>
      <Section name="About" terms={about} />
      <Section name="What this card holds" terms={here} />
      {header.context.length > 0 && <Values name="Context" values={header.context} />}
    </div>
  );
}

function Values({ name, values }: { name: string; values: [string, string][] }) {
  const pairs = values.map(
    ([key, value], i): Term => [
      key,
      <span key={i} class="m">
        {value}
      </span>,
    ],
  );
  return <Section name={name} n={values.length} terms={pairs} />;
}

function Section({ name, n, terms }: { name: string; n?: number; terms: Term[] }) {
  return (
    <section>
      <h3>
        {name} <span class="d">{n}</span>
      </h3>
      <Terms kind="kv" terms={terms} />
    </section>
  );
}
