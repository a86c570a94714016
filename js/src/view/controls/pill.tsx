import type { ComponentChildren } from "preact";
import { count, exactCount, plural } from "../../format/number";

interface Props {
  class: string;
  name: string;
  n: number;
  /** The singular noun for what `n` counts. */
  what: string;
  /** Whether `n` is a lower bound. */
  isLowerBound?: boolean;
  isOn: boolean;
  onPress: () => void;
  /** The icon. */
  children: ComponentChildren;
}

/** A toggle button for a kind of lines or task runs, with their number; pressed while they are shown. */
export function Pill(props: Props) {
  const { name, n, what, isOn, isLowerBound, onPress, children } = props;
  const bound = isLowerBound ? "≥ " : "";
  return (
    <button
      type="button"
      class={`pill ${props.class}`}
      aria-pressed={isOn}
      aria-label={`${name}, ${bound}${plural(n, what)}`}
      title={exactCount(n)}
      onClick={onPress}
    >
      {children}
      {name}{" "}
      <span class="number">
        {bound}
        {count(n)}
      </span>
    </button>
  );
}
