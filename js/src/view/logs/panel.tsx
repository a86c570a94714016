import { useLayoutEffect, useRef } from "preact/hooks";
import { lineText } from "../../engine/text";
import { levelOf, levelWord } from "../../format/level";
import { jsonOf } from "../../format/message";
import { count, exactCount } from "../../format/number";
import { clock, fraction, zoneName } from "../../format/time";
import type { LogRow } from "../../protocol/wire";
import type { Card } from "../../state/card";
import { placeOf } from "../../state/row-cache";
import { useCard, useFields } from "../context";
import { CopyButton } from "../controls/copy-button";
import { Message } from "../controls/message";
import { Time } from "../controls/time";
import { Tool } from "../controls/tool";
import { JsonTree } from "./json-tree";
import { SelectionMenu } from "./selection-menu";

const MAX_JSON_CHARS = 1_000_000;

const nameOf = (row: LogRow) => (row[8] === null ? "This line" : `Line ${exactCount(row[8] + 1)}`);

/** The panel below the rows: the full text of one line, or the note of a line that is being pinned. */
export function LinePanel() {
  const { opened, noting } = useFields("opened", "noting");
  return (
    <>
      {noting && <Note key={noting[0]} row={noting} />}
      {opened && <WholeLine key={opened.row[0]} row={opened.row} message={opened.message} />}
    </>
  );
}

function goBack({ store, logs }: Card, seq: number): void {
  const place = placeOf(store.rows, seq);
  if (place !== null) logs.goTo(place, "nearest", true);
}

function Note({ row }: { row: LogRow }) {
  const card = useCard();
  const field = useRef<HTMLInputElement>(null);
  // The next key belongs to the note.
  useLayoutEffect(() => field.current?.focus(), []);
  const end = (isKept: boolean) => {
    if (isKept) card.pins.set(row, field.current?.value ?? "");
    card.store.change({ noting: null });
    goBack(card, row[0]);
  };
  return (
    <div class="bar panel">
      <label class="filter-line note-line">
        <span class="dim">{nameOf(row)} is pinned. Note</span>
        <input
          ref={field}
          maxLength={500}
          dir="auto"
          onKeyDown={(event) => {
            const isEnd = event.key === "Enter" || event.key === "Escape";
            if (!isEnd || event.isComposing || event.keyCode === 229) return;
            event.preventDefault();
            end(event.key === "Enter");
          }}
        />
      </label>
      <button type="button" class="button" onClick={() => end(true)}>
        Keep
      </button>
    </div>
  );
}

function WholeLine({ row, message }: { row: LogRow; message: string | null }) {
  const card = useCard();
  const { zone } = useFields("zone", "rows");
  const area = useRef<HTMLElement>(null);
  const text = message ?? row[6];
  const value = message === null || text.length > MAX_JSON_CHARS ? undefined : jsonOf(text);
  const close = () => {
    card.store.change({ opened: null });
    goBack(card, row[0]);
  };
  return (
    <section
      ref={area}
      class={`panel level-${levelOf(row)}`}
      aria-label={nameOf(row)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        close();
      }}
    >
      <div class="panel-head">
        <b>{nameOf(row)}</b>
        <Time at={row[1]}>
          {clock(row[1], zone) + fraction(row[1], 6)} {zoneName(row[1], zone)}
        </Time>
        <span class="panel-level">{levelWord(row)}</span>
        <code class="task-name">{row[4] ?? "flow"}</code>
        {row[5] !== null && <bdi class="dim wide-only">{row[5]}</bdi>}
        <span class="space" />
        <CopyButton class="button quiet" text={lineText(row, text)}>
          Copy
        </CopyButton>
        <Tool icon="close" name="Close (Esc)" onPress={close} />
      </div>
      {value === undefined ? (
        <pre class="whole-message" tabIndex={0} dir="auto">
          <Message text={text} markers={card.logs.markers} />
        </pre>
      ) : (
        <JsonTree value={value} text={text} />
      )}
      {message === null && (
        <p class="panel-foot" role="status">
          The first {count([...row[6]].length)} of {count(row[7])} characters. The rest is loading.
        </p>
      )}
      <SelectionMenu area={area} />
    </section>
  );
}
