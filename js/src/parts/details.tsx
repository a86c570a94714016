import type { ComponentChildren } from "preact";
import { count, duration, fraction, moment, momentNear, span } from "../core/format";
import { safeLink } from "../core/links";
import type { Header, Payload, State } from "../core/wire";
import type { Store } from "../store";
import { CopyButton } from "./copy";
import { Icon } from "./icons";
import { StateWord } from "./states";
import { Time } from "./time";

export function Details({ store, payload }: { store: Store; payload: Payload }) {
  const { header, states } = payload;
  return (
    <div class="dt">
      <Values name="Parameters" values={header.parameters} none="This run took none." />
      <History states={states} header={header} zone={store.zone} />
      <About header={header} zone={store.zone} />
      <Holds store={store} payload={payload} />
      {header.context.length > 0 && <Values name="Context" values={header.context} none="" />}
    </div>
  );
}

function Values(props: { name: string; values: [string, string][]; none: string }) {
  const { name, values, none } = props;
  return (
    <section>
      <h3>
        {name} <span class="d">{count(values.length)}</span>
      </h3>
      {values.length === 0 && <p class="d">{none}</p>}
      <dl class="kv mono">
        {values.map(([key, value], i) => (
          <Pair key={i} name={key}>
            <span class="m">{value}</span>
          </Pair>
        ))}
      </dl>
    </section>
  );
}

function Pair({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function History({ states, header, zone }: { states: State[]; header: Header; zone: string }) {
  const near = header.started_at ?? header.created_at;
  return (
    <section>
      <h3>State history</h3>
      {states.length === 0 && <p class="d">The server gave none.</p>}
      <ol class="hs">
        {states.map((state, i) => {
          const before = states[i - 1]?.at ?? null;
          return (
            <li key={i}>
              <span class="d">
                <Time at={state.at}>
                  {momentNear(state.at, near ?? state.at, zone)}
                  {state.at !== null && fraction(state.at, 3)}
                </Time>
              </span>
              <StateWord state={state} />
              <span class="say">{state.message ?? ""}</span>
              <span class="d" title="After the state before">
                {i > 0 && duration(span(before, state.at))}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function About({ header, zone }: { header: Header; zone: string }) {
  const address = safeLink(header.ui_url);
  const times: [string, number | null][] = [
    ["Created", header.created_at],
    ["Scheduled", header.scheduled_at],
    ["Started", header.started_at],
    ["Ended", header.ended_at],
  ];
  return (
    <section>
      <h3>About</h3>
      <dl class="kv">
        <Pair name="Run id">
          <code>{header.id}</code>{" "}
          <CopyButton
            kind="btn ic q in"
            text={header.id}
            label="Copy the run id"
            title="Copy the run id"
          />
        </Pair>
        {header.flow !== null && <Pair name="Flow">{header.flow}</Pair>}
        {header.project !== null && <Pair name="Project">{header.project}</Pair>}
        {header.labels.length > 0 && (
          <Pair name="Labels">
            {header.labels.map((label) => (
              <span key={label} class="chip">
                {label}
              </span>
            ))}
          </Pair>
        )}
        {times.map(
          ([name, at]) =>
            at !== null && (
              <Pair key={name} name={name}>
                <Time at={at}>{moment(at, zone)}</Time>
              </Pair>
            ),
        )}
        <Pair name="Source">
          {header.source} · <span class="url">{header.source_url}</span>
        </Pair>
        {address !== null && (
          <Pair name="Links">
            <a href={address} target="_blank" rel="noopener noreferrer">
              Run in {header.source} <Icon name="away" />
              <span class="vh"> (new tab)</span>
            </a>
          </Pair>
        )}
      </dl>
    </section>
  );
}

function Holds({ store, payload }: { store: Store; payload: Payload }) {
  const { header, logs, tasks } = payload;
  const lines = logs ? `${logs.is_complete ? "" : "≥ "}${count(logs.total)}` : "not read yet";
  return (
    <section>
      <h3>What this card holds</h3>
      <dl class="kv">
        <Pair name="Log lines">
          {lines}
          {logs && `, ${count(store.rows.rows.size)} of them in this page`}
        </Pair>
        <Pair name="Task runs">
          {tasks ? `${count(store.tasksRead)} of ${count(tasks.total)}` : "not read yet"}
        </Pair>
        <Pair name="As of">
          <Time at={header.as_of}>{moment(header.as_of, store.zone)}</Time>, snapshot{" "}
          {payload.snapshot}
        </Pair>
      </dl>
    </section>
  );
}
