import { count, exactCount } from "../format/number";
import type { Tab } from "../state/initial-view";
import { useCard, useFields } from "./context";
import { rove } from "./controls/choice";

export const TABS: readonly [tab: Tab, name: string][] = [
  ["logs", "Logs"],
  ["tasks", "Task runs"],
  ["timeline", "Timeline"],
  ["details", "Details"],
];

/** The parts of the card, one of which is shown. */
export function Tabs({ id }: { id: string }) {
  const { store } = useCard();
  const { payload, tab: selected } = useFields("payload", "tab");
  const { logs, tasks } = payload ?? {};
  const chosen = TABS.findIndex(([tab]) => tab === selected);
  const totals = [logs?.total, tasks?.total];
  return (
    <div
      class="tabs"
      role="tablist"
      aria-label="Parts of the run"
      onKeyDown={(event) =>
        /^Arrow(Up|Down)$/.test(event.key) ||
        rove(event, (next) => store.change({ tab: TABS[next]?.[0] ?? "logs" }))
      }
    >
      {TABS.map(([tab, name], i) => {
        const n = totals[i];
        return (
          <button
            key={tab}
            type="button"
            role="tab"
            class="tab"
            id={`${id}-${tab}`}
            aria-selected={i === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={i === chosen ? 0 : -1}
            onClick={() => store.change({ tab })}
          >
            {name}
            {n !== undefined && (
              <span class="number" title={exactCount(n)}>
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
