import { ago, clock, day, sameDay, zoneName } from "../../format/time";
import type { Header } from "../../protocol/wire";
import type { KernelStatus } from "../../sources/fallback";
import { canFollow } from "../../state/store";
import { useCard, useFields } from "../context";
import { Icon } from "../controls/icons";
import { Badge } from "../controls/state";
import { Time } from "../controls/time";

/** State and names of the run, the age of the shown data, and the buttons that update it. */
export function Title({ header }: { header: Header }) {
  const fields = useFields("payload", "kernel");
  const { host } = useCard();
  const run = header.name ?? header.id;
  return (
    <div class="title">
      <Badge state={header.state} />
      <h2 title={[header.flow, run].filter(Boolean).join(" / ")}>
        {header.flow && (
          <>
            <bdi>{header.flow}</bdi>
            <span class="slash">/</span>
          </>
        )}
        <bdi class="run-name">{run}</bdi>
      </h2>
      <span class="title-end">
        <AsOf at={header.as_of} />
        {canFollow(fields) && <FollowSwitch />}
        {!host.isPage && <RefreshButton />}
      </span>
    </div>
  );
}

function AsOf({ at }: { at: number }) {
  const { zone, now } = useFields("zone", "now");
  return (
    <span class="as-of">
      as of{" "}
      <Time at={at}>
        {sameDay(at, now, zone) ? "" : `${day(at, zone)}, `}
        {clock(at, zone)}
      </Time>{" "}
      {zoneName(at, zone)}
      <span class="wide-only"> · {ago(at, now)}</span>
    </span>
  );
}

function FollowSwitch() {
  const card = useCard();
  const { payload } = useFields("payload");
  const isOn = payload?.is_following === true;
  return (
    <button
      type="button"
      class="button"
      role="switch"
      aria-checked={isOn}
      aria-label="Follow this run"
      title={isOn ? "Stop following (L)" : "Follow this run (L)"}
      onClick={() => card.follow()}
    >
      <Icon name="follow" />
      {isOn ? "Following" : "Follow"}
    </button>
  );
}

const AWAY: Partial<Record<KernelStatus, string>> = {
  gone: "The kernel that made this card is gone. Rerun this cell.",
  absent: "This is a saved copy. Run the notebook again for a newer one.",
};

function RefreshButton() {
  const card = useCard();
  const { refresh, kernel } = useFields("refresh", "kernel");
  const isQueued = refresh === "queued";
  const isGone = kernel === "gone";
  return (
    <button
      type="button"
      class="button"
      aria-disabled={refresh !== "idle" || isGone}
      title={AWAY[kernel]}
      onClick={() => !isGone && card.refresh()}
    >
      <Icon
        name={isQueued ? "queued" : "refresh"}
        class={refresh === "working" ? "spinning" : ""}
      />
      {isQueued ? "Queued" : "Refresh"}
    </button>
  );
}
