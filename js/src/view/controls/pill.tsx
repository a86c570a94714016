import type { ComponentChildren } from "preact";
import { count, exactCount, plural } from "../../format/number";

interface Props {
  class: string;
  name: string;
  n: number;
  /** What there are `n` of, one of it. */
  what: string;
  /** Whether `n` is only what is known so far. */
  isLowerBound?: boolean;
  isOn: boolean;
  onPress: () => void;
  /** Its mark. */
  children: ComponentChildren;
}

/** A kind of lines or of task runs and how many there are; pressed while they are shown. */
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
