import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { duration, plural } from "../../format/number";
import { clock, zoneName } from "../../format/time";
import type { Notice } from "../../protocol/wire";
import { isWaitingForKernel, noticeOf } from "../../state/store";
import { useCard, useFields } from "../context";
import { Icon, type IconName } from "../controls/icons";
import { Tool } from "../controls/tool";

const APPEARANCE: Record<Notice["kind"], [family: string, icon: IconName]> = {
  info: ["is-running", "alert"],
  error: ["is-failed", "alert"],
  unreachable: ["is-waiting", "offline"],
};

/** One notice at a time: problems of the server, then of the kernel, then the changes of a refresh. */
export function NoticeLine() {
  const card = useCard();
  const fields = useFields(
    "payload",
    "failure",
    "isNoticeDismissed",
    "isChangeDismissed",
    "refresh",
    "isLate",
    "kernel",
    "zone",
  );
  const { refresh, kernel, isChangeDismissed, zone, payload } = fields;
  const here = `You can still filter and scroll through the ${plural(card.pool.size, "line")} loaded here.`;
  if (kernel === "gone")
    return (
      <Line
        class="is-unknown"
        icon="offline"
        text="Kernel disconnected. Rerun this cell."
        rest={here}
      />
    );
  const notice = noticeOf(fields);
  if (notice) return <ServerNotice notice={notice} />;
  if (isWaitingForKernel(fields))
    return (
      <Line
        class="is-unknown"
        icon="queued"
        text="Waiting for the kernel."
        rest={(refresh === "queued" ? "Refresh runs when the current cell ends. " : "") + here}
      />
    );
  const changes = payload?.changes;
  if (!changes || isChangeDismissed || payload.is_following) return null;
  return (
    <Line
      class="is-running"
      icon="refresh"
      text={changes.text}
      rest={`since ${clock(changes.since, zone)} ${zoneName(changes.since, zone)}`}
      onClose={() => card.store.change({ isChangeDismissed: true })}
    />
  );
}

interface LineProps {
  class: string;
  icon: IconName;
  text: string;
  rest?: ComponentChildren;
  onClose?: () => void;
  isUrgent?: boolean;
  children?: ComponentChildren;
}

function Line(props: LineProps) {
  const { icon, text, rest, onClose, isUrgent, children } = props;
  return (
    <div class={`notice ${props.class}`}>
      <Icon name={icon} />
      <span class="notice-text" role={isUrgent ? "alert" : "status"}>
        <b>{text}</b> <span class="dim">{rest}</span>
      </span>
      {children}
      {onClose && <Tool icon="close" name="Dismiss" onPress={onClose} />}
    </div>
  );
}

function ServerNotice({ notice }: { notice: Notice }) {
  const card = useCard();
  const { refresh, payload, zone, kernel } = useFields("refresh", "payload", "zone", "kernel");
  const [isDetailed, setDetailed] = useState(false);
  const { kind, text, detail } = notice;
  const [family, icon] = APPEARANCE[kind] ?? APPEARANCE.error;
  const isAway = kind === "unreachable";
  const fetched = payload?.header.as_of ?? null;
  return (
    <>
      <Line
        class={family}
        icon={icon}
        text={text}
        rest={
          isAway &&
          fetched !== null &&
          `You see what was fetched at ${clock(fetched, zone)} ${zoneName(fetched, zone)}.`
        }
        isUrgent={isAway}
        onClose={() => card.store.change({ isNoticeDismissed: true })}
      >
        {kernel === "here" && <Countdown />}
        {detail && (
          <button
            type="button"
            class="button quiet"
            aria-expanded={isDetailed}
            onClick={() => setDetailed(!isDetailed)}
          >
            Details
          </button>
        )}
        {isAway && kernel === "here" && (
          <button
            type="button"
            class="button quiet"
            aria-disabled={refresh !== "idle"}
            onClick={() => card.refresh()}
          >
            {refresh === "idle" ? "Try now" : "Trying"}
          </button>
        )}
      </Line>
      {isDetailed && detail && <pre class="notice-detail">{detail}</pre>}
    </>
  );
}

function Countdown() {
  const { retryAt, now } = useFields("retryAt", "now");
  if (retryAt === 0) return null;
  const wait = Math.ceil((retryAt - now) / 1e6);
  return <span class="dim">Trying again{wait > 0 && ` in ${duration(wait)}`}</span>;
}
