/** Rules on dates that contradict each other. Each finding names both values; docs/methods/metadata.md explains them. */
import type { Finding } from '../findings.ts';
import { isBlankDate, parseDate, parseZone, type WallTime } from './dates.ts';
import { findTag, type Tag } from './tags.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Two wall clocks may lie in different time zones: up to 26 hours apart on Earth. */
const ZONES = 26 * HOUR;

const dateOf = (tags: readonly Tag[], name: string, ...places: string[]): WallTime | null => {
  const tag = findTag(tags, name, ...places);
  return tag === null ? null : parseDate(tag.value);
};

/** Findings on dates. `modified` is the file-system time of the exhibit (ISO 8601) or null. */
export function dateFindings(tags: readonly Tag[], modified: string | null): Finding[] {
  const taken = dateOf(tags, 'DateTimeOriginal', 'EXIF');
  const digitised = dateOf(tags, 'CreateDate', 'EXIF');
  const changed = dateOf(tags, 'ModifyDate', 'EXIF');
  return [
    ...blankDates(tags),
    ...order(taken, changed),
    ...(taken !== null && digitised !== null && Math.abs(taken.wall - digitised.wall) > 1_000
      ? [
          finding(
            'metadata.digitised-differs',
            'low',
            `Taken (${taken.text}) and digitised (${digitised.text}) at different times. Usual for scans; cameras write the same time twice.`,
          ),
        ]
      : []),
    ...againstXmp(tags, taken),
    ...againstIptc(tags, taken),
    ...againstGps(tags, taken),
    ...againstFile(taken, modified),
  ];
}

function finding(type: string, severity: Finding['severity'], description: string): Finding {
  return { type, severity, description };
}

function blankDates(tags: readonly Tag[]): Finding[] {
  return tags
    .filter((tag) => tag.format === 'EXIF' && /^(DateTimeOriginal|CreateDate|ModifyDate)$/.test(tag.name))
    .filter((tag) => parseDate(tag.value) === null)
    .map((tag) =>
      isBlankDate(tag.value)
        ? finding('metadata.date-blank', 'low', `${tag.name} is blank: the clock was not set, or the date was removed.`)
        : finding('metadata.date-invalid', 'low', `${tag.name} holds "${tag.value}", which is no date.`),
    );
}

function order(taken: WallTime | null, changed: WallTime | null): Finding[] {
  if (taken === null || changed === null) return [];
  const after = changed.wall - taken.wall;
  if (after < -1_000) {
    return [
      finding(
        'metadata.modified-before-taken',
        'medium',
        `Changed (${changed.text}) before it was taken (${taken.text}). One of the dates was set by hand or the clock was moved.`,
      ),
    ];
  }
  if (after <= MINUTE) return [];
  return [
    finding(
      'metadata.modified-after-taken',
      'low',
      `Changed (${changed.text}) after it was taken (${taken.text}): a program wrote the file again. Rotating or tagging does that too.`,
    ),
  ];
}

function againstXmp(tags: readonly Tag[], taken: WallTime | null): Finding[] {
  const xmp = dateOf(tags, 'CreateDate', 'XMP') ?? dateOf(tags, 'DateCreated', 'XMP');
  if (taken === null || xmp === null || Math.abs(taken.wall - xmp.wall) <= ZONES) return [];
  return [
    finding(
      'metadata.xmp-date-differs',
      'medium',
      `EXIF says taken ${taken.text}, XMP says created ${xmp.text}: more than time zones explain.`,
    ),
  ];
}

function againstIptc(tags: readonly Tag[], taken: WallTime | null): Finding[] {
  const iptc = dateOf(tags, 'DateCreated', 'IPTC');
  if (taken === null || iptc === null || Math.abs(taken.wall - iptc.wall) <= ZONES + 24 * HOUR) return [];
  return [
    finding(
      'metadata.iptc-date-differs',
      'low',
      `EXIF says taken ${taken.text}, IPTC says created ${iptc.text}. IPTC dates are typed in by editors.`,
    ),
  ];
}

/** Local time minus GPS time (UTC) must be a time zone: −12 to +14 hours in quarters of an hour. */
function againstGps(tags: readonly Tag[], taken: WallTime | null): Finding[] {
  const day = findTag(tags, 'GPSDateStamp')?.value;
  const time = findTag(tags, 'GPSTimeStamp')?.value;
  if (taken === null || day === undefined || time === undefined) return [];
  const gps = parseDate(`${day} ${time}`);
  if (gps === null) return [];
  const shift = taken.wall - gps.wall;
  const zone = taken.zone ?? parseZone(findTag(tags, 'OffsetTimeOriginal')?.value ?? '');
  const told = `taken ${taken.text}, GPS ${gps.text} UTC`;
  if (zone !== null && Math.abs(shift - zone * MINUTE) > 5 * MINUTE) {
    return [
      finding(
        'metadata.gps-zone-differs',
        'medium',
        `Local time, its stated zone and GPS time disagree (${told}). A stale position fix explains minutes to hours, rarely days.`,
      ),
    ];
  }
  if (shift < -12.1 * HOUR || shift > 14.1 * HOUR) {
    return [
      finding(
        'metadata.gps-time-differs',
        'medium',
        `Local and GPS time are further apart than any time zone (${told}).`,
      ),
    ];
  }
  const quarter = 15 * MINUTE;
  const off = Math.abs(shift - Math.round(shift / quarter) * quarter);
  if (zone !== null || off <= 3 * MINUTE) return [];
  return [
    finding(
      'metadata.gps-time-odd',
      'low',
      `Local minus GPS time is no time zone (${told}): the camera clock was off by ${Math.round(off / MINUTE)} minutes, or a time was changed.`,
    ),
  ];
}

function againstFile(taken: WallTime | null, modified: string | null): Finding[] {
  const file = modified === null ? Number.NaN : Date.parse(modified);
  if (taken === null || Number.isNaN(file) || taken.wall - file <= ZONES) return [];
  return [
    finding(
      'metadata.taken-after-file',
      'low',
      `Taken ${taken.text}, but the file system says last changed ${modified}: a wrong clock, or times that were set.`,
    ),
  ];
}
