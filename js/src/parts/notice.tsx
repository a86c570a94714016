import type { ComponentChildren } from "preact";
import { clock, plural } from "../core/format";
import type { Changes, Notice } from "../core/wire";
import type { Store } from "../store";
import { Icon, type IconName } from "./icons";

/** One line at a time: the server first, then the kernel, then what a refresh brought. */
export function NoticeLine({ store }: { store: Store }) {
  const notice = store.notice;
  if (notice) return <ServerNotice store={store} notice={notice} />;
  if (store.isWaitingForKernel) return <KernelNotice store={store} />;
  const changes = store.payload?.changes;
  if (changes && !store.isChangeDismissed) {
    return <ChangeNotice store={store} changes={changes} />;
  }
  return null;
}

interface LineProps {
  hue: string;
  icon: IconName;
  role: "status" | "alert";
  children: ComponentChildren;
  action?: ComponentChildren;
  onClose?: () => void;
}

function Line({ hue, icon, role, children, action, onClose }: LineProps) {
  return (
    <div class={`note ${hue}`}>
      <Icon name={icon} />
      <span class="txt" role={role}>
        {children}
      </span>
      {action}
      {onClose && (
        <button
          type="button"
          class="btn ic q"
          aria-label="Dismiss"
          title="Dismiss"
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

function ServerNotice({ store, notice }: { store: Store; notice: Notice }) {
  const isDetailed = store.isNoticeDetailed;
  const hues = { info: "c-running", error: "c-failed", unreachable: "c-waiting" } as const;
  const icons = { info: "alert", error: "alert", unreachable: "offline" } as const;
  const asOf = store.payload?.header.as_of ?? null;
  const hasDetail = notice.detail !== null && notice.detail !== "";
  return (
    <>
      <Line
        hue={hues[notice.kind]}
        icon={icons[notice.kind]}
        role={notice.kind === "unreachable" ? "alert" : "status"}
        action={
          <>
            {hasDetail && (
              <button
                type="button"
                class="btn q"
                aria-expanded={isDetailed}
                onClick={() => store.set({ isNoticeDetailed: !isDetailed })}
              >
                Details
              </button>
            )}
            {notice.kind === "unreachable" && (
              <button
                type="button"
                class="btn q"
                aria-disabled={store.refresh !== "idle"}
                onClick={() => store.refreshNow()}
              >
                {store.refresh === "idle" ? "Try now" : "Trying"}
              </button>
            )}
          </>
        }
        onClose={() => store.set({ isNoticeDismissed: true, isNoticeDetailed: false })}
      >
        <b>{notice.text}</b>
        {notice.kind === "unreachable" && (
          <span class="d"> You see what was fetched at {clock(asOf, store.zone)}.</span>
        )}
      </Line>
      {hasDetail && isDetailed && <pre class="note-d">{notice.detail}</pre>}
    </>
  );
}

function KernelNotice({ store }: { store: Store }) {
  const isRefresh = store.refresh === "queued";
  return (
    <Line hue="c-muted" icon="queued" role="status">
      <b>Waiting for the kernel.</b>{" "}
      <span class="d">
        {isRefresh && "Refresh runs when the current cell ends. "}
        Filtering and scrolling keep working on the {plural(store.reading.size, "line")} held here.
      </span>
    </Line>
  );
}

function ChangeNotice({ store, changes }: { store: Store; changes: Changes }) {
  return (
    <Line
      hue="c-running"
      icon="refresh"
      role="status"
      onClose={() => store.set({ isChangeDismissed: true })}
    >
      <b>{changes.text}</b> <span class="d">since {clock(changes.since, store.zone)}</span>
    </Line>
  );
}
