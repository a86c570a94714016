import type { ComponentChildren } from "preact";
import { count, exactCount, plural } from "../core/format";

interface Props {
  kind: string;
  name: string;
  n: number;
  /** What there are `n` of, one of it. */
  what: string;
  /** Before a number that is a lower bound. */
  bound?: string;
  isOn: boolean;
  act: () => void;
  /** Its mark. */
  children: ComponentChildren;
}

/** A kind of lines or of task runs and how many there are; pressed while they are shown. */
export function Pill({ kind, name, n, what, bound = "", isOn, act, children }: Props) {
  return (
    <button
      type="button"
      class={`lv ${kind}`}
      aria-pressed={isOn}
      aria-label={`${name}, ${bound}${plural(n, what)}`}
      title={exactCount(n)}
      onClick={act}
    >
      {children}
      {name}{" "}
      <span class="n">
        {bound}
        {count(n)}
      </span>
    </button>
  );
}
