/** Words for times, spans and counts. Times come as microseconds since 1970, spans as seconds. */

const THIN = "\u202f";
const NONE = "–";

/** "41 200"; from a million on "1.20 M", whose exact number belongs beside it in a tooltip. */
export function count(n: number): string {
  if (n >= 1e6) return `${(n / 1e6).toFixed(2)}${THIN}M`;
  return exactCount(n);
}

export function exactCount(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, THIN);
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

const UNITS = [
  { name: "d", seconds: 86_400, minor: "h", per: 24 },
  { name: "h", seconds: 3_600, minor: "min", per: 60 },
  { name: "min", seconds: 60, minor: "s", per: 60 },
];

/** "4 ms", "14.2 s", "32 min 23 s", "2 d 3 h": rounded, two units at most. Unknown or negative: a dash. */
export function duration(seconds: number | null): string {
  if (seconds === null || !(seconds >= 0 && seconds < Infinity)) return NONE;
  if (seconds < 0.0995) {
    if (seconds > 0 && seconds < 0.0005) return `<${THIN}1${THIN}ms`;
    return seconds === 0 ? `0${THIN}s` : `${Math.round(seconds * 1000)}${THIN}ms`;
  }
  if (seconds < 59.95) return `${+seconds.toFixed(1)}${THIN}s`;
  for (const { name, seconds: whole, minor, per } of UNITS) {
    const parts = Math.round((seconds * per) / whole);
    if (parts < per) continue;
    const first = `${Math.floor(parts / per)}${THIN}${name}`;
    return parts % per ? `${first} ${parts % per}${THIN}${minor}` : first;
  }
  return NONE;
}

/** One unit, never less than the span: "3 min" for 2 min 44 s. */
export function upTo(seconds: number): string {
  const unit = UNITS.find((u) => seconds >= u.seconds);
  if (!unit) return duration(seconds);
  return duration(Math.ceil(seconds / unit.seconds) * unit.seconds);
}

export function span(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : (to - from) / 1e6;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const formats = new Map<string, Intl.DateTimeFormat>();

export function readersZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** What calendar and clock show there: a format with day and time in Swedish is ISO's. */
export function civil(at: number, zone: string): string[] {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("sv", {
      timeZone: zone,
      dateStyle: "short",
      timeStyle: "medium",
    });
    formats.set(zone, format);
  }
  return format.format(Math.floor(at / 1000)).split(" ");
}

/** "02:32:24" */
export function clock(at: number | null, zone: string): string {
  return at === null ? NONE : (civil(at, zone)[1] as string);
}

/** ".118", or ".118204" with microseconds. */
export function fraction(at: number, digits: 3 | 6): string {
  const micros = String(((at % 1e6) + 1e6) % 1e6).padStart(6, "0");
  return `.${micros.slice(0, digits)}`;
}

/** "21 Nov"; the year is named where it is not the reader's. */
export function day(at: number, zone: string, now = Date.now() * 1000): string {
  const [year, month, date] = dateOf(at, zone).split("-") as [string, string, string];
  const named = `${+date} ${MONTHS[+month - 1]}`;
  return dateOf(now, zone).startsWith(year) ? named : `${named} ${year}`;
}

/** "2026-11-21" */
export const dateOf = (at: number, zone: string): string => civil(at, zone)[0] as string;

export const sameDay = (a: number, b: number, zone: string): boolean =>
  dateOf(a, zone) === dateOf(b, zone);

/** "21 Nov, 02:00:04" */
export function moment(at: number | null, zone: string, now?: number): string {
  return at === null ? NONE : `${day(at, zone, now)}, ${clock(at, zone)}`;
}

/** "02:00:04", with the day before it where that is not `near`'s. */
export function momentNear(at: number | null, near: number | null, zone: string): string {
  if (at === null) return NONE;
  return near !== null && sameDay(at, near, zone) ? clock(at, zone) : moment(at, zone);
}

/** Full UTC, for tooltips and `datetime`. */
export function utc(at: number | null): string | undefined {
  if (at === null || Math.abs(at) > 8.64e18) return undefined;
  const stamp = new Date(Math.floor(at / 1000)).toISOString();
  return `${stamp.slice(0, 19)}${fraction(at, 6).replace(/\.?0+$/, "")}Z`;
}

/** The zone's short name at that time: "UTC", "CET", "GMT+5:30". */
export function zoneName(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    timeZoneName: "short",
  }).formatToParts(Math.floor(at / 1000));
  return parts.find((part) => part.type === "timeZoneName")?.value ?? zone;
}

/** "just now", "3 min ago", "2 h ago", "4 d ago" */
export function ago(at: number, now: number): string {
  const seconds = (now - at) / 1e6;
  const unit = UNITS.find((u) => seconds >= u.seconds);
  return unit
    ? `${exactCount(Math.floor(seconds / unit.seconds))}${THIN}${unit.name} ago`
    : "just now";
}
