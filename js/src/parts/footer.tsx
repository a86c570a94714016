import { exactCount, plural } from "../core/format";
import { linesHonesty, tasksHonesty } from "../core/honesty";
import { ROW_HEIGHT } from "../core/window";
import type { Store } from "../store";
import { stepOf } from "./choice";
import { CopyButton } from "./copy";
import { follow } from "./drag";
import { areaHeight, LEAST } from "./rows";
import { drawTaskWords } from "./tasks";

export function drawFooter(store: Store) {
  const { payload, looked, reading, held, heldHere } = store;
  if (!payload) return null;
  const { header, logs, tasks, expression } = payload;
  const isTasks = store.tab === "tasks" || store.tab === "timeline";
  const { figures, rest } = isTasks
    ? tasksHonesty(header, store.tasksRead, tasks?.total ?? null)
    : linesHonesty(header, logs);
  const isFiltered =
    store.tab === "logs" && reading.hasText() && looked && logs && heldHere === null;
  const selected = store.selected.size + store.selectedTasks.size;
  const [name, rows] = selected
    ? ["selection", selected]
    : isFiltered
      ? ["filtered_logs", looked.hits]
      : ["flow_run", null];
  const card = expression.replace(/\.\w+(\(\))?$/, "");
  return (
    <footer class="ft">
      {store.tab === "logs" && logs && logs.total > 0 && drawGrip(store, areaHeight(store, logs))}
      <span title={isTasks || !logs ? undefined : `${exactCount(logs.total)} lines`}>
        <b>{figures}</b>
        {rest}
      </span>
      {isFiltered && (
        <span>
          {plural(looked.hits, "hit")}
          {held.look.context !== null &&
            `, ${plural(looked.shown - looked.hits, "line")} of context`}
          , {exactCount(logs.total - looked.shown)} hidden
        </span>
      )}
      {isTasks && drawTaskWords(store)}
      {!isTasks && selected > 0 && <span>{exactCount(selected)} selected</span>}
      {payload.redacted > 0 && <span>{plural(payload.redacted, "value")} redacted</span>}
      {store.savedAt && <span>Saved copy: {store.savedAt}</span>}
      <span class="sp" />
      <span class="py">
        Python:{" "}
        <CopyButton
          kind="lnk"
          text={`${card}.${name}`}
          title={`Copy ${card}.${name}`}
          hasIcon={false}
        >
          <code>card.{name}</code>
          {rows !== null && ` ${plural(rows, "row")}`}
        </CopyButton>
      </span>
    </footer>
  );
}

/** Makes the log rows higher or lower. */
function drawGrip(store: Store, height: number) {
  const most = Math.max(LEAST, Math.round(innerHeight * 0.8));
  const set = (px: number) =>
    store.change({ areaHeight: Math.round(Math.min(Math.max(LEAST, px), most)) });
  return (
    <span
      class="rz"
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the log rows"
      aria-valuemin={LEAST}
      aria-valuemax={most}
      aria-valuenow={height}
      tabIndex={0}
      onDblClick={() => store.change({ areaHeight: null })}
      onKeyDown={({ key }) => {
        const by = stepOf(key);
        if (by) set(height + by * ROW_HEIGHT);
        return !!by;
      }}
      onPointerDown={(event) => {
        const from = height - event.clientY;
        return follow(event, ({ clientY }) => set(from + clientY));
      }}
    />
  );
}
