/** UTC beside the local time of the laboratory. */
import type { Moment } from '../../contract/report.ts';

/** Whether the system knows a zone of the IANA time zone database by this name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();
function formatFor(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  formats.set(zone, made);
  return made;
}

/** An instant in both times; `zone` is a name that {@link isTimeZone} knows. */
export function momentOf(utc: string, zone: string): Moment {
  const parts = new Map(
    formatFor(zone)
      .formatToParts(new Date(utc))
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  const offset = part('timeZoneName').replace('GMT', '') || '+00:00';
  const day = `${part('year')}-${part('month')}-${part('day')}`;
  return { utc, local: `${day} ${part('hour')}:${part('minute')}:${part('second')} ${offset}`, zone };
}

/** `2026-11-21 03:15:06.123 UTC`, from the RFC 3339 form. */
export const utcText = (utc: string): string => `${utc.replace('T', ' ').replace('Z', '')} UTC`;
