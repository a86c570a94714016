import { exactCount, plural } from "../core/format";
import { linesHonesty, tasksHonesty } from "../core/honesty";
import { ROW_HEIGHT } from "../core/window";
import type { Store } from "../store";
import { CopyButton } from "./copy";
import { areaHeight, LEAST } from "./rows";
import { TaskWords } from "./tasks";

export function Footer({ store }: { store: Store }) {
  const { payload, looked, reading, held, heldHere } = store;
  if (!payload) return null;
  const { header, logs, tasks, expression } = payload;
  const isTasks = store.tab === "tasks" || store.tab === "timeline";
  const { figures, rest } = isTasks
    ? tasksHonesty(header, store.tasksRead, tasks?.total ?? null)
    : linesHonesty(header, logs);
  const exact = logs && logs.total >= 1e6 ? `${exactCount(logs.total)} lines` : undefined;
  const isFiltered = store.tab === "logs" && reading.hasText && looked && logs && heldHere === null;
  const selected = store.selected.size + store.selectedTasks.size;
  const [name, rows] = selected
    ? ["selection", selected]
    : isFiltered
      ? ["filtered_logs", looked.hits]
      : ["flow_run", null];
  const card = expression.replace(/\.\w+(\(\))?$/, "");
  return (
    <footer class="ft">
      {store.tab === "logs" && logs && logs.total > 0 && (
        <Grip store={store} height={areaHeight(store, logs)} />
      )}
      <span title={isTasks ? undefined : exact}>
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
      {isTasks && <TaskWords store={store} />}
      {!isTasks && selected > 0 && <span>{exactCount(selected)} selected</span>}
      {payload.redacted > 0 && <span>{plural(payload.redacted, "value")} redacted</span>}
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
function Grip({ store, height }: { store: Store; height: number }) {
  const most = Math.round(innerHeight * 0.8);
  const set = (px: number) =>
    store.set({ areaHeight: Math.round(Math.min(Math.max(LEAST, px), Math.max(LEAST, most))) });
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
      onDblClick={() => store.set({ areaHeight: null })}
      onKeyDown={(event) => {
        const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (!by) return;
        event.preventDefault();
        set(height + by * ROW_HEIGHT);
      }}
      onPointerDown={(event) => {
        const grip = event.currentTarget;
        const from = height - event.clientY;
        grip.setPointerCapture(event.pointerId);
        event.preventDefault();
        const move = (moved: PointerEvent) => set(from + moved.clientY);
        grip.addEventListener("pointermove", move);
        grip.addEventListener(
          "lostpointercapture",
          () => grip.removeEventListener("pointermove", move),
          {
            once: true,
          },
        );
      }}
    />
  );
}
