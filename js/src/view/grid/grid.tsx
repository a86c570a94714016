import { useMemo, useRef } from "preact/hooks";
import { count, plural } from "../../format/number";
import { familyClass } from "../../format/state";
import { legendOf, type RunGrid } from "../../state/run-grid";
import { Boundary } from "../boundary";
import { Empty } from "../controls/empty";
import { StateWord } from "../controls/state";
import { useGridFields } from "../many/context";
import { Coverage, LoadAll, PythonValue } from "../many/footer";
import { Frame, Notice, Title } from "../many/frame";
import { Cells } from "./cells";
import { Readout } from "./readout";

let number = 0;

/** Runs × tasks: a column for each run, the newest at the right, and the cards that were opened from it. */
export function GridView({ grid }: { grid: RunGrid }) {
  return (
    <Frame state={grid} name="Runs and tasks">
      <Contents />
    </Frame>
  );
}

function Contents() {
  const id = useRef("");
  if (id.current === "") {
    number += 1;
    id.current = `frw-grid-${number}`;
  }
  const { payload, runs, tasks } = useGridFields("payload", "runs", "tasks");
  return (
    <>
      <header>
        <Title runs={runs} more={` × ${plural(tasks.length, "task")}`} />
      </header>
      <Notice busy="What is loaded stays here." />
      {runs.length === 0 ? (
        <Empty head="No flow runs">{payload?.place && `No run matches at ${payload.place}.`}</Empty>
      ) : (
        <>
          <Legend />
          <Cells id={id.current} />
          <Readout />
        </>
      )}
      <Boundary name="footer" version={runs}>
        <Footer />
      </Boundary>
    </>
  );
}

/** The states that occur, with the looks of their cells. */
function Legend() {
  const { parts, runs } = useGridFields("parts", "runs");
  const states = useMemo(() => legendOf(parts, runs), [parts, runs]);
  return (
    <ul class="bar grid-legend" aria-label="States">
      {states.map((state) => (
        <li key={state.name} class={familyClass(state.family)}>
          <StateWord state={state} />
        </li>
      ))}
    </ul>
  );
}

function Footer() {
  const { runs, payload, redacted, leftOut } = useGridFields(
    "runs",
    "payload",
    "redacted",
    "leftOut",
  );
  return (
    <footer class="footer">
      <Coverage found={runs.length} />
      <LoadAll />
      {leftOut > 0 && <span>{count(leftOut)} more tasks are not shown</span>}
      {redacted > 0 && <span>{plural(redacted, "value")} redacted</span>}
      <span class="space" />
      {payload?.expression && <PythonValue expression={payload.expression} runs={runs.length} />}
    </footer>
  );
}
