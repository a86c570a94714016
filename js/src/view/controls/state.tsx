import { count } from "../../format/number";
import { familyClass, isHollow, type StateCount } from "../../format/state";
import type { State } from "../../protocol/wire";
import { StateMark } from "./icons";

export function Badge({ state }: { state: State }) {
  return (
    <span class={`badge ${familyClass(state.family)} ${isHollow(state.family) ? "hollow" : ""}`}>
      <StateMark icon={state.icon} />
      <span>{state.name}</span>
    </span>
  );
}

/** Icon and name of a state, for tables and lists. */
export function StateWord({ state }: { state: State }) {
  return (
    <span class={`state ${familyClass(state.family)}`}>
      <StateMark icon={state.icon} />
      <span>{state.name}</span>
    </span>
  );
}

/** A bar with the share of each state. */
export function ProportionBar({ counts }: { counts: readonly StateCount[] }) {
  return (
    <span class="proportion-bar" aria-hidden="true">
      {counts.map(([{ family }, n], i) => (
        <i
          key={i}
          class={`${familyClass(family)} ${/waiting|heldup/.test(family) ? "hollow" : ""}`}
          style={{ flex: n }}
        />
      ))}
    </span>
  );
}

/** A bar with the share of each state, and the counts beside it. */
export function Proportions({ counts }: { counts: readonly StateCount[] }) {
  return (
    <span class="proportions">
      <ProportionBar counts={counts} />
      <span class="counts">
        {counts.map(([state, n], i) => (
          <span key={i} class={familyClass(state.family)} title={state.name}>
            <StateMark icon={state.icon} />
            {count(n)}
            <span class="unseen"> {state.name}</span>
          </span>
        ))}
      </span>
    </span>
  );
}
