import { HEAD } from "../../state/run-grid";
import { StateWord } from "../controls/state";
import { useGrid, useGridFields } from "../many/context";
import { begunWords, ranWords, statesWords } from "./words";

/** Run, task, state and duration of the cell under the pointer, or of the one that has the focus. */
export function Readout() {
  const grid = useGrid();
  const { pointed, current, hasFocus, runs, tasks, zone } = useGridFields(
    "pointed",
    "current",
    "hasFocus",
    "runs",
    "tasks",
    "zone",
    "kernel",
  );
  const place = pointed ?? (hasFocus ? current : null);
  const run = place && runs[place.run];
  if (!run)
    return (
      <p class="grid-readout">
        <span class="dim hint">
          {grid.canOpen
            ? "A click or Enter opens the run below, on a cell with the log of its task."
            : "The head of a column links to its run in Prefect."}
        </span>
      </p>
    );
  const task = tasks[place.task];
  const cell = place.task === HEAD ? null : grid.cell(place);
  const state = place.task === HEAD ? run.state : cell?.state;
  const told = [
    cell?.counts && statesWords(cell),
    ranWords(place.task === HEAD ? run.ran : (cell?.ran ?? null)),
    place.task === HEAD && begunWords(run, zone),
    place.task === HEAD && run.message,
  ].filter(Boolean);
  return (
    <p class="grid-readout">
      {state ? <StateWord state={state} /> : <span class="dim">No task run</span>}
      <b>
        {task !== undefined && (
          <>
            <bdi>{task}</bdi>
            {" / "}
          </>
        )}
        <bdi>{run.name}</bdi>
      </b>
      <span class="dim" dir="auto">
        {told.join(" · ")}
      </span>
    </p>
  );
}
