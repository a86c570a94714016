/** Times in a filter text; `flowrun_widgets/query/clock.py` is the same in Python. */

import { civil } from "../format/time";
import { type Clock, type Ends, fail } from "./terms";

const MOMENT =
  /^(?:((?:19[7-9]|2[01]\d)\d-\d\d-\d\d)T)?(\d\d?)(:\d\d)(?:(:\d\d)(\.\d{1,6})?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$/i;
const DAY = 864e5;

interface Moment {
  at: number;
  day: string;
  zone: string | undefined;
}

/** The local time in the zone at that moment, encoded as if it were UTC. */
const shown = (ms: number, zone: string) => Date.parse(`${civil(ms * 1e3, zone).join("T")}Z`);

function moment(text: string, position: number, clock: Clock, from?: Moment | null): Moment {
  const bad = () => fail(`Not a time: ${text}. Times: 02:29, 2026-11-22T02:29Z.`, position);
  const [, date, hour = "", minute, second = ":00", fraction = "", zone = from?.zone] =
    MOMENT.exec(text) ?? bad();
  const { tz = "UTC", firstDay } = clock;
  const day = date ?? from?.day ?? firstDay ?? fail(`${text} needs a date.`, position);
  const time = hour.padStart(2, "0") + minute;
  const local = `${day}T${time}${second}`;
  const wall = Date.parse(`${local}Z`);
  if (!(wall >= 0) || new Date(wall).getUTCDate() !== +day.slice(8)) bad();
  const [at, again] = zone
    ? [Date.parse(local + zone.toUpperCase())]
    : [...new Set([-DAY, DAY].map((near) => 2 * wall + near - shown(wall + near, tz)))].filter(
        (at) => shown(at, tz) === wall,
      );
  if (at === undefined || again !== undefined)
    return fail(
      `${time} ${again ? "happens twice" : "does not exist"} on ${day} in ${tz}. Add Z or an offset.`,
      position,
    );
  return { at: at * 1e3 + Math.round(+`0${fraction}` * 1e6), day, zone };
}

/** Both ends of `a..b`. A day or zone that `b` leaves out is taken from `a`. */
export function range(text: string, position: number, clock: Clock): Ends {
  const [, first, last] = /^(.*?)\.\.(.*)$/s.exec(text) ?? [];
  if (!first && !last) fail("A time range is a..b; one end may be left out.", position);
  const from = first ? moment(first, position, clock) : null;
  const behind = position + (first?.length ?? 0) + 2;
  const to = last ? moment(last, behind, clock, from) : null;
  if (from && to && to.at < from.at) fail("The range ends before it begins.", behind);
  return [from?.at ?? null, to?.at ?? null];
}
