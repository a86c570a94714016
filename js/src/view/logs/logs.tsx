import { LEVELS } from "../../format/level";
import { plural } from "../../format/number";
import { clock } from "../../format/time";
import type { Changes, FileFormat, Header, Logs as LogsData } from "../../protocol/wire";
import { levelsIn, withLevel } from "../../query/levels";
import { canFollow, type LineMode } from "../../state/store";
import { useCard, useFields } from "../context";
import { Choice } from "../controls/choice";
import { Empty } from "../controls/empty";
import { Icon } from "../controls/icons";
import { Pill } from "../controls/pill";
import { Tool } from "../controls/tool";
import { ColumnMenu } from "./columns";
import { Filter } from "./filter";
import { Histogram } from "./histogram";
import { KeyList, pressLogs } from "./keys";
import { LinePanel } from "./panel";
import { Patterns } from "./patterns";
import { Pins } from "./pins";
import { LogRows } from "./rows";

/** The log lines of the run, and the controls for finding lines. */
export function Logs({ id }: { id: string }) {
  const card = useCard();
  const { payload, query, result, rows, view } = useFields(
    "payload",
    "query",
    "result",
    "rows",
    "view",
  );
  if (!payload) return null;
  const { logs, header, changes } = payload;
  if (!logs || logs.total === 0) return <NoLines header={header} logs={logs} />;
  const { hasText, isLooking } = card.logs;
  const isNothing =
    hasText && query.lines !== "all" && !isLooking && result?.hits === 0 && rows.total === 0;
  return (
    <div role="group" aria-label="Logs" class="logs" onKeyDown={(event) => pressLogs(event, card)}>
      <div class="stick">
        <Filter id={id} />
      </div>
      <div class="bar log-tools">
        <LevelPills logs={logs} />
        <span class="space" />
        <Modes />
        <Tools logs={logs} />
      </div>
      <ColumnMenu />
      <DownloadMenu />
      <KeyList />
      <Histogram id={id} />
      <Advice />
      <Pins />
      {changes && changes.new_lines > 0 && !payload.is_following && <NewLines changes={changes} />}
      {view === "patterns" ? <Patterns /> : isNothing ? <NoHit /> : <LogRows logs={logs} />}
      <LinePanel />
    </div>
  );
}

function NoLines({ header, logs }: { header: Header; logs: LogsData | null }) {
  const card = useCard();
  const fields = useFields("payload", "kernel");
  if (!logs?.is_complete) return <Empty head="Loading lines…" />;
  if (header.is_finished) return <Empty head="No log lines">This run wrote none.</Empty>;
  return (
    <Empty head="No log lines yet">
      The run is {header.state.name.toLowerCase()}. Its first line appears here
      {fields.payload?.is_following ? "." : " after a refresh. "}
      {canFollow(fields) && !fields.payload?.is_following && (
        <button type="button" class="link" onClick={() => card.follow()}>
          Follow this run
        </button>
      )}
    </Empty>
  );
}

const proposedIn = (advice: string | null | undefined) =>
  /Did you mean (.+)\?$/.exec(advice ?? "")?.[1];

/** Why nothing matches, while all lines are still shown. */
function Advice() {
  const { logs } = useCard();
  const { result, query } = useFields("result", "query");
  const advice = result?.advice;
  if (!advice || query.lines !== "all" || logs.isLooking) return null;
  return (
    <p class="filter-error" role="status">
      {advice}
    </p>
  );
}

/** Why nothing matches, with a button for the suggested term, if any. */
function NoHit() {
  const { logs } = useCard();
  const { result, viewport } = useFields("result", "viewport");
  const proposed = proposedIn(result?.advice);
  return (
    <div class="empty low" style={{ height: `${viewport ?? 200}px` }}>
      <b>No line matches</b>
      {result?.searched !== undefined && (
        <span>Only the {plural(result.searched, "loaded line")} were searched.</span>
      )}
      {result?.advice && <span>{result.advice}</span>}
      {proposed && (
        <button type="button" class="button" onClick={() => logs.replace(proposed)}>
          {proposed}
        </button>
      )}
    </div>
  );
}

const SHAPES = {
  critical: "diamond",
  error: "square",
  warning: "triangle",
  info: "disc",
  debug: "ring",
};

function LevelPills({ logs: data }: { logs: LogsData }) {
  const { logs, store } = useCard();
  const { query } = useFields("query");
  const shown = levelsIn(query.text);
  const occurring = LEVELS.filter((level) => data.levels[level] > 0);
  const press = (level: (typeof LEVELS)[number]) => {
    logs.type(withLevel(store.text, level, occurring));
    logs.remember();
  };
  return (
    <>
      {LEVELS.filter((level) => level !== "critical" || data.levels.critical > 0).map((level) => (
        <Pill
          key={level}
          class={`level-${level}`}
          name={level.replace(/./, (first) => first.toUpperCase())}
          n={data.levels[level]}
          what="line"
          isLowerBound={!data.is_complete}
          isOn={shown?.has(level) ?? true}
          onPress={() => press(level)}
        >
          <i class={`shape ${SHAPES[level]}`} />
        </Pill>
      ))}
    </>
  );
}

/** Switches between lines and patterns, and, with a filter text, between all lines, hits and context. */
function Modes() {
  const { logs, store } = useCard();
  const { query, view } = useFields("query", "view");
  const isLines = view === "lines";
  const lines: [name: string, mode: LineMode][] = logs.hasText
    ? [
        ["All lines", "all"],
        ["Only hits", "hits"],
        [`In context ±${query.context}`, "context"],
      ]
    : [["Lines", "auto"]];
  const chosen = logs.hasText ? lines.findIndex(([, mode]) => mode === query.lines) : 0;
  return (
    <Choice
      name="What to show"
      options={[...lines.map(([name]) => name), "Patterns"]}
      chosen={isLines ? chosen : lines.length}
      onChoose={(at) => {
        const mode = lines[at]?.[1];
        if (mode) logs.showLines(logs.hasText ? mode : store.lineMode);
        else store.change({ view: "patterns" });
      }}
    />
  );
}

function Tools({ logs: data }: { logs: LogsData }) {
  const { logs, store } = useCard();
  const { query, isWrapped, menu } = useFields("query", "isWrapped", "menu");
  const toggle = (name: NonNullable<typeof menu>) => () =>
    store.change({ menu: menu === name ? null : name });
  return (
    <span class="tools">
      {data.first_error !== null && (
        <button
          type="button"
          class="button quiet"
          aria-label="First error (E)"
          title="First error (E)"
          onClick={() => logs.find("error", 1, null)}
        >
          <Icon name="alert" />
          <span class="roomy-only">First error</span>
        </button>
      )}
      <Tool
        icon="sort"
        name="Newest first"
        isOn={query.is_newest_first}
        onPress={() => logs.show({ is_newest_first: !query.is_newest_first })}
      />
      <Tool
        icon="wrap"
        name="Wrap lines (W)"
        isOn={isWrapped}
        onPress={() => store.change({ isWrapped: !isWrapped })}
      />
      <Tool
        icon="columns"
        name="Columns and time zone"
        isOn={menu === "columns"}
        onPress={toggle("columns")}
      />
      <Tool icon="save" name="Download" isOn={menu === "download"} onPress={toggle("download")} />
      <Tool icon="keys" name="Keys (?)" isOn={menu === "keys"} onPress={toggle("keys")} />
    </span>
  );
}

const FORMATS: [format: FileFormat, name: string][] = [
  ["csv", "CSV"],
  ["jsonl", "JSON lines"],
  ["txt", "text"],
];

function DownloadMenu() {
  const card = useCard();
  const { menu } = useFields("menu", "query");
  if (menu !== "download") return null;
  const isFiltered = card.logs.hasText && card.store.query.lines !== "all";
  return (
    <div class="bar menu" role="group" aria-label="Download">
      {(isFiltered ? [false, true] : [true]).map((isAll) =>
        FORMATS.map(([format, name]) => (
          <button
            key={`${isAll} ${format}`}
            type="button"
            class="button"
            onClick={() => card.download(isAll, format)}
          >
            {isAll ? "Every line" : "These lines"} as {name}
          </button>
        )),
      )}
    </div>
  );
}

function NewLines({ changes }: { changes: Changes }) {
  const { logs } = useCard();
  const { zone } = useFields("zone");
  const first = changes.first_seq;
  return (
    <div class="divider-line">
      <span>
        <b>{plural(changes.new_lines, "new line")}</b> since {clock(changes.since, zone)}
      </span>
      {first !== null && (
        <button type="button" class="link" onClick={() => logs.showLine(first)}>
          Go to the first
        </button>
      )}
    </div>
  );
}
