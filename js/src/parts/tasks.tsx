import { useRef } from "preact/hooks";
import { count } from "../core/format";
import { hueOf, type StateCount, stateCounts } from "../core/states";
import { isRetried, matching, tableRows } from "../core/tasks";
import type { TaskRun } from "../core/wire";
import type { Store } from "../store";
import { Empty } from "./empty";
import { Icon, StateMark } from "./icons";
import { TaskTable } from "./task-table";

export function Tasks({ store }: { store: Store }) {
  const runs = store.tasks;
  if (!runs || runs.length === 0) return <NoTasks isRead={runs !== null} />;
  return <Explorer store={store} runs={runs} />;
}

export function NoTasks({ isRead }: { isRead: boolean }) {
  if (!isRead) return <Empty head="No task runs yet">They are being read.</Empty>;
  return <Empty head="No task runs">This run has started none.</Empty>;
}

function Explorer({ store, runs }: { store: Store; runs: readonly TaskRun[] }) {
  const field = useRef<HTMLInputElement>(null);
  const counts = stateCounts(runs);

  const shown = matching(runs, {
    text: store.taskText,
    hidden: store.hiddenStates,
    onlyRetried: store.onlyRetried,
  });
  const rows = tableRows(shown, {
    isGrouped: store.isGrouped,
    sorting: store.sorting,
    open: store.openGroups,
    limits: store.taskLimits,
  });
  const hasGroups = runs.some((run) => run.group !== null);
  const clear = () => store.set({ taskText: "", hiddenStates: new Set(), onlyRetried: false });

  return (
    <div
      role="group"
      aria-label="Task runs"
      onKeyDown={(event) => {
        if (event.key !== "/" || event.target === field.current) return;
        event.preventDefault();
        field.current?.focus();
      }}
    >
      <div class="bar">
        <label class="flt find">
          <Icon name="search" />
          <input
            ref={field}
            type="text"
            aria-label="Find a task run"
            placeholder="Find a task run"
            spellcheck={false}
            autocomplete="off"
            value={store.taskText}
            onInput={(event) => store.set({ taskText: event.currentTarget.value })}
          />
        </label>
        <StatePills store={store} counts={counts} />
        <RetriedPill store={store} n={runs.filter(isRetried).length} />
        <span class="sp" />
        {hasGroups && <Grouping store={store} />}
      </div>
      <p class="vh" role="status">
        {shown.length < runs.length &&
          `${count(shown.length)} of ${count(runs.length)} task runs match`}
      </p>
      {shown.length === 0 ? (
        <div class="empty low">
          <b>No task run matches</b>
          <button type="button" class="lnk" onClick={clear}>
            Show all {count(runs.length)}
          </button>
        </div>
      ) : (
        <TaskTable store={store} rows={rows} runs={runs} />
      )}
    </div>
  );
}

/** A press shows one state alone; a press on the only one shows all again. */
function StatePills({ store, counts }: { store: Store; counts: StateCount[] }) {
  const names = counts.map(({ state }) => state.name);
  const press = (name: string) => {
    const next = new Set(store.hiddenStates);
    if (next.size === 0) for (const other of names) next.add(other);
    if (next.has(name)) next.delete(name);
    else next.add(name);
    store.set({ hiddenStates: next.size === names.length ? new Set() : next });
  };
  return (
    <>
      {counts.map(({ state, count: n }) => (
        <button
          key={state.name}
          type="button"
          class={`lv ${hueOf(state.family)}`}
          aria-pressed={!store.hiddenStates.has(state.name)}
          aria-label={`${state.name}, ${count(n)} task runs`}
          disabled={names.length === 1}
          onClick={() => press(state.name)}
        >
          <span class={`st ${hueOf(state.family)}`}>
            <StateMark icon={state.icon} />
          </span>
          {state.name} <span class="n">{count(n)}</span>
        </button>
      ))}
    </>
  );
}

function RetriedPill({ store, n }: { store: Store; n: number }) {
  const isOn = store.onlyRetried;
  if (n === 0) return null;
  return (
    <button
      type="button"
      class={`lv only ${isOn ? "on" : ""}`}
      aria-pressed={isOn}
      aria-label={`Only retried, ${count(n)} task runs`}
      onClick={() => store.set({ onlyRetried: !isOn })}
    >
      <span class="st c-retry">
        <StateMark icon="loop" />
      </span>
      Retried <span class="n">{count(n)}</span>
    </button>
  );
}

function Grouping({ store }: { store: Store }) {
  const { isGrouped } = store;
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    store.set({ isGrouped: !isGrouped });
    const list = event.currentTarget as HTMLElement;
    list.querySelector<HTMLElement>("[aria-checked=false]")?.focus();
  };
  return (
    <span class="seg" role="radiogroup" aria-label="Mapped task runs" onKeyDown={onKeyDown}>
      {[true, false].map((value) => (
        <button
          key={String(value)}
          type="button"
          class="btn"
          role="radio"
          aria-checked={isGrouped === value}
          tabIndex={isGrouped === value ? 0 : -1}
          onClick={() => store.set({ isGrouped: value })}
        >
          {value ? "Grouped" : "Flat"}
        </button>
      ))}
    </span>
  );
}
