import { useEffect, useRef } from "preact/hooks";
import { clock, count, exactCount, fraction } from "../core/format";
import { placeOf } from "../core/items";
import { hueOfLevel, levelOf, levelWord } from "../core/levels";
import { jsonOf } from "../core/message";
import type { LogRow } from "../core/wire";
import { pinLine } from "../evidence";
import type { Store } from "../store";
import { CopyButton } from "./copy";
import { lineText } from "./line";
import { drawMessage } from "./message";
import { drawTime } from "./time";
import { tool } from "./tool";

/** The whole of one line, below the rows; and the note of one that is being pinned. */
export function drawLinePanel(store: Store) {
  const { opened, noting } = store;
  return (
    <>
      {noting && <Note key={noting[0]} store={store} row={noting} />}
      {opened && drawWhole(store, opened.row, opened.message)}
    </>
  );
}

function back(store: Store, seq: number): void {
  const place = placeOf(store.held, seq);
  if (place !== null) store.reading.goTo(place, "nearest", true);
}

function Note({ store, row }: { store: Store; row: LogRow }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const end = (isKept: boolean) => {
    if (isKept) pinLine(store, row, field.current?.value ?? "");
    store.change({ noting: null });
    back(store, row[0]);
  };
  return (
    <div class="bar pn">
      <label class="flt note-f">
        <span class="d">Line {exactCount(row[8] + 1)} is pinned. Note</span>
        <input
          ref={field}
          maxLength={500}
          onKeyDown={({ key }) => {
            const isEnd = key === "Enter" || key === "Escape";
            if (isEnd) end(key === "Enter");
            return isEnd;
          }}
        />
      </label>
      <button type="button" class="btn" onClick={() => end(true)}>
        Keep
      </button>
    </div>
  );
}

function drawWhole(store: Store, row: LogRow, message: string | null) {
  const name = `Line ${exactCount(row[8] + 1)}`;
  const text = message ?? row[6];
  const value = message === null || text.length > 1e6 ? undefined : jsonOf(text);
  const close = () => {
    store.change({ opened: null });
    back(store, row[0]);
  };
  return (
    <section
      class={`pn ${hueOfLevel(levelOf(row))}`}
      aria-label={name}
      onKeyDown={({ key, defaultPrevented }) => {
        const isClosing = key === "Escape" && !defaultPrevented;
        if (isClosing) close();
        return isClosing;
      }}
    >
      <div class="pn-h">
        <b>{name}</b>
        {drawTime(row[1], clock(row[1], store.zone) + fraction(row[1], 6))}
        <span class="lvl">{levelWord(row)}</span>
        <code class="task">{row[4] ?? "flow"}</code>
        {row[5] !== null && <span class="d opt">{row[5]}</span>}
        <span class="sp" />
        <CopyButton kind="btn q" text={lineText(row, text)}>
          Copy
        </CopyButton>
        {tool("close", "Close (Esc)", close)}
      </div>
      <pre tabIndex={0}>
        {drawMessage(
          value === undefined ? text : JSON.stringify(value, null, 2),
          store.reading.marks(),
        )}
      </pre>
      {message === null && (
        <p class="pn-f" role="status">
          The first {count([...row[6]].length)} of {count(row[7])} characters. The rest is on its
          way.
        </p>
      )}
    </section>
  );
}
