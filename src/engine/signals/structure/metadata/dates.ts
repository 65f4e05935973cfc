/** Dates as metadata writes them. */

/** A date on the wall of the camera; `zone` is minutes east of UTC where the file says so. */
export interface WallTime {
  /** Milliseconds since 1970 if the wall time were UTC. */
  readonly wall: number;
  readonly zone: number | null;
  readonly text: string;
}

const PATTERN = /^(\d{4})[:-](\d\d)[:-](\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/;

/** Parses EXIF (`2024:01:02 03:04:05`) and XMP dates; null when it is none or names an impossible day. */
export function parseDate(text: string): WallTime | null {
  const m = PATTERN.exec(text.trim());
  if (m === null) return null;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(m[i] ?? 0));
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(wall);
  const real =
    back.getUTCFullYear() === year &&
    back.getUTCMonth() === month - 1 &&
    back.getUTCDate() === day &&
    hour < 24 &&
    minute < 60;
  return real && year >= 1800 ? { wall, zone: parseZone(m[8] ?? ''), text: text.trim() } : null;
}

/** Minutes east of UTC of `Z`, `+02:00` or `+0200`. */
export function parseZone(text: string): number | null {
  if (text === 'Z') return 0;
  const m = /^([+-])(\d\d):?(\d\d)$/.exec(text.trim());
  if (m === null) return null;
  return (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 60 + Number(m[3]));
}

/** Whether the file left the date blank, as cameras with an unset clock do. */
export const isBlankDate = (text: string): boolean => /^[0: -]*$/.test(text);
