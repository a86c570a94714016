interface Props {
  name: string;
  options: readonly string[];
  chosen: number;
  onChoose: (at: number) => void;
}

/** One of a few: a radio group that looks like joined buttons. */
export function Choice({ name, options, chosen, onChoose }: Props) {
  return (
    <span
      class="seg"
      role="radiogroup"
      aria-label={name}
      onKeyDown={(event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        const next = (chosen + step + options.length) % options.length;
        onChoose(next);
        (event.currentTarget.children[next] as HTMLElement).focus();
      }}
    >
      {options.map((option, at) => (
        <button
          key={option}
          type="button"
          class="btn"
          role="radio"
          aria-checked={at === chosen}
          tabIndex={at === chosen ? 0 : -1}
          onClick={() => onChoose(at)}
        >
          {option}
        </button>
      ))}
    </span>
  );
}
