import { Icon, type IconName } from "./icons";

interface Props {
  icon: IconName;
  name: string;
  onPress: (event: MouseEvent) => void;
  isOn?: boolean | undefined;
  isOff?: boolean | undefined;
}

/** A button with an icon; its name is the tooltip. */
export function Tool({ icon, name, onPress, isOn, isOff }: Props) {
  return (
    <button
      type="button"
      class="button icon-only quiet"
      aria-label={name}
      title={name}
      aria-pressed={isOn}
      aria-disabled={isOff}
      onClick={(event) => !isOff && onPress(event)}
    >
      <Icon name={icon} />
    </button>
  );
}
