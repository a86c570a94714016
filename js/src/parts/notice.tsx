import type { ComponentChildren } from "preact";
import { clock, duration, plural } from "../core/format";
import type { Notice } from "../core/wire";
import type { Store } from "../store";
import { type IconName, icon } from "./icons";
import { tool } from "./tool";

const LOOKS = {
  info: ["c-running", "alert"],
  error: ["c-failed", "alert"],
  unreachable: ["c-waiting", "offline"],
} as const;

/** One line at a time: the server first, then the kernel, then what a refresh brought. */
export function drawNoticeLine(store: Store) {
  const { notice, refresh, kernel, isWaitingForKernel, isChangeDismissed, zone, payload } = store;
  const here = `Filtering and scrolling keep working on the ${plural(store.reading.size(), "line")} held here.`;
  if (kernel === "gone")
    return drawLine(["c-muted", "offline"], "The kernel has gone; run the cell again.", here);
  if (notice) return drawServerNotice(store, notice);
  if (isWaitingForKernel)
    return drawLine(
      ["c-muted", "queued"],
      "Waiting for the kernel.",
      (refresh === "queued" ? "Refresh runs when the current cell ends. " : "") + here,
    );
  const changes = payload?.changes;
  if (!changes || isChangeDismissed || payload.is_following) return null;
  return drawLine(
    ["c-running", "refresh"],
    changes.text,
    `since ${clock(changes.since, zone)}`,
    () => store.change({ isChangeDismissed: true }),
  );
}

function drawLine(
  [hue, look]: readonly [hue: string, icon: IconName],
  text: string,
  rest: ComponentChildren,
  onClose?: () => void,
  isUrgent?: boolean,
  action?: ComponentChildren,
) {
  return (
    <div class={`note ${hue}`}>
      {icon(look)}
      <span class="txt" role={isUrgent ? "alert" : "status"}>
        <b>{text}</b> <span class="d">{rest}</span>
      </span>
      {action}
      {onClose && tool("close", "Dismiss", onClose)}
    </div>
  );
}

function drawServerNotice(store: Store, notice: Notice) {
  const { isNoticeDetailed, refresh, payload, zone, retryAt, now, kernel } = store;
  const wait = Math.ceil((retryAt - now) / 1e6);
  const { kind, text, detail } = notice;
  const isAway = kind === "unreachable";
  return (
    <>
      {drawLine(
        LOOKS[kind],
        text,
        isAway && `You see what was fetched at ${clock(payload?.header.as_of ?? null, zone)}.`,
        () => store.change({ isNoticeDismissed: true, isNoticeDetailed: false }),
        isAway,
        <>
          {kernel === "here" && retryAt > 0 && (
            <span class="d">Trying again{wait > 0 && ` in ${duration(wait)}`}</span>
          )}
          {detail && (
            <button
              type="button"
              class="btn q"
              aria-expanded={isNoticeDetailed}
              onClick={() => store.change({ isNoticeDetailed: !isNoticeDetailed })}
            >
              Details
            </button>
          )}
          {isAway && (
            <button
              type="button"
              class="btn q"
              aria-disabled={refresh !== "idle"}
              onClick={() => store.refreshNow()}
            >
              {refresh === "idle" ? "Try now" : "Trying"}
            </button>
          )}
        </>,
      )}
      {isNoticeDetailed && detail && <pre class="note-d">{detail}</pre>}
    </>
  );
}
