import { firstLine } from "../../format/message";
import { plural } from "../../format/number";
import { clock } from "../../format/time";
import { useCard, useFields } from "../context";
import { Icon } from "../controls/icons";
import { Time } from "../controls/time";

/** The pinned lines, with their notes. */
export function Pins() {
  const { logs } = useCard();
  const { annotations, zone } = useFields("annotations", "zone");
  const { pins } = annotations;
  if (pins.length === 0) return null;
  return (
    <ul class="pins" aria-label={plural(pins.length, "pinned line")}>
      {pins.map(({ seq, at, task, message, note, line }) => (
        <li key={seq}>
          <button type="button" class="link" onClick={() => logs.showLine(seq)}>
            <Icon name="pin" />
            {line !== null && <span class="dim">{line}</span>}
            <Time at={at}>{clock(at, zone)}</Time>
            <code class="task-name">{task ?? "flow"}</code>
            <b dir="auto">{note}</b>
            <span class="dim pin-message" dir="auto">
              {firstLine(message)}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
