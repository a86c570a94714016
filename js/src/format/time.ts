/** Text for times, given as microseconds since 1970. */

import { exactCount, UNITS } from "./number";

const THIN = "\u202f";
const NONE = "–";
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const formats = new Map<string, Intl.DateTimeFormat>();

export function readersZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** Whether this browser knows a time zone. */
export function isZone(zone: string): boolean {
  try {
    return zone !== "" && !!new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch {
    return false;
  }
}

/** The date and time in a zone; Swedish is used because its format is ISO 8601. */
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
export function fraction(at: number, digits: number): string {
  const micros = String(((at % 1e6) + 1e6) % 1e6).padStart(6, "0");
  return `.${micros.slice(0, digits)}`;
}

/** "21 Nov"; with the year if that is not the current one. */
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

/** "02:00:04", preceded by the day if that differs from the day of `near`. */
export function momentNear(at: number | null, near: number | null, zone: string): string {
  if (at === null) return NONE;
  return near !== null && sameDay(at, near, zone) ? clock(at, zone) : moment(at, zone);
}

/** Full UTC, for tooltips, `datetime` and filter texts. */
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
