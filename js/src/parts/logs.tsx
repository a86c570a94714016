import { clock, count, exactCount } from "../core/format";
import { LEVELS } from "../core/levels";
import { positionOf } from "../core/rows";
import type { Changes, Header, Logs as LogsData } from "../core/wire";
import type { Store } from "../store";
import { Empty } from "./empty";
import { Icon } from "./icons";
import { LinePanel } from "./panel";
import { LogRows } from "./rows";

export function Logs({ store }: { store: Store }) {
  const payload = store.payload;
  if (!payload) return null;
  const { logs, header, changes } = payload;
  if (!logs || logs.total === 0)
    return <NoLines header={header} isRead={logs?.is_complete ?? false} />;
  return (
    <>
      <div class="bar">
        <LevelCounts logs={logs} />
        <span class="sp" />
        {logs.first_error !== null && <FirstError store={store} row={logs.first_error} />}
      </div>
      {changes && changes.new_lines > 0 && <NewLines store={store} logs={logs} changes={changes} />}
      <LogRows store={store} logs={logs} />
      <LinePanel store={store} />
    </>
  );
}

function NoLines({ header, isRead }: { header: Header; isRead: boolean }) {
  if (!isRead) return <Empty head="No log lines yet">The lines are being read.</Empty>;
  if (header.is_finished) return <Empty head="No log lines">This run wrote none.</Empty>;
  return (
    <Empty head="No log lines yet">
      The run is {header.state.name.toLowerCase()}. Its first line appears here after a refresh.
    </Empty>
  );
}

function LevelCounts({ logs }: { logs: LogsData }) {
  const bound = logs.is_complete ? "" : "≥ ";
  return (
    <ul class="lvs" aria-label="Lines by level">
      {LEVELS.map(({ level, word, shape }) => {
        const n = logs.levels[level];
        if (level === "critical" && n === 0) return null;
        return (
          <li key={level} class={`l-${level}`}>
            <i class={shape} />
            {word}{" "}
            <span class="n" title={n >= 1e6 ? exactCount(n) : undefined}>
              {bound}
              {count(n)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function FirstError({ store, row }: { store: Store; row: number }) {
  return (
    <button
      type="button"
      class="btn q"
      title={`First error, line ${exactCount(row + 1)} (E)`}
      onClick={() => store.showRow(row)}
    >
      <Icon name="alert" />
      First error
    </button>
  );
}

interface NewLinesProps {
  store: Store;
  logs: LogsData;
  changes: Changes;
}

function NewLines({ store, logs, changes }: NewLinesProps) {
  const first = () =>
    (changes.first_seq === null ? null : positionOf(store.rows, changes.first_seq)) ??
    logs.total - changes.new_lines;
  return (
    <div class="div acc stick">
      <span>
        <b>
          {count(changes.new_lines)} new {changes.new_lines === 1 ? "line" : "lines"}
        </b>{" "}
        since {clock(changes.since, store.zone)}
      </span>
      <button type="button" class="lnk" onClick={() => store.showRow(first())}>
        Go to the first
      </button>
    </div>
  );
}
