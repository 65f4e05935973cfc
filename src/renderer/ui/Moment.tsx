/** A moment in local time; UTC beside it or on hover. */
import { Tooltip } from '@mantine/core';
import { useFormat } from './format.ts';

export function Moment({ utc, both }: { readonly utc: string; readonly both?: boolean }) {
  const format = useFormat();
  // Where this machine keeps UTC, both are the same moment in the same words.
  if (both && new Date(utc).getTimezoneOffset() !== 0) {
    return (
      <time dateTime={utc} className="numbers">
        {format.local(utc)} <span className="tone-none">({format.utc(utc)})</span>
      </time>
    );
  }
  return (
    <Tooltip label={format.utc(utc)}>
      <time dateTime={utc} className="numbers">
        {format.local(utc)}
      </time>
    </Tooltip>
  );
}
