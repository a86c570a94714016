import { clock, plural } from "../core/format";
import type { Store } from "../store";
import { icon } from "./icons";
import { drawTime } from "./time";

/** What was pinned, with its notes. */
export function drawPins(store: Store) {
  const { pins } = store.kept;
  if (pins.length === 0) return null;
  return (
    <ul class="pins" aria-label={plural(pins.length, "pinned line")}>
      {pins.map(({ seq, at, task, message, note }) => (
        <li key={seq}>
          <button type="button" class="lnk" onClick={() => store.reading.showLine(seq)}>
            {icon("pin")}
            {drawTime(at, clock(at, store.zone))}
            <code class="task">{task ?? "flow"}</code>
            <b>{note}</b>
            <span class="d">{message.split("\n", 1)[0]}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
