import type { ComponentChildren } from "preact";
import { safeLink } from "../../format/links";
import { count, duration, exactCount, plural, span } from "../../format/number";
import { isFailed, isSeveral, isWaiting } from "../../format/spans";
import { familyClass } from "../../format/state";
import { clock, fraction, momentNear, zoneName } from "../../format/time";
import { errorParts, tracebackOf } from "../../format/traceback";
import type { Digest } from "../../protocol/wire";
import { useCard, useFields } from "../context";
import { CopyButton } from "../controls/copy-button";
import { Icon, StateMark } from "../controls/icons";
import { Message } from "../controls/message";
import { type Term, Terms } from "../controls/terms";
import { Time } from "../controls/time";

const MAX_FRAMES = 2;
const MAX_LINES = 8;
const MAX_ATTEMPTS = 6;
const MAX_LABELS = 6;

/** Why the run failed. */
export function DigestBox({ digest }: { digest: Digest }) {
  const card = useCard();
  const [name, rest] = errorParts(digest.error);
  return (
    <section class="digest is-failed" aria-label="First failure">
      <DigestHead digest={digest} />
      <RunsBelow runs={digest.runs} />
      <p class="digest-error">
        {name && <b>{name}</b>}
        <Message text={rest} />
      </p>
      <div class="digest-detail">
        <Tail digest={digest} />
        <Detail lines={digest.detail} />
        <Causes causes={digest.causes} />
      </div>
      <Remarks digest={digest} />
      <Outcome digest={digest} />
      {digest.more > 0 && (
        <p class="digest-more">
          <button type="button" class="link" onClick={() => card.tasks.showFamily("failed")}>
            {count(digest.more)} more failed
          </button>
        </p>
      )}
    </section>
  );
}

function DigestHead({ digest }: { digest: Digest }) {
  const card = useCard();
  const { payload, zone } = useFields("payload", "zone");
  const { line, attempt, attempts, at } = digest;
  const began = payload?.header.started_at ?? null;
  return (
    <div class="digest-head">
      <h3>First failure</h3>
      {digest.task !== null && (
        <code class="task-name" title={digest.task}>
          {digest.task}
        </code>
      )}
      <span class="dim digest-when">
        {attempt !== null && attempts !== null && `attempt ${attempt} of ${attempts} `}
        failed
        {at !== null && (
          <>
            {" at "}
            <Time at={at}>{momentNear(at, began ?? at, zone)}</Time> {zoneName(at, zone)}
          </>
        )}
      </span>
      <span class="space" />
      {line !== null && (
        <button type="button" class="button quiet" onClick={() => card.logs.showLine(line[0])}>
          {line[1] === null ? "Go to the line" : `Go to line ${exactCount(line[1] + 1)}`}
        </button>
      )}
      <CopyButton class="button" text={digest.markdown}>
        Copy as Markdown
      </CopyButton>
    </div>
  );
}

/** The path to the sub-flow run that failed. */
function RunsBelow({ runs }: { runs: Digest["runs"] }) {
  const card = useCard();
  const { kernel } = useFields("kernel");
  if (runs.length === 0) return null;
  return (
    <p class="digest-runs">
      It failed in the sub-flow run{" "}
      {runs.map(({ id, flow, name, ui_url }, i) => {
        const words = <bdi>{[flow, name ?? id].filter(Boolean).join(" / ")}</bdi>;
        const address = safeLink(ui_url);
        return (
          <span key={id}>
            {i > 0 && " › "}
            {kernel === "here" ? (
              <button
                type="button"
                class="link"
                title="Open its card"
                onClick={() => card.openRun(id)}
              >
                {words}
              </button>
            ) : address ? (
              <a href={address} target="_blank" rel="noreferrer">
                {words}
              </a>
            ) : (
              words
            )}
          </span>
        );
      })}
    </p>
  );
}

const CAME_FROM = {
  cause: "raised from",
  context: "raised while handling",
  quoted: "which quotes",
  member: "which holds",
};

/** The causes of the error, the nearest first and the root cause last. */
function Causes({ causes }: { causes: Digest["causes"] }) {
  return (
    <>
      {[...causes].reverse().map(({ how, error, detail }, i) => {
        const [name, rest] = errorParts(error);
        return (
          <div key={i} class="digest-cause">
            <p>
              <span class="dim">{CAME_FROM[how]} </span>
              <code>
                {name && <b>{name}</b>}
                <Message text={rest} />
              </code>
            </p>
            <Detail lines={detail} />
          </div>
        );
      })}
    </>
  );
}

/** Remarks about the end of the run, and the digest's doubt. */
function Remarks({ digest: { doubt, ended_with, remarks } }: { digest: Digest }) {
  const sentences = [ended_with && `The run ended with: ${ended_with}`, ...remarks].filter(Boolean);
  if (!doubt && sentences.length === 0) return null;
  return (
    <div class="digest-remarks">
      {doubt && (
        <p>
          <Icon name="alert" /> {doubt}
        </p>
      )}
      {sentences.map((sentence) => (
        <p key={sentence} class="dim">
          {sentence}
        </p>
      ))}
    </div>
  );
}

/** The last lines of the task run, up to the one that reports its failure. */
function Tail({ digest }: { digest: Digest }) {
  const { zone } = useFields("zone");
  const { tail, task } = digest;
  if (tail.length === 0) return null;
  return (
    <details>
      <summary>
        Last {plural(tail.length, "line")}
        {task !== null && (
          <>
            {" of "}
            <bdi>{task}</bdi>
          </>
        )}
      </summary>
      <pre>
        {tail.map(([seq, at, , level, , , message]) => (
          <span key={seq}>
            {clock(at, zone) + fraction(at, 3)} {(level ?? "").padEnd(8)} <Message text={message} />
            {"\n"}
          </span>
        ))}
      </pre>
    </details>
  );
}

function Detail({ lines }: { lines: string[] }) {
  const { before, frames, after } = tracebackOf(lines);
  const hasFrames = frames.length > 0;
  const parts: ComponentChildren[] = hasFrames
    ? frames.map(({ where, code }, i) => (
        <span key={i}>
          {`  ${where}\n`}
          <b>{code.map((line) => `${line}\n`).join("")}</b>
        </span>
      ))
    : before.map((line, i) => <Message key={i} text={`${line}\n`} />);
  const folded = parts.length - (hasFrames ? MAX_FRAMES : MAX_LINES);
  const early = folded > 0 ? parts.slice(0, folded) : [];
  const late = folded > 0 ? parts.slice(folded) : parts;
  if (parts.length === 0 && after.length === 0) return null;
  return (
    <>
      {hasFrames && before.length > 0 && <pre>{before.join("\n")}</pre>}
      {folded > 0 && (
        <details>
          <summary>{plural(folded, hasFrames ? "earlier frame" : "earlier line")}</summary>
          <pre>{early}</pre>
        </details>
      )}
      <pre>
        {late}
        {after.join("\n")}
      </pre>
    </>
  );
}

function Outcome({ digest }: { digest: Digest }) {
  const { payload } = useFields("payload");
  const { spans, held_up: held } = digest;
  const terms: Term[] = [];
  const attempts = attemptsOf(spans, payload?.header.as_of ?? 0);
  if (attempts.length > 0) terms.push(["Attempts and waits", attempts]);
  if (held.length > 0) terms.push(["Held up", <HeldUp labels={held} />]);
  return terms.length > 0 ? <Terms class="digest-outcome" terms={terms} /> : null;
}

function HeldUp({ labels }: { labels: string[] }) {
  const left = labels.length - MAX_LABELS;
  return (
    <>
      <span class="attempt is-heldup">
        <StateMark icon="slash-ring" />
      </span>
      <code class="task-name" title={labels.join(", ")}>
        {labels.slice(0, MAX_LABELS).join(", ")}
      </code>
      <span class="dim">{left > 0 && `and ${count(left)} more `}never started</span>
    </>
  );
}

/** The attempts and the waits between them; if there are many, the first ones are summarised. */
function attemptsOf(spans: readonly number[], now: number): ComponentChildren[] {
  const drawn: ComponentChildren[] = [];
  const ran: number[] = [];
  for (let i = 0; i < spans.length; i += 3) {
    const [from = 0, to = 0, kind] = spans.slice(i, i + 3);
    const length = span(from, to || now) ?? 0;
    if (isWaiting(kind)) {
      if (ran.length > 0)
        drawn.push(
          <span key={i} class="wait">
            <span class="unseen">waited </span>
            {duration(length)}
          </span>,
        );
      continue;
    }
    const [family, icon] = isFailed(kind)
      ? (["failed", "cross"] as const)
      : isSeveral(kind)
        ? (["retry", "loop"] as const)
        : to
          ? (["done", "check"] as const)
          : (["running", "half"] as const);
    ran.push(length);
    drawn.push(
      <span key={i} class={`attempt ${familyClass(family)}`}>
        <StateMark icon={icon} />
        {isSeveral(kind) ? "several" : ran.length} <span class="dim">· {duration(length)}</span>
      </span>,
    );
  }
  const early = ran.length - MAX_ATTEMPTS;
  if (early <= 0) return drawn;
  const sum = ran.slice(0, early).reduce((all, length) => all + length, 0);
  return [
    <span key="early" class="dim">
      {plural(early, "earlier attempt")}, {duration(sum)} running, then{" "}
    </span>,
    ...drawn.slice(1 - 2 * MAX_ATTEMPTS),
  ];
}
