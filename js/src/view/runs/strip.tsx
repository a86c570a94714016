import { useMemo } from "preact/hooks";
import { plural } from "../../format/number";
import { moment, zoneName } from "../../format/time";
import { RUNS } from "../../query/terms";
import { type Run, STRIP_KINDS, type Strip, type StripKind, stripOf } from "../../state/run-table";
import { timeIn, withTime } from "../controls/brush";
import { axisOf } from "../controls/time-axis";
import { BARS_MARGIN, TimeBars } from "../controls/time-bars";
import { useList, useListFields } from "../many/context";

const BAR_PX = 9;
const CLASSES: Record<StripKind, string> = {
  done: "strip-done",
  ended: "strip-ended",
  going: "strip-going",
  failed: "bars-error",
};
const WORDS: Record<StripKind, string> = {
  done: "completed",
  ended: "cancelled",
  going: "going or due",
  failed: "failed",
};

/** The number of runs over time, by state. A brush selects a time range and writes it into the filter text. */
export function StateStrip({ id, runs }: { id: string; runs: readonly Run[] }) {
  const list = useList();
  const fields = useListFields("zone", "hoverTime", "text", "textError", "width");
  const { zone, hoverTime, text, textError } = fields;
  const width = Math.max(160, Math.round(fields.width) - 2 * BARS_MARGIN);
  const strip = useMemo(() => stripOf(runs, Math.floor(width / BAR_PX)), [runs, width]);
  if (!strip) return null;
  const { times, counts } = strip;
  return (
    <div class="strip">
      <TimeBars
        id={id}
        times={times}
        layers={STRIP_KINDS.map((kind) => ({
          class: CLASSES[kind],
          counts: counts[kind],
          least: kind === "failed" ? 3 : kind === "done" ? 0 : 2.5,
        }))}
        axis={axisOf(times[0], times.at(-1) as number, [], 0, width)}
        width={width}
        zone={zone}
        what="Runs"
        range={textError ? undefined : timeIn(text, { tz: zone }, RUNS)}
        hoverTime={hoverTime}
        onHover={(at) => list.store.change({ hoverTime: at })}
        onBrush={(ends) => list.type(withTime(list.store.text, ends, RUNS))}
        wordsOf={(bin) => wordsOf(strip, bin, zone)}
      />
    </div>
  );
}

function wordsOf({ times, counts }: Strip, bin: number, zone: string): string {
  const at = times[bin] as number;
  const kinds = STRIP_KINDS.map((kind) => [kind, counts[kind][bin] ?? 0] as const);
  const total = kinds.reduce((sum, [, n]) => sum + n, 0);
  const words = kinds.filter(([, n]) => n > 0).map(([kind, n]) => `${n} ${WORDS[kind]}`);
  const what = total > 0 ? `${plural(total, "run")}: ${words.join(", ")}` : "no run";
  return `${moment(at, zone).slice(0, -3)} ${zoneName(at, zone)}: ${what}`;
}
