import { clock, count, exactCount, fraction, utc } from "../core/format";
import { levelOf, levelWord } from "../core/levels";
import type { Opened, Store } from "../store";
import { CopyButton } from "./copy";
import { Icon } from "./icons";
import { lineText } from "./line";
import { Message } from "./message";

/** The whole of one line, below the rows. */
export function LinePanel({ store }: { store: Store }) {
  const opened = store.opened;
  if (!opened) return null;
  const { row, position, message } = opened;
  const name = `Line ${exactCount(position + 1)}`;
  const close = () => {
    store.set({ opened: null });
    store.goTo(position, "nearest", true);
  };
  return (
    <section
      class={`pn l-${levelOf(row)}`}
      aria-label={name}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
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
        <CopyButton kind="btn q" text={lineText(row, message ?? row[6])}>
          Copy
        </CopyButton>
        <button
          type="button"
          class="btn ic q"
          aria-label="Close (Esc)"
          title="Close (Esc)"
          onClick={close}
        >
          <Icon name="close" />
        </button>
      </div>
      <pre tabIndex={0}>
        <Message text={message ?? row[6]} />
      </pre>
      {message === null && <Rest opened={opened} />}
    </section>
  );
}

function Rest({ opened: { row } }: { opened: Opened }) {
  return (
    <p class="pn-f" role="status">
      The first {count(row[6].length)} of {count(row[7])} characters. The rest is on its way.
    </p>
  );
}
