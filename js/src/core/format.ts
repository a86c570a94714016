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
  { name: "d", seconds: 86_400, minor: { name: "h", seconds: 3_600 } },
  { name: "h", seconds: 3_600, minor: { name: "min", seconds: 60 } },
  { name: "min", seconds: 60, minor: { name: "s", seconds: 1 } },
] as const;

/** "4 ms", "14.2 s", "32 min 23 s", "2 d 3 h": rounded, two units at most. Unknown or negative: a dash. */
export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds) || seconds < 0) return NONE;
  if (seconds < 0.0995) {
    if (seconds > 0 && seconds < 0.0005) return `<${THIN}1${THIN}ms`;
    return seconds === 0 ? `0${THIN}s` : `${Math.round(seconds * 1000)}${THIN}ms`;
  }
  if (seconds < 59.95) return `${Number(seconds.toFixed(1))}${THIN}s`;
  for (const unit of UNITS) {
    const parts = Math.round(seconds / unit.minor.seconds);
    const perUnit = unit.seconds / unit.minor.seconds;
    if (parts < perUnit) continue;
    const major = Math.floor(parts / perUnit);
    const minor = parts % perUnit;
    const first = `${major}${THIN}${unit.name}`;
    return minor === 0 ? first : `${first} ${minor}${THIN}${unit.minor.name}`;
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

interface Civil {
  year: number;
  month: number;
  day: number;
  clock: string;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const formats = new Map<string, Intl.DateTimeFormat>();

export function readersZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

function civil(at: number, zone: string): Civil {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
    formats.set(zone, format);
  }
  const part: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(Math.floor(at / 1000))) part[type] = value;
  return {
    year: Number(part.year),
    month: Number(part.month),
    day: Number(part.day),
    clock: `${part.hour}:${part.minute}:${part.second}`,
  };
}

/** "02:32:24" */
export function clock(at: number | null, zone: string): string {
  return at === null ? NONE : civil(at, zone).clock;
}

/** ".118", or ".118204" with microseconds. */
export function fraction(at: number, digits: 3 | 6): string {
  const micros = String(((at % 1e6) + 1e6) % 1e6).padStart(6, "0");
  return `.${micros.slice(0, digits)}`;
}

/** "21 Nov"; the year is named where it is not the reader's. */
export function day(at: number, zone: string, now = Date.now() * 1000): string {
  const { year, month, day: date } = civil(at, zone);
  const named = `${date} ${MONTHS[month - 1]}`;
  return civil(now, zone).year === year ? named : `${named} ${year}`;
}

export function sameDay(a: number, b: number, zone: string): boolean {
  const one = civil(a, zone);
  const two = civil(b, zone);
  return one.day === two.day && one.month === two.month && one.year === two.year;
}

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
  const minutes = Math.floor((now - at) / 6e7);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes}${THIN}min ago`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)}${THIN}h ago`;
  return `${exactCount(Math.floor(minutes / 1440))}${THIN}d ago`;
}
