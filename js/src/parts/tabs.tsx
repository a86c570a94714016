import { useRef } from "preact/hooks";
import { count, exactCount } from "../core/format";
import type { Tab } from "../core/opening";
import type { Store } from "../store";

export const TABS: readonly { tab: Tab; name: string }[] = [
  { tab: "logs", name: "Logs" },
  { tab: "tasks", name: "Task runs" },
  { tab: "timeline", name: "Timeline" },
  { tab: "details", name: "Details" },
];

export function Tabs({ store, id }: { store: Store; id: string }) {
  const list = useRef<HTMLDivElement>(null);
  const selected = store.tab;
  const payload = store.payload;
  const counts: Partial<Record<Tab, number>> = {};
  if (payload?.logs) counts.logs = payload.logs.total;
  if (payload?.tasks) counts.tasks = payload.tasks.total;
  const isLowerBound = payload?.logs?.is_complete === false;

  const onKeyDown = (event: KeyboardEvent) => {
    const at = TABS.findIndex(({ tab }) => tab === selected);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[
      event.key
    ];
    if (next === undefined) return;
    event.preventDefault();
    const index = (next + TABS.length) % TABS.length;
    store.set({ tab: TABS[index]?.tab ?? "logs" });
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[index]?.focus();
  };

  return (
    <div class="tabs" role="tablist" aria-label="Parts of the run" ref={list} onKeyDown={onKeyDown}>
      {TABS.map(({ tab, name }) => {
        const n = counts[tab];
        return (
          <button
            key={tab}
            type="button"
            role="tab"
            class="tab"
            id={`${id}-${tab}`}
            aria-selected={tab === selected}
            aria-controls={`${id}-panel`}
            tabIndex={tab === selected ? 0 : -1}
            onClick={() => store.set({ tab })}
          >
            {name}
            {n !== undefined && (
              <span class="n" title={n >= 1e6 ? exactCount(n) : undefined}>
                {tab === "logs" && isLowerBound && "≥ "}
                {count(n)}
              </span>
            )}
          </button>
        );
      })}
    </div>
  );
}
