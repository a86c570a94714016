import { count, exactCount } from "../core/format";
import type { Tab } from "../core/opening";
import type { Store } from "../store";
import { rove } from "./choice";

export const TABS: readonly [tab: Tab, name: string][] = [
  ["logs", "Logs"],
  ["tasks", "Task runs"],
  ["timeline", "Timeline"],
  ["details", "Details"],
];

export function drawTabs(store: Store, id: string) {
  const { payload, tab: selected } = store;
  const { logs, tasks } = payload ?? {};
  const at = TABS.findIndex(([tab]) => tab === selected);
  const totals = [logs?.total, tasks?.total];
  return (
    <div
      class="tabs"
      role="tablist"
      aria-label="Parts of the run"
      onKeyDown={(event) => rove(event, (next) => store.change({ tab: TABS[next]?.[0] }))}
    >
      {TABS.map(([tab, name], i) => {
        const n = totals[i];
        return (
          <button
            key={i}
            type="button"
            role="tab"
            class="tab"
            id={`${id}-${tab}`}
            aria-selected={i === at}
            aria-controls={`${id}-panel`}
            tabIndex={i === at ? 0 : -1}
            onClick={() => store.change({ tab })}
          >
            {name}
            {n !== undefined && (
              <span class="n" title={exactCount(n)}>
                {i === 0 && !logs?.is_complete && "≥ "}
                {count(n)}
              </span>
            )}
          </button>
        );
      })}
    </div>
  );
}
