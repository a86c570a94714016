import type { ComponentChildren } from "preact";
import {
  clock,
  count,
  duration,
  exactCount,
  fraction,
  momentNear,
  plural,
  span,
} from "../core/format";
import { isWait } from "../core/timeline";
import { errorParts, tracebackOf } from "../core/traceback";
import type { Digest } from "../core/wire";
import type { Store } from "../store";
import { showTasks } from "../task-store";
import { CopyButton } from "./copy";
import { stateMark } from "./icons";
import { drawMessage } from "./message";
import { drawTerms, type Term } from "./terms";
import { drawTime } from "./time";

const FRAMES = 2;
const LINES = 8;
const ATTEMPTS = 6;
const LABELS = 6;

export function drawDigestBox(store: Store, digest: Digest) {
  const [name, rest] = errorParts(digest.error);
  return (
    <section class="dg" aria-label="First failure">
      {drawHead(store, digest)}
      <p class="dg-e">
        {name && <b>{name}</b>}
        {drawMessage(rest)}
      </p>
      <div class="dg-d">
        {drawTail(store, digest)}
        {drawDetail(digest.detail)}
      </div>
      {drawOutcome(digest, store.payload?.header.as_of ?? 0)}
      {digest.more > 0 && (
        <p class="dg-m">
          <button type="button" class="lnk" onClick={() => showTasks(store, "failed")}>
            {count(digest.more)} more failed
          </button>
        </p>
      )}
    </section>
  );
}

function drawHead(store: Store, digest: Digest) {
  const { line, attempt, attempts, at } = digest;
  const began = store.payload?.header.started_at ?? null;
  return (
    <div class="dg-h">
      <h3>First failure</h3>
      {digest.task !== null && <code class="task">{digest.task}</code>}
      <span class="d">
        {attempt !== null && `attempt ${attempt}${attempts === null ? "" : ` of ${attempts}`} `}
        failed
        {at !== null && (
          <>
            {" at "}
            {drawTime(at, momentNear(at, began ?? at, store.zone))}
          </>
        )}
      </span>
      <span class="sp" />
      {line !== null && (
        <button type="button" class="btn q" onClick={() => store.reading.showLine(line[0])}>
          <span>
            Go to line<span class="opt"> {exactCount(line[1] + 1)}</span>
          </span>
        </button>
      )}
      <CopyButton kind="btn" text={digest.markdown}>
        Copy as Markdown
      </CopyButton>
    </div>
  );
}

/** The last lines of the task run, up to the one that failed it. */
function drawTail(store: Store, digest: Digest) {
  const { tail, task } = digest;
  if (tail.length === 0) return null;
  return (
    <details>
      <summary>
        Last {plural(tail.length, "line")}
        {task !== null && ` of ${task}`}
      </summary>
      <pre>
        {tail.map(([seq, at, , level, , , message]) => (
          <span key={seq}>
            {clock(at, store.zone) + fraction(at, 3)} {(level ?? "").padEnd(8)}{" "}
            {drawMessage(message)}
            {"\n"}
          </span>
        ))}
      </pre>
    </details>
  );
}

function drawDetail(lines: string[]) {
  const { before, frames, after } = tracebackOf(lines);
  const hasFrames = frames.length > 0;
  const parts: ComponentChildren[] = hasFrames
    ? frames.map(({ where, code }, i) => (
        <span key={i}>
          {`  ${where}\n`}
          <b>{code.map((line) => `${line}\n`).join("")}</b>
        </span>
      ))
    : before.map((line) => drawMessage(`${line}\n`));
  const folded = parts.length - (hasFrames ? FRAMES : LINES);
  return (
    <>
      {hasFrames && <pre>{before.join("\n")}</pre>}
      {folded > 0 && (
        <details>
          <summary>{plural(folded, hasFrames ? "earlier frame" : "earlier line")}</summary>
          <pre>{parts.splice(0, folded)}</pre>
        </details>
      )}
      <pre>
        {parts}
        {after.join("\n")}
      </pre>
    </>
  );
}

function drawOutcome(digest: Digest, now: number) {
  const { spans, held_up: held } = digest;
  const parts: Term[] = [];
  const attempts = attemptsOf(spans, now);
  if (attempts.length > 0) parts.push(["Attempts and waits", attempts]);
  if (held.length > 0)
    parts.push([
      "Held up",
      <>
        <span class="a c-failed">{stateMark("slash-ring")}</span>
        <code class="task" title={held.join(", ")}>
          {held.slice(0, LABELS).join(", ")}
        </code>
        <span class="d">
          {held.length > LABELS && `and ${count(held.length - LABELS)} more `}never started
        </span>
      </>,
    ]);
  return parts.length > 0 ? drawTerms("dg-f", parts) : null;
}

/** Each attempt and the waits between them; of many, the first ones are summed up. */
function attemptsOf(spans: readonly number[], now: number): ComponentChildren[] {
  const drawn: ComponentChildren[] = [];
  const ran: number[] = [];
  for (let i = 0; i < spans.length; i += 3) {
    const [from = 0, to = 0, kind] = spans.slice(i, i + 3);
    const length = span(from, to || now) ?? 0;
    if (isWait(kind)) {
      if (ran.length > 0)
        drawn.push(
          <span key={i} class="w">
            <span class="vh">waited </span>
            {duration(length)}
          </span>,
        );
      continue;
    }
    const isFailed = kind === 2;
    ran.push(length);
    drawn.push(
      <span key={i} class={`a ${isFailed ? "c-failed" : to ? "c-done" : "c-running"}`}>
        {stateMark(isFailed ? "cross" : to ? "check" : "half")}
        {ran.length} <span class="d">· {duration(length)}</span>
      </span>,
    );
  }
  const early = ran.length - ATTEMPTS;
  if (early <= 0) return drawn;
  const sum = ran.slice(0, early).reduce((all, length) => all + length, 0);
  return [
    <span key="early" class="d">
      {plural(early, "earlier attempt")}, {duration(sum)} running, then{" "}
    </span>,
    ...drawn.slice(1 - 2 * ATTEMPTS),
  ];
}
