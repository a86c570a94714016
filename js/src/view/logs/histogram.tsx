import { count, plural } from "../../format/number";
import { clock, zoneName } from "../../format/time";
import type { Bins } from "../../protocol/wire";
import { useCard, useFields } from "../context";
import { timeIn, withTime } from "../controls/brush";
import { axisOf } from "../controls/time-axis";
import { BARS_MARGIN, TimeBars } from "../controls/time-bars";

/** The kinds from the axis upwards, with the minimum height that keeps rare kinds visible. */
const KINDS = ["other", "warning", "error"] as const;
const MIN_HEIGHT = [0, 2.5, 3];

/** The number of lines over time, by level. A brush selects a time range and writes it into the filter text. */
export function Histogram({ id }: { id: string }) {
  const { logs, store } = useCard();
  const fields = useFields("result", "payload", "zone", "hoverTime", "query", "text", "width");
  const { result, payload, zone, hoverTime, query } = fields;
  const bins = result?.bins;
  if (!bins) return <div class="hist" />;
  // All lines have the same time.
  if (bins.other.length < 2) return null;
  const width = Math.max(160, Math.round(fields.width) - 2 * BARS_MARGIN);
  const times = bins.at as [number, ...number[]];
  const to = times.at(-1) as number;
  return (
    <TimeBars
      id={id}
      times={times}
      layers={KINDS.map((kind, i) => ({
        class: `bars-${kind}`,
        counts: bins[kind],
        least: MIN_HEIGHT[i] as number,
      }))}
      axis={axisOf(times[0], to, payload?.idle ?? [], 0, width)}
      width={width}
      zone={zone}
      what="Lines"
      range={timeIn(query.text, logs.clock)}
      hoverTime={hoverTime}
      onHover={(at) => store.change({ hoverTime: at })}
      onBrush={(ends) => logs.type(withTime(store.text, ends))}
      onShow={(at) => logs.showTime(at)}
      wordsOf={(bin) => wordsOf(bins, bin, zone)}
    />
  );
}

function wordsOf(bins: Bins, at: number, zone: string): string {
  const [other = 0, warning = 0, error = 0] = KINDS.map((kind) => bins[kind][at] ?? 0);
  const words = [plural(other + warning + error, "line")];
  if (warning > 0) words.push(plural(warning, "warning"));
  if (error > 0) words.push(`${count(error)} error${error === 1 ? "" : "s"}`);
  const moment = bins.at[at] as number;
  return `${clock(moment, zone)} ${zoneName(moment, zone)}: ${words.join(", ")}`;
}
