import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { count } from "../core/format";
import { hueOf, type StateCount, stateCounts } from "../core/states";
import { isRetried, matching, type Sorting, tableRows } from "../core/tasks";
import type { TaskRun } from "../core/wire";
import type { Store } from "../store";
import { Empty } from "./empty";
import { Icon, StateMark } from "./icons";
import { TaskTable } from "./task-table";

export function Tasks({ store }: { store: Store }) {
  const runs = store.tasks.value;
  if (!runs || runs.length === 0) return <NoTasks isRead={runs !== null} />;
  return <Explorer store={store} runs={runs} />;
}

export function NoTasks({ isRead }: { isRead: boolean }) {
  if (!isRead) return <Empty head="No task runs yet">They are being read.</Empty>;
  return <Empty head="No task runs">This run has started none.</Empty>;
}

const STARTED: Sorting = { key: "started", isDescending: false };

function Explorer({ store, runs }: { store: Store; runs: readonly TaskRun[] }) {
  const text = useSignal("");
  const hidden = useSignal<ReadonlySet<string>>(new Set());
  const onlyRetried = useSignal(false);
  const isGrouped = useSignal(true);
  const sorting = useSignal(STARTED);
  const open = useSignal<ReadonlySet<string>>(new Set());
  const limits = useSignal<ReadonlyMap<string, number>>(new Map());
  const field = useRef<HTMLInputElement>(null);
  const counts = stateCounts(runs);

  const wanted = store.taskState.value;
  useEffect(() => {
    if (wanted === null) return;
    const names = counts
      .filter(({ state }) => state.family !== wanted)
      .map(({ state }) => state.name);
    hidden.value = new Set(names);
    isGrouped.value = false;
    store.taskState.value = null;
  }, [wanted]);

  const shown = matching(runs, {
    text: text.value,
    hidden: hidden.value,
    onlyRetried: onlyRetried.value,
  });
  const rows = tableRows(shown, {
    isGrouped: isGrouped.value,
    sorting: sorting.value,
    open: open.value,
    limits: limits.value,
  });
  const hasGroups = runs.some((run) => run.group !== null);
  const clear = () => {
    text.value = "";
    hidden.value = new Set();
    onlyRetried.value = false;
  };

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
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
        </label>
        <StatePills counts={counts} hidden={hidden} />
        <RetriedPill n={runs.filter(isRetried).length} isOn={onlyRetried} />
        <span class="sp" />
        {hasGroups && <Grouping isGrouped={isGrouped} />}
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
        <TaskTable
          store={store}
          rows={rows}
          runs={runs}
          sorting={sorting}
          open={open}
          limits={limits}
        />
      )}
    </div>
  );
}

interface PillsProps {
  counts: StateCount[];
  hidden: Signal<ReadonlySet<string>>;
}

/** A press shows one state alone; a press on the only one shows all again. */
function StatePills({ counts, hidden }: PillsProps) {
  const names = counts.map(({ state }) => state.name);
  const press = (name: string) => {
    const next = new Set(hidden.value);
    if (next.size === 0) for (const other of names) next.add(other);
    if (next.has(name)) next.delete(name);
    else next.add(name);
    hidden.value = next.size === names.length ? new Set() : next;
  };
  return (
    <>
      {counts.map(({ state, count: n }) => (
        <button
          key={state.name}
          type="button"
          class={`lv ${hueOf(state.family)}`}
          aria-pressed={!hidden.value.has(state.name)}
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

function RetriedPill({ n, isOn }: { n: number; isOn: Signal<boolean> }) {
  if (n === 0) return null;
  return (
    <button
      type="button"
      class={`lv only ${isOn.value ? "on" : ""}`}
      aria-pressed={isOn.value}
      aria-label={`Only retried, ${count(n)} task runs`}
      onClick={() => {
        isOn.value = !isOn.value;
      }}
    >
      <span class="st c-retry">
        <StateMark icon="loop" />
      </span>
      Retried <span class="n">{count(n)}</span>
    </button>
  );
}

function Grouping({ isGrouped }: { isGrouped: Signal<boolean> }) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    isGrouped.value = !isGrouped.value;
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
          aria-checked={isGrouped.value === value}
          tabIndex={isGrouped.value === value ? 0 : -1}
          onClick={() => {
            isGrouped.value = value;
          }}
        >
          {value ? "Grouped" : "Flat"}
        </button>
      ))}
    </span>
  );
}
