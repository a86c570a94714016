import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { count, duration, plural } from "../../format/number";
import { familyClass, inOrder } from "../../format/state";
import type { Payload, TaskRuns } from "../../protocol/wire";
import { isRetried, matching, type TaskRun, tableRows } from "../../state/task-rows";
import { useCard, useFields } from "../context";
import { Choice } from "../controls/choice";
import { Empty } from "../controls/empty";
import { Icon, StateMark } from "../controls/icons";
import { Pill } from "../controls/pill";
import { TaskTable } from "./task-table";

interface Props {
  payload: Payload;
  tasks: TaskRuns;
  runs: readonly TaskRun[];
}

/** Requests the task runs, and shows them once there are any. */
export function withTasks(Part: (props: Props) => JSX.Element) {
  return function TaskPart() {
    const card = useCard();
    const { payload, tasks: runs } = useFields("payload", "tasks");
    useEffect(() => card.tasks.want(), [card, payload]);
    const tasks = payload?.tasks;
    if (!tasks || !runs) return <Empty head="Loading task runs…" />;
    if (tasks.total === 0) return <Empty head="No task runs">This run has started none.</Empty>;
    return <Part payload={payload} tasks={tasks} runs={runs} />;
  };
}

/** Text for the footer: the selection, and what the timeline leaves out. */
export function TaskWords() {
  const { tasks } = useCard();
  const { picked, payload, isIdleFolded, tab } = useFields(
    "picked",
    "payload",
    "isIdleFolded",
    "tab",
  );
  const idle = payload?.idle ?? [];
  const gaps = idle.reduce((sum, [from, to]) => sum + (to - from) / 1e6, 0);
  return (
    <>
      {picked && (
        <span>
          <code>{picked.label}</code> selected: {plural(picked.lines, "line")}{" "}
          <button type="button" class="link" onClick={() => tasks.showLines(picked, false, true)}>
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

export const Tasks = withTasks(({ payload, tasks, runs }) => {
  const { store } = useCard();
  const field = useRef<HTMLInputElement>(null);
  const {
    taskText: text,
    hiddenStates: hidden,
    onlyRetried,
    isGrouped,
    sorting,
    openGroups,
  } = useFields("taskText", "hiddenStates", "onlyRetried", "isGrouped", "sorting", "openGroups");
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
  /** A click shows one state alone; a click on the only one shows all again. */
  const press = (name: string) => {
    const next = new Set(hidden.size === 0 ? names : hidden);
    if (!next.delete(name)) next.add(name);
    store.change({ hiddenStates: next.size === names.length ? new Set() : next });
  };
  const showAll = () => store.change({ taskText: "", hiddenStates: new Set(), onlyRetried: false });

  return (
    <div
      role="group"
      aria-label="Task runs"
      onKeyDown={(event) => {
        const { key, ctrlKey, metaKey } = event;
        const isFind = key === "/" || (key === "f" && (ctrlKey || metaKey));
        if (!isFind || event.target === field.current) return;
        event.preventDefault();
        field.current?.focus();
        field.current?.select();
      }}
    >
      <div class="bar">
        <label class="filter-line find-task">
          <Icon name="search" />
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
            class={familyClass(family)}
            name={name}
            n={n}
            what="task run"
            isOn={!hidden.has(name)}
            onPress={() => press(name)}
          >
            <span class={`state ${familyClass(family)}`}>
              <StateMark icon={icon} />
            </span>
          </Pill>
        ))}
        {retried > 0 && (
          <Pill
            class={onlyRetried ? "only on" : "only"}
            name="Retried"
            n={retried}
            what="task run"
            isOn={onlyRetried}
            onPress={() => store.change({ onlyRetried: !onlyRetried })}
          >
            <span class="state is-retry">
              <StateMark icon="loop" />
            </span>
          </Pill>
        )}
        <span class="space" />
        {runs.some((run) => run.group !== null) && (
          <Choice
            name="Mapped task runs"
            options={["Grouped", "Flat"]}
            chosen={isGrouped ? 0 : 1}
            onChoose={(at) => store.change({ isGrouped: at === 0 })}
          />
        )}
      </div>
      <p class="unseen" role="status">
        {shown.length < runs.length &&
          `${count(shown.length)} of ${count(runs.length)} task runs match`}
      </p>
      {shown.length > 0 ? (
        <TaskTable payload={payload} rows={rows} runs={runs} />
      ) : (
        <div class="empty low">
          <b>No task run matches</b>
          <button type="button" class="link" onClick={showAll}>
            Show all {count(runs.length)}
          </button>
        </div>
      )}
    </div>
  );
});
