/** An arrow leads from one button to the next, and round the end. Tells whether it was one. */
export function rove(event: KeyboardEvent, choose?: (at: number) => void): boolean {
  const { currentTarget, key, target } = event;
  const buttons = [...(currentTarget as Element).querySelectorAll<HTMLElement>("button")];
  const at = buttons.indexOf(target as HTMLElement);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[key];
  if (to === undefined) return false;
  const next = (to + buttons.length) % buttons.length;
  choose?.(next);
  buttons[next]?.focus();
  return true;
}

/** How far a key leads in a list that goes down; a page has so many rows. */
export const stepOf = (key: string, page = 0): number =>
  ({
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: -Infinity,
    End: Infinity,
  })[key] ?? 0;

/** One of a few: a radio group that looks like joined buttons. */
export function drawChoice(
  name: string,
  options: readonly string[],
  chosen: number,
  onChoose: (at: number) => void,
) {
  return (
    <span
      class="seg"
      role="radiogroup"
      aria-label={name}
      onKeyDown={(event) => rove(event, onChoose)}
    >
      {options.map((option, i) => (
        <button
          key={i}
          type="button"
          class="btn"
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
