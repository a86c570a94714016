import { count } from "../core/format";
import { hueOf, isHollow, type StateCount } from "../core/states";
import type { State } from "../core/wire";
import { stateMark } from "./icons";

export function drawBadge(state: State) {
  return (
    <span class={`badge ${hueOf(state.family)} ${isHollow(state.family) ? "hollow" : ""}`}>
      {stateMark(state.icon)}
      {state.name}
    </span>
  );
}

/** Mark and word of a state, for tables and lists. */
export function drawStateWord(state: State) {
  return (
    <span class={`st ${hueOf(state.family)}`}>
      {stateMark(state.icon)}
      <span>{state.name}</span>
    </span>
  );
}

/** A bar of what is in which state, and the counts beside it. */
export function drawProportions(counts: readonly StateCount[]) {
  return (
    <span class="mix">
      <span class="prop" aria-hidden="true">
        {counts.map(([{ family }, n], i) => (
          <i
            key={i}
            class={`${hueOf(family)} ${/waiting|heldup/.test(family) ? "hol" : ""}`}
            style={{ flex: n }}
          />
        ))}
      </span>
      <span class="cnt">
        {counts.map(([state, n], i) => (
          <span key={i} class={hueOf(state.family)} title={state.name}>
            {stateMark(state.icon)}
            {count(n)}
            <span class="vh"> {state.name}</span>
          </span>
        ))}
      </span>
    </span>
  );
}
