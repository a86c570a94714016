import { useEffect, useRef } from "preact/hooks";
import { clock, count, exactCount, fraction, utc } from "../core/format";
import { placeOf } from "../core/items";
import { levelOf, levelWord } from "../core/levels";
import { jsonOf } from "../core/message";
import type { LogRow } from "../core/wire";
import type { Store } from "../store";
import { CopyButton } from "./copy";
import { Tool } from "./filter";
import { lineText } from "./line";
import { Message } from "./message";

/** The whole of one line, below the rows; and the note of one that is being pinned. */
export function LinePanel({ store }: { store: Store }) {
  const { opened, noting } = store;
  return (
    <>
      {noting && <Note key={noting[0]} store={store} row={noting} />}
      {opened && <Whole store={store} row={opened.row} message={opened.message} />}
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
    if (isKept) store.reading.pin(row, field.current?.value ?? "");
    store.set({ noting: null });
    back(store, row[0]);
  };
  return (
    <div class="bar pn">
      <label class="flt note-f">
        <span class="d">Line {exactCount(row[8] + 1)} is pinned. Note</span>
        <input
          ref={field}
          type="text"
          maxLength={500}
          onKeyDown={(event) => {
            if (event.key !== "Enter" && event.key !== "Escape") return;
            event.preventDefault();
            end(event.key === "Enter");
          }}
        />
      </label>
      <button type="button" class="btn" onClick={() => end(true)}>
        Keep
      </button>
    </div>
  );
}

function Whole({ store, row, message }: { store: Store; row: LogRow; message: string | null }) {
  const name = `Line ${exactCount(row[8] + 1)}`;
  const text = message ?? row[6];
  const value = message === null || text.length > 1e6 ? undefined : jsonOf(text);
  const close = () => {
    store.set({ opened: null });
    back(store, row[0]);
  };
  return (
    <section
      class={`pn l-${levelOf(row)}`}
      aria-label={name}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        close();
      }}
    >
      <div class="pn-h">
        <b>{name}</b>
        <time dateTime={utc(row[1])} title={utc(row[1])}>
          {clock(row[1], store.zone)}
          {fraction(row[1], 6)}
        </time>
        <span class="lvl">{levelWord(row)}</span>
        <code class="task">{row[4] ?? "flow"}</code>
        {row[5] !== null && <span class="d opt">{row[5]}</span>}
        <span class="sp" />
        <CopyButton kind="btn q" text={lineText(row, text)}>
          Copy
        </CopyButton>
        <Tool icon="close" name="Close (Esc)" act={close} />
      </div>
      <pre tabIndex={0}>
        <Message
          text={value === undefined ? text : JSON.stringify(value, null, 2)}
          marks={store.reading.marks}
        />
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
