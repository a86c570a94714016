import { ago, clock, day, sameDay, zoneName } from "../core/format";
import type { Header } from "../core/wire";
import type { Store } from "../store";
import { icon } from "./icons";
import { drawBadge } from "./states";
import { drawTime } from "./time";

export function drawTitle(store: Store, header: Header) {
  const names = [header.flow, header.name ?? header.id];
  return (
    <div class="hd">
      {drawBadge(header.state)}
      <h2 title={names.filter(Boolean).join(" / ")}>
        {names[0] && (
          <>
            <bdi>{names[0]}</bdi>
            <span class="sl">/</span>
          </>
        )}
        <bdi class="run">{names[1]}</bdi>
      </h2>
      <span class="sp" />
      <span class="when">
        {drawAsOf(store, header.as_of)}
        {store.canFollow && drawFollowSwitch(store)}
        {drawRefreshButton(store)}
      </span>
    </div>
  );
}

function drawAsOf(store: Store, at: number) {
  const { zone, now } = store;
  return (
    <span class="asof">
      as of{" "}
      {drawTime(
        at,
        <>
          {sameDay(at, now, zone) ? "" : `${day(at, zone)}, `}
          {clock(at, zone)}
        </>,
      )}{" "}
      {zoneName(at, zone)}
      <span class="rel"> · {ago(at, now)}</span>
    </span>
  );
}

function drawFollowSwitch(store: Store) {
  const isOn = store.payload?.is_following === true;
  return (
    <button
      type="button"
      class="btn"
      role="switch"
      aria-checked={isOn}
      aria-label="Follow this run"
      title={isOn ? "Following; stop (L)" : "Follow this run (L)"}
      onClick={() => store.follow()}
    >
      {icon("down")}
      Follow
    </button>
  );
}

function drawRefreshButton(store: Store) {
  const { refresh } = store;
  const isQueued = refresh === "queued";
  return (
    <button
      type="button"
      class="btn"
      aria-disabled={refresh !== "idle"}
      onClick={() => store.refreshNow()}
    >
      {icon(isQueued ? "queued" : "refresh", refresh === "working" ? "spin" : "")}
      {isQueued ? "Queued" : "Refresh"}
    </button>
  );
}
