import { useMemo } from "preact/hooks";
import { clock, count, exactCount, plural } from "../core/format";
import { LEVELS, levelsIn, withLevel } from "../core/levels";
import type { Changes, Header, Logs as LogsData, Look } from "../core/wire";
import type { Store } from "../store";
import { Empty } from "./empty";
import { Filter, Tool } from "./filter";
import { Histogram } from "./histogram";
import { Icon } from "./icons";
import { KeyList, pressLogs } from "./keys";
import { LinePanel } from "./panel";
import { Patterns } from "./patterns";
import { Pins } from "./pins";
import { LogRows } from "./rows";

export function Logs({ store, id }: { store: Store; id: string }) {
  const { payload, looked, look, text, width, zone, hoverTime } = store;
  const histogram = useMemo(
    () => <Histogram store={store} id={id} />,
    [payload, looked, look, text, width, zone, hoverTime],
  );
  if (!payload) return null;
  const { logs, header, changes } = payload;
  if (!logs || logs.total === 0)
    return <NoLines header={header} isRead={logs?.is_complete ?? false} />;
  const isNothing = store.reading.hasText && !store.reading.isLooking && store.looked?.hits === 0;
  return (
    <div
      role="group"
      aria-label="Logs"
      onKeyDown={(event) => {
        if (pressLogs(event, store)) event.preventDefault();
      }}
    >
      <div class="stick">
        <Filter store={store} id={id}>
          {!store.reading.hasText && <Modes store={store} />}
        </Filter>
      </div>
      <div class="bar cnts">
        <LevelPills store={store} logs={logs} />
        <span class="sp" />
        {store.reading.hasText && <Modes store={store} />}
        <Tools store={store} logs={logs} />
      </div>
      {store.menu === "download" && <Download store={store} />}
      <KeyList store={store} />
      {histogram}
      <Pins store={store} />
      {changes && changes.new_lines > 0 && <NewLines store={store} changes={changes} />}
      {store.view === "patterns" ? (
        <Patterns store={store} />
      ) : isNothing ? (
        <NoHit store={store} />
      ) : (
        <LogRows store={store} logs={logs} />
      )}
      <LinePanel store={store} />
    </div>
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

/** Why nothing fits; what it proposes instead can be taken over. */
function NoHit({ store }: { store: Store }) {
  const { advice } = store.looked ?? {};
  const [, proposed] = /Did you mean (.+)\?$/.exec(advice ?? "") ?? [];
  return (
    <div class="empty low" style={{ height: `${store.viewport ?? 200}px` }}>
      <b>No line matches</b>
      {advice && <span>{advice}</span>}
      {proposed && (
        <button type="button" class="btn" onClick={() => store.reading.replace(proposed)}>
          {proposed}
        </button>
      )}
    </div>
  );
}

function LevelPills({ store, logs }: { store: Store; logs: LogsData }) {
  const bound = logs.is_complete ? "" : "≥ ";
  const shown = levelsIn(store.look.text);
  const occur = LEVELS.map(({ level }) => level).filter((level) => logs.levels[level] > 0);
  return (
    <>
      {LEVELS.map(({ level, word, shape }) => {
        const n = logs.levels[level];
        if (level === "critical" && n === 0) return null;
        return (
          <button
            key={level}
            type="button"
            class={`lv l-${level}`}
            aria-pressed={shown?.has(level) ?? true}
            aria-label={`${word}, ${bound}${plural(n, "line")}`}
            title={n >= 1e6 ? exactCount(n) : undefined}
            onClick={() => store.reading.type(withLevel(store.text, level, occur))}
          >
            <i class={shape} />
            {word}{" "}
            <span class="n">
              {bound}
              {count(n)}
            </span>
          </button>
        );
      })}
    </>
  );
}

/** What the rows are: lines or patterns, and, with a text, whether lines round the hits are shown too. */
function Modes({ store }: { store: Store }) {
  const { look, view, reading } = store;
  const isLines = view === "lines";
  const lines = (context: Look["context"]) => () => {
    store.set({ view: "lines" });
    if (context !== look.context) reading.show({ context, opened: [] });
  };
  const modes: [name: string, isOn: boolean, act: () => void][] = reading.hasText
    ? [
        ["Only hits", isLines && look.context === null, lines(null)],
        ["In context ±2", isLines && look.context !== null, lines(2)],
      ]
    : [["Lines", isLines, lines(look.context)]];
  modes.push(["Patterns", !isLines, () => store.set({ view: "patterns" })]);
  const at = modes.findIndex(([, isOn]) => isOn);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = (at + by + modes.length) % modes.length;
    modes[next]?.[2]();
    (event.currentTarget as HTMLElement)
      .querySelectorAll<HTMLElement>("[role=radio]")
      [next]?.focus();
  };
  return (
    <span class="seg" role="radiogroup" aria-label="What to show" onKeyDown={onKeyDown}>
      {modes.map(([name, isOn, act]) => (
        <button
          key={name}
          type="button"
          class="btn"
          role="radio"
          aria-checked={isOn}
          tabIndex={isOn ? 0 : -1}
          onClick={act}
        >
          {name}
        </button>
      ))}
    </span>
  );
}

function Tools({ store, logs }: { store: Store; logs: LogsData }) {
  const { reading, look, isWrapped, menu } = store;
  const toggle = (name: typeof menu) => () => store.set({ menu: menu === name ? null : name });
  return (
    <span class="tools">
      {logs.first_error !== null && (
        <button
          type="button"
          class="btn q"
          aria-label="First error (E)"
          title="First error (E)"
          onClick={() => reading.find("error", 1, null)}
        >
          <Icon name="alert" />
          <span class="opt">First error</span>
        </button>
      )}
      <Tool
        icon="sort"
        name="Newest first"
        isOn={look.is_newest_first}
        act={() => reading.show({ is_newest_first: !look.is_newest_first })}
      />
      <Tool
        icon="wrap"
        name="Wrap lines (W)"
        isOn={isWrapped}
        act={() => store.set({ isWrapped: !isWrapped })}
      />
      <Tool icon="save" name="Download" isOn={menu === "download"} act={toggle("download")} />
      <Tool icon="keys" name="Keys (?)" isOn={menu === "keys"} act={toggle("keys")} />
    </span>
  );
}

function Download({ store }: { store: Store }) {
  const { reading } = store;
  const whats = reading.hasText ? [false, true] : [true];
  return (
    <div class="bar menu" role="group" aria-label="Download">
      {whats.map((isAll) =>
        (["csv", "jsonl"] as const).map((format) => (
          <button
            key={`${isAll}${format}`}
            type="button"
            class="btn"
            onClick={() => store.download(isAll, format)}
          >
            {isAll ? "Every line" : "These lines"} as {format === "csv" ? "CSV" : "JSON lines"}
          </button>
        )),
      )}
    </div>
  );
}

function NewLines({ store, changes }: { store: Store; changes: Changes }) {
  const first = changes.first_seq;
  return (
    <div class="div acc">
      <span>
        <b>{plural(changes.new_lines, "new line")}</b> since {clock(changes.since, store.zone)}
      </span>
      {first !== null && (
        <button type="button" class="lnk" onClick={() => store.reading.showLine(first)}>
          Go to the first
        </button>
      )}
    </div>
  );
}
