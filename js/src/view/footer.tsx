import { linesCoverage, tasksCoverage } from "../format/coverage";
import { exactCount, plural } from "../format/number";
import { ROW_HEIGHT } from "../state/scroll";
import { useCard, useFields } from "./context";
import { stepOf } from "./controls/choice";
import { CopyButton } from "./controls/copy-button";
import { followPointer } from "./controls/drag";
import { areaHeight, MIN_HEIGHT } from "./logs/rows";
import { TaskWords } from "./tasks/tasks";

/** How much of the run is loaded, how much is shown, and the Python expression for it. */
export function Footer() {
  const { tab, payload, savedAt } = useFields("tab", "payload", "savedAt");
  if (!payload) return null;
  const { logs } = payload;
  const isTasks = tab === "tasks" || tab === "timeline";
  return (
    <footer class="footer">
      {tab === "logs" && logs && logs.total > 0 && <HeightGrip />}
      <Coverage isTasks={isTasks} />
      {tab === "logs" && <FilterWords />}
      {isTasks ? <TaskWords /> : <SelectionWords />}
      {payload.redacted > 0 && <span>{plural(payload.redacted, "value")} redacted</span>}
      {savedAt && <span>Saved copy: {savedAt}</span>}
      <span class="space" />
      <PythonValue />
    </footer>
  );
}

function Coverage({ isTasks }: { isTasks: boolean }) {
  const { payload, tasksLoaded } = useFields("payload", "tasksLoaded");
  if (!payload) return null;
  const { header, logs, tasks } = payload;
  const { figures, rest } = isTasks
    ? tasksCoverage(header, tasksLoaded, tasks)
    : linesCoverage(header, logs);
  const repeated = isTasks ? 0 : (logs?.repeated ?? 0);
  return (
    <span title={isTasks || !logs ? undefined : `${exactCount(logs.total)} lines`}>
      <b>{figures}</b>
      {rest}
      {repeated > 0 && `, ${plural(repeated, "line")} sent twice`}
    </span>
  );
}

function FilterWords() {
  const { logs } = useCard();
  const { result, query, payload } = useFields("result", "query", "payload", "rows");
  const data = payload?.logs;
  if (!data || !result || !logs.hasText || result.searched !== undefined) return null;
  const bound = data.is_complete ? "" : "≥ ";
  return (
    <span>
      {bound}
      {plural(result.hits, "hit")}
      {query.lines === "context" && `, ${plural(result.shown - result.hits, "line")} of context`}
      {query.lines !== "all" && `, ${exactCount(data.total - result.shown)} hidden`}
    </span>
  );
}

function SelectionWords() {
  const card = useCard();
  const { selected, rangeFrom, cursor, copying } = useFields(
    "selected",
    "rangeFrom",
    "cursor",
    "copying",
  );
  const range = rangeFrom === null || cursor === null ? 0 : Math.abs(rangeFrom - cursor) + 1;
  const n = range || selected.size;
  return (
    <>
      {n > 0 && (
        <span>
          {plural(n, "row")} selected{" "}
          {range > 0 && (
            <button
              type="button"
              class="link"
              onClick={(event) => void card.copyRows(event.currentTarget)}
            >
              Copy
            </button>
          )}
        </span>
      )}
      <span role="status">{copying}</span>
    </>
  );
}

/** The Python expression for the data that is shown. */
function PythonValue() {
  const { logs } = useCard();
  const { payload, kernel, tab, result, rows, selected, selectedTasks, rangeFrom, cursor } =
    useFields(
      "payload",
      "kernel",
      "tab",
      "result",
      "rows",
      "selected",
      "selectedTasks",
      "rangeFrom",
      "cursor",
    );
  if (!payload) return null;
  const range = rangeFrom === null || cursor === null ? 0 : Math.abs(rangeFrom - cursor) + 1;
  const chosen = range || selected.size + selectedTasks.size;
  const isFiltered = tab === "logs" && logs.hasText && result && result.searched === undefined;
  // Without this card's kernel the expression returns a new card, which has no filter and no selection.
  const hasKernel = kernel !== "absent" && kernel !== "gone";
  const lines = hasKernel
    ? "filtered_logs"
    : `flow_run.get_logs().where(${JSON.stringify(rows.query.text)})`;
  const [name, n] =
    chosen && hasKernel
      ? ["selection", chosen]
      : isFiltered
        ? [lines, result.hits]
        : ["flow_run", null];
  const expression = `${payload.expression}.${name}`;
  return (
    <span class="python">
      Python:{" "}
      <CopyButton class="link" text={expression} title={`Copy ${expression}`} hasIcon={false}>
        <code>{expression}</code>
      </CopyButton>
      {n !== null && ` ${plural(n, "row")}`}
    </span>
  );
}

/** A grip that changes the height of the log rows. */
function HeightGrip() {
  const { store } = useCard();
  const fields = useFields("areaHeight", "payload", "kernel");
  const data = fields.payload?.logs;
  if (!data) return null;
  const height = areaHeight(fields, data);
  const most = Math.max(MIN_HEIGHT, Math.round(innerHeight * 0.8));
  const set = (px: number) =>
    store.change({ areaHeight: Math.round(Math.min(Math.max(MIN_HEIGHT, px), most)) });
  return (
    <span
      class="height-grip"
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the log rows"
      aria-valuemin={MIN_HEIGHT}
      aria-valuemax={most}
      aria-valuenow={height}
      tabIndex={0}
      onDblClick={() => store.change({ areaHeight: null })}
      onKeyDown={(event) => {
        const by = stepOf(event.key);
        if (!by) return;
        event.preventDefault();
        set(height + by * ROW_HEIGHT);
      }}
      onPointerDown={(event) => {
        const from = height - event.clientY;
        followPointer(event, ({ clientY }) => set(from + clientY));
      }}
    />
  );
}
