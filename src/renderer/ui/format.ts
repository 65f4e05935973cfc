/** Numbers, sizes and times in the language of the screens. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export interface Format {
  /** With a fixed number of decimals; whole where none is given. */
  number(value: number, decimals?: number): string;
  percent(share: number, decimals?: number): string;
  bytes(count: number): string;
  /** A span of time: 0.42 s, 3:05 min, 1:02:03 h. */
  duration(seconds: number): string;
  /** Local time with its offset. */
  local(utc: string): string;
  /** The same moment in UTC. */
  utc(utc: string): string;
}

/** The formats of one language. Local times are those of this machine. */
export function formatIn(language: string): Format {
  const locale = language === 'de' ? 'de-DE' : 'en-GB';
  const number = (value: number, decimals = 0): string =>
    value.toLocaleString(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const moment = (zone: string | undefined) =>
    new Intl.DateTimeFormat(locale, {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      ...(zone === undefined ? { timeZoneName: 'short' } : { timeZone: zone }),
    });
  const here = moment(undefined);
  const universal = moment('UTC');
  return {
    number,
    percent: (share, decimals = 1) => `${number(share * 100, decimals)} %`,
    bytes: (count) => {
      let value = count;
      let unit = 0;
      while (value >= 1024 && unit < UNITS.length - 1) {
        value /= 1024;
        unit += 1;
      }
      return `${number(value, unit === 0 ? 0 : value < 10 ? 2 : 1)} ${UNITS[unit]}`;
    },
    duration: (seconds) => {
      if (seconds < 60) return `${number(seconds, seconds < 10 ? 2 : 1)} s`;
      const whole = Math.round(seconds);
      const two = (n: number): string => String(n).padStart(2, '0');
      const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
      return h > 0 ? `${h}:${two(m)}:${two(s)} h` : `${m}:${two(s)} min`;
    },
    local: (utc) => here.format(new Date(utc)),
    utc: (utc) => `${universal.format(new Date(utc))} UTC`,
  };
}

/** The formats of the current language. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  return useMemo(() => formatIn(i18n.language), [i18n.language]);
}
