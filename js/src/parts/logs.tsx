import { useMemo } from "preact/hooks";
import { clock, plural } from "../core/format";
import { hueOfLevel, LEVELS, levelsIn, withLevel } from "../core/levels";
import type { Changes, Header, Logs as LogsData, Look } from "../core/wire";
import type { Store } from "../store";
import { drawChoice } from "./choice";
import { drawEmpty } from "./empty";
import { Filter } from "./filter";
import { Histogram } from "./histogram";
import { icon } from "./icons";
import { drawKeyList, pressLogs } from "./keys";
import { drawLinePanel } from "./panel";
import { Patterns } from "./patterns";
import { Pill } from "./pill";
import { drawPins } from "./pins";
import { LogRows } from "./rows";
import { tool } from "./tool";

export function Logs({ store, id }: { store: Store; id: string }) {
  const { payload, looked, look, text, width, zone, hoverTime } = store;
  const histogram = useMemo(
    () => <Histogram store={store} id={id} />,
    [payload, looked, look, text, width, zone, hoverTime],
  );
  if (!payload) return null;
  const { logs, header, changes } = payload;
  if (!logs || logs.total === 0) return drawNoLines(store, header, logs?.is_complete ?? false);
  const isNothing =
    store.reading.hasText() && !store.reading.isLooking() && store.looked?.hits === 0;
  return (
    <div role="group" aria-label="Logs" onKeyDown={(event) => pressLogs(event, store)}>
      <div class="stick">
        <Filter store={store} id={id}>
          {!store.reading.hasText() && drawModes(store)}
        </Filter>
      </div>
      <div class="bar cnts">
        {drawLevelPills(store, logs)}
        <span class="sp" />
        {store.reading.hasText() && drawModes(store)}
        {drawTools(store, logs)}
      </div>
      {store.menu === "download" && drawDownload(store)}
      {drawKeyList(store)}
      {histogram}
      {drawPins(store)}
      {changes && changes.new_lines > 0 && !payload.is_following && drawNewLines(store, changes)}
      {store.view === "patterns" ? (
        <Patterns store={store} />
      ) : isNothing ? (
        drawNoHit(store)
      ) : (
        <LogRows store={store} logs={logs} />
      )}
      {drawLinePanel(store)}
    </div>
  );
}

function drawNoLines(store: Store, header: Header, isRead: boolean) {
  if (!isRead) return drawEmpty("No log lines yet", "The lines are being read.");
  if (header.is_finished) return drawEmpty("No log lines", "This run wrote none.");
  return drawEmpty(
    "No log lines yet",
    <>
      The run is {header.state.name.toLowerCase()}. Its first line appears here
      {store.payload?.is_following ? (
        "."
      ) : (
        <>
          {" "}
          after a refresh.{" "}
          {store.canFollow && (
            <button type="button" class="lnk" onClick={() => store.follow()}>
              Follow this run
            </button>
          )}
        </>
      )}
    </>,
  );
}

/** Why nothing fits; what it proposes instead can be taken over. */
function drawNoHit(store: Store) {
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

function drawLevelPills(store: Store, logs: LogsData) {
  const shown = levelsIn(store.look.text);
  const occur = LEVELS.map(([level]) => level).filter((level) => logs.levels[level] > 0);
  return (
    <>
      {LEVELS.map(([level, shape]) => {
        const n = logs.levels[level];
        if (level === "critical" && n === 0) return null;
        return (
          <Pill
            key={level}
            kind={hueOfLevel(level)}
            name={level.replace(/./, (first) => first.toUpperCase())}
            n={n}
            what="line"
            bound={logs.is_complete ? "" : "≥ "}
            isOn={shown?.has(level) ?? true}
            act={() => store.reading.type(withLevel(store.text, level, occur))}
          >
            <i class={shape} />
          </Pill>
        );
      })}
    </>
  );
}

/** What the rows are: lines or patterns, and, with a text, whether lines round the hits are shown too. */
function drawModes(store: Store) {
  const { look, view, reading } = store;
  const isLines = view === "lines";
  const lines = (context: Look["context"]) => () => {
    store.change({ view: "lines" });
    if (context !== look.context) reading.show({ context, opened: [] });
  };
  const modes: [name: string, isOn: boolean, act: () => void][] = reading.hasText()
    ? [
        ["Only hits", isLines && look.context === null, lines(null)],
        ["In context ±2", isLines && look.context !== null, lines(2)],
      ]
    : [["Lines", isLines, lines(look.context)]];
  modes.push(["Patterns", !isLines, () => store.change({ view: "patterns" })]);
  return drawChoice(
    "What to show",
    modes.map(([name]) => name),
    modes.findIndex(([, isOn]) => isOn),
    (at) => modes[at]?.[2](),
  );
}

function drawTools(store: Store, logs: LogsData) {
  const { reading, look, isWrapped, menu } = store;
  const toggle = (name: typeof menu) => () => store.change({ menu: menu === name ? null : name });
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
          {icon("alert")}
          <span class="opt">First error</span>
        </button>
      )}
      {tool(
        "sort",
        "Newest first",
        () => reading.show({ is_newest_first: !look.is_newest_first }),
        look.is_newest_first,
      )}
      {tool("wrap", "Wrap lines (W)", () => store.change({ isWrapped: !isWrapped }), isWrapped)}
      {tool("save", "Download", toggle("download"), menu === "download")}
      {tool("keys", "Keys (?)", toggle("keys"), menu === "keys")}
    </span>
  );
}

function drawDownload(store: Store) {
  const { reading } = store;
  const whats = reading.hasText() ? [false, true] : [true];
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

function drawNewLines(store: Store, changes: Changes) {
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
