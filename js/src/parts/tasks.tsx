import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { count, duration, plural } from "../core/format";
import { hueOf, inOrder } from "../core/states";
import { isRetried, matching, type TaskRun, tableRows } from "../core/tasks";
import type { Payload, Icon as StateIcon, TaskRuns } from "../core/wire";
import type { Store } from "../store";
import { showLines, wantTasks } from "../task-store";
import { drawChoice } from "./choice";
import { drawEmpty } from "./empty";
import { icon, stateMark } from "./icons";
import { Pill } from "./pill";
import { TaskTable } from "./task-table";

interface Props {
  store: Store;
  payload: Payload;
  tasks: TaskRuns;
  runs: readonly TaskRun[];
}

/** Asks for the task runs, and shows them by a part once there are any. */
export function withTasks(Part: (props: Props) => JSX.Element) {
  return ({ store }: { store: Store }) => {
    const { payload, tasks: runs } = store;
    useEffect(() => wantTasks(store), [store, payload]);
    const tasks = payload?.tasks;
    if (!tasks || !runs) return drawEmpty("No task runs yet", "They are being read.");
    if (tasks.total === 0) return drawEmpty("No task runs", "This run has started none.");
    return <Part store={store} payload={payload} tasks={tasks} runs={runs} />;
  };
}

/** What is selected, and what the timeline leaves out: for the footer. */
export function drawTaskWords(store: Store) {
  const { picked, payload, isIdleFolded, tab } = store;
  const idle = payload?.idle ?? [];
  const gaps = idle.reduce((sum, [from, to]) => sum + (to - from) / 1e6, 0);
  return (
    <>
      {picked && (
        <span>
          <code>{picked.label}</code> selected: {plural(picked.lines, "line")}{" "}
          <button
            type="button"
            class="lnk go"
            onClick={() => showLines(store, picked, false, true)}
          >
            Show in logs
          </button>
        </span>
      )}
      {tab === "timeline" && isIdleFolded && gaps > 0 && (
        <span>
          idle {idle.length > 1 ? "gaps" : "gap"} of {duration(gaps)} folded
        </span>
      )}
    </>
  );
}

export const Tasks = withTasks(({ store, payload, tasks, runs }) => {
  const field = useRef<HTMLInputElement>(null);
  const {
    taskText: text,
    hiddenStates: hidden,
    onlyRetried,
    isGrouped,
    sorting,
    openGroups,
  } = store;
  const shown = useMemo(
    () => matching(runs, { text, hidden, onlyRetried }),
    [runs, text, hidden, onlyRetried],
  );
  const rows = useMemo(
    () => tableRows(shown, isGrouped, sorting, openGroups),
    [shown, isGrouped, sorting, openGroups],
  );
  const retried = useMemo(() => runs.filter(isRetried).length, [runs]);
  const names = tasks.states.map(([{ name }]) => name);
  /** A press shows one state alone; a press on the only one shows all again. */
  const press = (name: string) => {
    const next = new Set(hidden.size === 0 ? names : hidden);
    if (!next.delete(name)) next.add(name);
    store.change({ hiddenStates: next.size === names.length ? new Set() : next });
  };

  return (
    <div
      role="group"
      aria-label="Task runs"
      onKeyDown={({ key, target }) => {
        const isSlash = key === "/" && target !== field.current;
        if (isSlash) field.current?.focus();
        return isSlash;
      }}
    >
      <div class="bar">
        <label class="flt find">
          {icon("search")}
          <input
            ref={field}
            aria-label="Find a task run"
            placeholder="Find a task run"
            spellcheck={false}
            autocomplete="off"
            value={text}
            onInput={(event) => store.change({ taskText: event.currentTarget.value })}
          />
        </label>
        {inOrder(tasks.states).map(([{ name, family, icon }, n]) => (
          <Pill
            key={name}
            kind={hueOf(family)}
            name={name}
            n={n}
            what="task run"
            isOn={!hidden.has(name)}
            act={() => press(name)}
          >
            {mark(icon, hueOf(family))}
          </Pill>
        ))}
        {retried > 0 && (
          <Pill
            kind={onlyRetried ? "only on" : "only"}
            name="Retried"
            n={retried}
            what="task run"
            isOn={onlyRetried}
            act={() => store.change({ onlyRetried: !onlyRetried })}
          >
            {mark("loop", "c-retry")}
          </Pill>
        )}
        <span class="sp" />
        {runs.some((run) => run.group !== null) &&
          drawChoice("Mapped task runs", ["Grouped", "Flat"], isGrouped ? 0 : 1, (at) =>
            store.change({ isGrouped: at === 0 }),
          )}
      </div>
      <p class="vh" role="status">
        {shown.length < runs.length &&
          `${count(shown.length)} of ${count(runs.length)} task runs match`}
      </p>
      {shown.length > 0 ? (
        <TaskTable store={store} payload={payload} rows={rows} runs={runs} />
      ) : (
        <div class="empty low">
          <b>No task run matches</b>
          <button
            type="button"
            class="lnk"
            onClick={() =>
              store.change({ taskText: "", hiddenStates: new Set(), onlyRetried: false })
            }
          >
            Show all {count(runs.length)}
          </button>
        </div>
      )}
    </div>
  );
});

const mark = (icon: StateIcon, hue: string) => <span class={`st ${hue}`}>{stateMark(icon)}</span>;
