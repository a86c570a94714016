import { useRef } from "preact/hooks";
import type { Payload } from "../protocol/wire";
import type { Card } from "../state/card";
import { Boundary } from "./boundary";
import { CardProvider, HostProvider, useFields } from "./context";
import { Details } from "./details/details";
import { OpenedRuns } from "./details/related";
import { Footer } from "./footer";
import { DigestBox } from "./header/digest";
import { NoticeLine } from "./header/notice";
import { Summary } from "./header/summary";
import { Title } from "./header/title";
import { Logs } from "./logs/logs";
import { TABS, Tabs } from "./tabs";
import { Tasks } from "./tasks/tasks";
import { Timeline } from "./timeline/timeline";

const PARTS = { logs: Logs, tasks: Tasks, timeline: Timeline, details: Details };

let count = 0;

function nameOf({ header }: Payload): string {
  const names = [header.flow, header.name ?? header.id].filter(Boolean).join(" ");
  return `Flow run ${names}, ${header.state.name.toLowerCase()}`;
}

export function CardView({ card }: { card: Card }) {
  return (
    <CardProvider value={card}>
      <HostProvider value={card.host}>
        <Whole />
        <Boundary name="opened runs">
          <OpenedRuns />
        </Boundary>
      </HostProvider>
    </CardProvider>
  );
}

function Whole() {
  const id = useRef("");
  if (id.current === "") {
    count += 1;
    id.current = `frw-${count}`;
  }
  const { payload, problem } = useFields("payload", "problem");
  return (
    <article class="frw" aria-label={payload ? nameOf(payload) : "Flow run"}>
      {problem !== null && (
        <p class="notice is-failed alone" role="alert">
          <b>{problem}</b>
        </p>
      )}
      {payload ? (
        <Boundary name="card" version={payload}>
          <Contents payload={payload} id={id.current} />
        </Boundary>
      ) : (
        problem === null && <p class="notice is-unknown alone">Loading run…</p>
      )}
    </article>
  );
}

function Contents({ payload, id }: { payload: Payload; id: string }) {
  const { tab } = useFields("tab");
  const { header, digest } = payload;
  const Part = PARTS[tab];
  const name = TABS.find(([one]) => one === tab)?.[1] ?? "";
  return (
    <>
      <header>
        <Title header={header} />
        {!digest && header.state.message && (
          <p class="state-message" dir="auto">
            {header.state.message}
          </p>
        )}
        <Summary header={header} />
      </header>
      <Boundary name="notice" version={payload}>
        <NoticeLine />
      </Boundary>
      {digest && (
        <Boundary name="first failure" version={payload}>
          <DigestBox digest={digest} />
        </Boundary>
      )}
      <Tabs id={id} />
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`}>
        <Boundary key={tab} name={`part “${name}”`} version={payload}>
          <Part id={id} />
        </Boundary>
      </div>
      <Boundary name="footer" version={payload}>
        <Footer />
      </Boundary>
    </>
  );
}
