import { count, duration, exactCount, momentNear, span } from "../core/format";
import { errorParts, type Frame, tracebackOf } from "../core/traceback";
import type { Digest, TaskRun } from "../core/wire";
import type { Store } from "../store";
import { CopyButton } from "./copy";
import { Icon, StateMark } from "./icons";
import { Message } from "./message";
import { Time } from "./time";

const FRAMES = 2;
const LINES = 8;

export function DigestBox({ store, digest }: { store: Store; digest: Digest }) {
  const run = store.tasks?.find((task) => task.label === digest.task);
  return (
    <section class="dg" aria-label="First failure">
      <Head store={store} digest={digest} />
      <ErrorLine error={digest.error} />
      <Detail store={store} lines={digest.detail} />
      <Outcome digest={digest} run={run} />
      {digest.more > 0 && (
        <p class="dg-m">
          <button type="button" class="lnk" onClick={() => store.showTasks("failed")}>
            {count(digest.more)} more failed
          </button>
        </p>
      )}
    </section>
  );
}

function Head({ store, digest }: { store: Store; digest: Digest }) {
  const { row, attempt, attempts, at } = digest;
  const began = store.payload?.header.started_at ?? null;
  return (
    <div class="dg-h">
      <h3>First failure</h3>
      {digest.task !== null && <code class="task">{digest.task}</code>}
      <span class="meta">
        {attempt !== null && `attempt ${attempt}${attempts === null ? "" : ` of ${attempts}`} `}
        failed
        {at !== null && (
          <>
            {" at "}
            <Time at={at}>{momentNear(at, began ?? at, store.zone)}</Time>
          </>
        )}
      </span>
      <span class="sp" />
      {row !== null && (
        <button type="button" class="btn q" onClick={() => store.showRow(row)}>
          <span>
            Go to line<span class="opt"> {exactCount(row + 1)}</span>
          </span>
        </button>
      )}
      <CopyButton kind="btn" text={digest.markdown}>
        Copy as Markdown
      </CopyButton>
    </div>
  );
}

function ErrorLine({ error }: { error: string }) {
  const [name, rest] = errorParts(error);
  return (
    <p class="dg-e">
      {name !== "" && <b>{name}</b>}
      <Message text={rest} />
    </p>
  );
}

function Detail({ store, lines }: { store: Store; lines: string[] }) {
  const isUnfolded = store.isDigestUnfolded;
  if (lines.length === 0) return null;
  const { before, frames, after } = tracebackOf(lines);
  const folded = frames.length > 0 ? frames.length - FRAMES : before.length - LINES;
  const word = frames.length > 0 ? "earlier frame" : "earlier line";
  const isAll = isUnfolded || folded <= 0;
  return (
    <div class="dg-d">
      {folded > 0 && (
        <button
          type="button"
          class="fold"
          aria-expanded={isUnfolded}
          onClick={() => store.set({ isDigestUnfolded: !isUnfolded })}
        >
          <Icon name={isUnfolded ? "fold" : "open"} />
          {folded} {word}
          {folded === 1 ? "" : "s"}
        </button>
      )}
      <pre>
        {frames.length === 0 && (
          <Message text={(isAll ? before : before.slice(folded)).join("\n")} />
        )}
        {frames.length > 0 && isAll && before.length > 0 && (
          <Message text={`${before.join("\n")}\n`} />
        )}
        {(isAll ? frames : frames.slice(folded)).map((frame, i) => (
          <FrameLines key={i} frame={frame} />
        ))}
        {after.join("\n")}
      </pre>
    </div>
  );
}

function FrameLines({ frame }: { frame: Frame }) {
  return (
    <>
      {`  ${frame.where}\n`}
      {frame.code.map((line, i) => (
        <b key={i}>{`${line}\n`}</b>
      ))}
    </>
  );
}

function Outcome({ digest, run }: { digest: Digest; run: TaskRun | undefined }) {
  const hasAttempts = run?.spans.some(([, , what]) => what !== "waited" && what !== "retry");
  const isHeldUp = digest.held_up.length > 0;
  if (!hasAttempts && !isHeldUp) return null;
  return (
    <dl class={`dg-f ${hasAttempts && isHeldUp ? "" : "one"}`}>
      {run && hasAttempts && (
        <div>
          <dt>Attempts and waits</dt>
          <dd>
            <Attempts run={run} />
          </dd>
        </div>
      )}
      {isHeldUp && (
        <div>
          <dt>Held up</dt>
          <dd class="att">
            <HeldUp labels={digest.held_up} />
          </dd>
        </div>
      )}
    </dl>
  );
}

const SHOWN_ATTEMPTS = 5;

function Attempts({ run }: { run: TaskRun }) {
  const spans = run.spans.slice(run.spans.findIndex(([, , what]) => what !== "waited"));
  let number = 0;
  const drawn = spans.map(([from, to, what], i) => {
    const length = span(from, to);
    if (what === "waited" || what === "retry") {
      return (
        <span key={i} class="w">
          <span class="vh">waited </span>
          {duration(length)}
        </span>
      );
    }
    number += 1;
    const isFailed =
      what === "failed" || (number === run.attempts && run.state.family === "failed");
    return (
      <span key={i} class={`a ${isFailed ? "c-failed" : "c-done"}`}>
        <StateMark icon={isFailed ? "cross" : "check"} />
        {number} <span class="d">· {length === null ? "still running" : duration(length)}</span>
      </span>
    );
  });
  const left = drawn.length - 2 * SHOWN_ATTEMPTS + 1;
  return (
    <div class="att">
      {left > 0 && <span class="d">{Math.ceil(left / 2)} earlier, then&nbsp;</span>}
      {left > 0 ? drawn.slice(left) : drawn}
    </div>
  );
}

const SHOWN_LABELS = 6;

function HeldUp({ labels }: { labels: string[] }) {
  const left = labels.length - SHOWN_LABELS;
  return (
    <>
      <span class="a c-failed">
        <StateMark icon="slash-ring" />
      </span>
      {labels.slice(0, SHOWN_LABELS).map((label, i) => (
        <span key={label}>
          <code class="task" title={label}>
            {label}
          </code>
          {i < Math.min(labels.length, SHOWN_LABELS) - 1 && ","}
        </span>
      ))}
      <span class="d">
        {left > 0 && `and ${count(left)} more `}
        never started
      </span>
    </>
  );
}
