/** Text for counts and durations. */

const THIN = "\u202f";
const NONE = "–";

/** "41 200"; from a million on "1.20 M", which needs a tooltip with the exact number. */
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

export const UNITS = [
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

/** One unit, rounded up: "3 min" for 2 min 44 s. */
export function upTo(seconds: number): string {
  const unit = UNITS.find((u) => seconds >= u.seconds);
  if (!unit) return duration(seconds);
  return duration(Math.ceil(seconds / unit.seconds) * unit.seconds);
}

export function span(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : (to - from) / 1e6;
}
