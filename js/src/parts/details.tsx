import type { ComponentChildren } from "preact";
import { count, duration, fraction, moment, momentNear, span } from "../core/format";
import type { Payload } from "../core/wire";
import type { Store } from "../store";
import { CopyButton } from "./copy";
import { drawStateWord } from "./states";
import { drawTerms, type Term } from "./terms";
import { drawTime } from "./time";

export function drawDetails(store: Store, payload: Payload) {
  const { header, states, logs, tasks, snapshot } = payload;
  const { zone } = store;
  const near = header.started_at ?? header.created_at;
  const time = (at: number | null) => at !== null && drawTime(at, moment(at, zone));
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
      {values("Parameters", header.parameters)}
      {section(
        "State history",
        <ol class="hs">
          {states.map((state, i) => (
            <li key={i}>
              <span class="d">
                {drawTime(
                  state.at,
                  <>
                    {momentNear(state.at, near ?? state.at, zone)}
                    {state.at !== null && fraction(state.at, 3)}
                  </>,
                )}
              </span>
              {drawStateWord(state)}
              <span class="say">{state.message}</span>
              <span class="d" title="After the state before">
                {i > 0 && duration(span(states[i - 1]?.at ?? null, state.at))}
              </span>
            </li>
          ))}
        </ol>,
        states.length,
      )}
      {section("About", drawTerms("kv", about))}
      {section("What this card holds", drawTerms("kv", here))}
      {header.context.length > 0 && values("Context", header.context)}
    </div>
  );
}

const values = (name: string, pairs: [string, string][]) =>
  section(
    name,
    drawTerms(
      "kv",
      pairs.map(([key, value]) => [key, <span class="m">{value}</span>]),
    ),
    pairs.length,
  );

const section = (name: string, inner: ComponentChildren, n?: number) => (
  <section>
    <h3>
      {name} <span class="d">{n}</span>
    </h3>
    {inner}
  </section>
);
