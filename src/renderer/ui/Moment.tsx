/** A moment in local time; UTC beside it or on hover. */
import { useFormat } from './format.ts';

export function Moment({ utc, both }: { readonly utc: string; readonly both?: boolean }) {
  const format = useFormat();
  return (
    <time dateTime={utc} className="numbers" title={format.utc(utc)}>
      {format.local(utc)}
      {/* Where this machine keeps UTC, both are the same moment in the same words. */}
      {both && new Date(utc).getTimezoneOffset() !== 0 && <span className="tone-none"> ({format.utc(utc)})</span>}
    </time>
  );
}
