import { type IconName, icon } from "./icons";

/** A button that is an icon; its name shows beside the pointer. */
export const tool = (
  look: IconName,
  name: string,
  act: () => void,
  isOn?: boolean,
  isOff?: boolean,
) => (
  <button
    type="button"
    class={isOn ? "btn ic q on" : "btn ic q"}
    aria-label={name}
    title={name}
    aria-pressed={isOn}
    aria-disabled={isOff}
    onClick={act}
  >
    {icon(look)}
  </button>
);
