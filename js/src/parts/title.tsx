import { ago, clock, day, sameDay, zoneName } from "../core/format";
import type { Header } from "../core/wire";
import type { Store } from "../store";
import { Icon } from "./icons";
import { Badge } from "./states";
import { Time } from "./time";

export function Title({ store, header }: { store: Store; header: Header }) {
  const names = [header.flow, header.name ?? header.id];
  return (
    <div class="hd">
      <Badge state={header.state} />
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
        <AsOf store={store} at={header.as_of} />
        <RefreshButton store={store} />
      </span>
    </div>
  );
}

function AsOf({ store, at }: { store: Store; at: number }) {
  const { zone } = store;
  const now = store.now;
  return (
    <span class="asof">
      as of{" "}
      <Time at={at}>
        {sameDay(at, now, zone) ? "" : `${day(at, zone)}, `}
        {clock(at, zone)}
      </Time>{" "}
      {zoneName(at, zone)}
      <span class="rel"> · {ago(at, now)}</span>
    </span>
  );
}

function RefreshButton({ store }: { store: Store }) {
  const state = store.refresh;
  const isQueued = state === "queued";
  return (
    <button
      type="button"
      class="btn"
      aria-disabled={state !== "idle"}
      onClick={() => store.refreshNow()}
    >
      <Icon name={isQueued ? "queued" : "refresh"} kind={state === "working" ? "spin" : ""} />
      {isQueued ? "Queued" : "Refresh"}
    </button>
  );
}
