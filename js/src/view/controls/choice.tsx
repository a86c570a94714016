/** A group of buttons of which one is selected, and arrow-key navigation in buttons and lists. */

/** Arrow keys move between buttons, and from the last to the first. Returns whether the key was handled. */
export function rove(event: KeyboardEvent, choose?: (at: number) => void): boolean {
  const { currentTarget, key, target } = event;
  const buttons = [...(currentTarget as Element).querySelectorAll<HTMLElement>("button")];
  const at = buttons.indexOf(target as HTMLElement);
  const isForward = key === "ArrowRight" || key === "ArrowDown";
  const isBack = key === "ArrowLeft" || key === "ArrowUp";
  const to = isForward ? at + 1 : isBack ? at - 1 : key === "Home" ? 0 : key === "End" ? -1 : null;
  if (at < 0 || to === null) return false;
  event.preventDefault();
  const next = (to + buttons.length) % buttons.length;
  choose?.(next);
  buttons[next]?.focus();
  return true;
}

/** The number of rows that a key moves in a vertical list; `page` is the number of rows of a page. */
export const stepOf = (key: string, page = 0): number =>
  ({
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: -Infinity,
    End: Infinity,
  })[key] ?? 0;

interface Props {
  name: string;
  options: readonly string[];
  chosen: number;
  onChoose: (at: number) => void;
}

/** A radio group that looks like joined buttons. */
export function Choice({ name, options, chosen, onChoose }: Props) {
  return (
    <span
      class="choice"
      role="radiogroup"
      aria-label={name}
      onKeyDown={(event) => rove(event, onChoose)}
    >
      {options.map((option, i) => (
        <button
          key={option}
          type="button"
          class="button"
          role="radio"
          aria-checked={i === chosen}
          tabIndex={i === chosen ? 0 : -1}
          onClick={() => onChoose(i)}
        >
          {option}
        </button>
      ))}
    </span>
  );
}
