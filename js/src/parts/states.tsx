import { count } from "../core/format";
import { hueOf, isHollow, proportions, type StateCount } from "../core/states";
import type { State } from "../core/wire";
import { StateMark } from "./icons";

export function Badge({ state }: { state: State }) {
  return (
    <span class={`badge ${hueOf(state.family)} ${isHollow(state.family) ? "hollow" : ""}`}>
      <StateMark icon={state.icon} />
      {state.name}
    </span>
  );
}

/** Mark and word of a state, for tables and lists. */
export function StateWord({ state }: { state: State }) {
  return (
    <span class={`st ${hueOf(state.family)}`}>
      <StateMark icon={state.icon} />
      <span>{state.name}</span>
    </span>
  );
}

export function ProportionBar({ counts, width = 84 }: { counts: StateCount[]; width?: number }) {
  const widths = proportions(
    counts.map((part) => part.count),
    width,
  );
  return (
    <span class="prop" aria-hidden="true">
      {counts.map(({ state }, i) => {
        const isOutline = state.family === "waiting" || state.family === "heldup";
        return (
          <i
            key={`${state.family} ${state.name}`}
            class={`${hueOf(state.family)} ${isOutline ? "hol" : ""}`}
            style={{ width: `${widths[i]}px` }}
          />
        );
      })}
    </span>
  );
}

export function StateCounts({ counts }: { counts: StateCount[] }) {
  return (
    <span class="cnt">
      {counts.map(({ state, count: n }) => (
        <span key={`${state.family} ${state.name}`} class={hueOf(state.family)} title={state.name}>
          <StateMark icon={state.icon} />
          {count(n)}
          <span class="vh"> {state.name}</span>
        </span>
      ))}
    </span>
  );
}
