import type { ComponentChildren } from "preact";
import { safeLink } from "../../format/links";
import { count, duration, span } from "../../format/number";
import { fraction, moment, momentNear, zoneName } from "../../format/time";
import type { Payload, State } from "../../protocol/wire";
import { useCard, useFields } from "../context";
import { CopyButton } from "../controls/copy-button";
import { StateWord } from "../controls/state";
import { type Term, Terms } from "../controls/terms";
import { Time } from "../controls/time";
import { Artifacts, RelatedRuns, Results } from "./related";

/** All other data of the run. */
export function Details() {
  const { payload } = useFields("payload");
  if (!payload) return null;
  const { header, states } = payload;
  return (
    <div class="details">
      <Values name="Parameters" pairs={header.parameters} />
      <Section name="State history" n={states.length}>
        <History payload={payload} />
      </Section>
      <Section name="About">
        <About payload={payload} />
      </Section>
      <RelatedRuns />
      <Artifacts />
      <Results />
      {header.job_variables.length > 0 && (
        <Values name="Job variables" pairs={header.job_variables} />
      )}
      {header.context.length > 0 && <Values name="Context" pairs={header.context} />}
    </div>
  );
}

interface SectionProps {
  name: string;
  n?: number | undefined;
  children: ComponentChildren;
}

export const Section = ({ name, n, children }: SectionProps) => (
  <section>
    <h3>
      {name} <span class="dim">{n}</span>
    </h3>
    {children}
  </section>
);

const Values = ({ name, pairs }: { name: string; pairs: [string, string][] }) => (
  <Section name={name} n={pairs.length}>
    <Terms
      class="terms"
      terms={pairs.map(([key, value]) => [
        key,
        <span class="code value" dir="auto">
          {value}
        </span>,
      ])}
    />
    {pairs.length === 0 && <p class="dim">None.</p>}
  </Section>
);

/** The duration of each state: until the next state, or until now. */
function lengthIn(states: readonly State[], i: number, { header }: Payload): number | null {
  const next = states[i + 1]?.at ?? null;
  if (next !== null) return span(states[i]?.at ?? null, next);
  return header.is_finished ? null : span(states[i]?.at ?? null, header.as_of);
}

function History({ payload }: { payload: Payload }) {
  const { zone } = useFields("zone");
  const { states, header } = payload;
  const near = header.started_at ?? header.created_at;
  return (
    <ol class="history">
      {states.map((state, i) => {
        const length = lengthIn(states, i, payload);
        return (
          <li key={i}>
            <span class="dim">
              <Time at={state.at}>
                {momentNear(state.at, near ?? state.at, zone)}
                {state.at !== null && fraction(state.at, 3)}
              </Time>
            </span>
            <StateWord state={state} />
            <span class="state-message" dir="auto">
              {state.message}
            </span>
            <span class="dim" title="How long the run was in this state">
              {length !== null && duration(length)}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Trace({ trace: [id, shownAt] }: { trace: [string, string | null] }) {
  const address = safeLink(shownAt);
  if (!address) return <code>{id}</code>;
  return (
    <a href={address} target="_blank" rel="noreferrer" title="Open the trace">
      <code>{id}</code>
    </a>
  );
}

function About({ payload }: { payload: Payload }) {
  const { zone, tasksLoaded } = useFields("zone", "tasksLoaded");
  const card = useCard();
  const { header, logs, tasks } = payload;
  const time = (at: number | null) =>
    at !== null && (
      <Time at={at}>
        {moment(at, zone)} {zoneName(at, zone)}
      </Time>
    );
  const terms: Term[] = [
    [
      "Run id",
      <>
        <code>{header.id}</code>{" "}
        <CopyButton
          class="button icon-only quiet inline"
          text={header.id}
          label="Copy the run id"
        />
      </>,
    ],
    ["Flow", header.flow && <bdi>{header.flow}</bdi>],
    ["Project", header.project && <bdi>{header.project}</bdi>],
    ...header.facts.map(([name, value]): Term => [name, <bdi>{value}</bdi>]),
    ["Trace", header.trace && <Trace trace={header.trace} />],
    [
      "Tags",
      header.labels.length > 0 &&
        header.labels.map((label) => (
          <bdi key={label} class="chip">
            {label}
          </bdi>
        )),
    ],
    ["Created", time(header.created_at)],
    ["Due", time(header.scheduled_at)],
    ["Started", time(header.started_at)],
    ["Ended", time(header.ended_at)],
    ["Source", `${header.source} · ${header.source_url}`],
    [
      "In this card",
      `${logs ? `${logs.is_complete ? "" : "≥ "}${count(logs.total)} lines` : "lines are loading"}, ${
        tasks ? `${count(tasksLoaded)} of ${count(tasks.total)} task runs` : "task runs are loading"
      }`,
    ],
    ["Refreshed", payload.snapshot > 1 && card.store.kernel !== "absent" && time(header.as_of)],
  ];
  return <Terms class="terms" terms={terms} />;
}
