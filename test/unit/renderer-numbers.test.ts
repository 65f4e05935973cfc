/** Numbers as the screens show them. */
import { describe, expect, it } from 'vitest';
import { probit } from '../../src/renderer/screens/validation/probit.ts';
import { formatIn } from '../../src/renderer/ui/format.ts';

describe('formats', () => {
  it('follow the language', () => {
    expect(formatIn('en').number(1234.5, 2)).toBe('1,234.50');
    expect(formatIn('de').number(1234.5, 2)).toBe('1.234,50');
  });
  it('give sizes in powers of 1024 and spans in the unit that reads well', () => {
    const { bytes, duration } = formatIn('en');
    expect([bytes(0), bytes(1023), bytes(1024), bytes(1.5 * 1024 ** 3)]).toEqual([
      '0 B',
      '1,023 B',
      '1.00 KiB',
      '1.50 GiB',
    ]);
    expect([duration(0.417), duration(59.94), duration(185), duration(3723)]).toEqual([
      '0.42 s',
      '59.9 s',
      '3:05 min',
      '1:02:03 h',
    ]);
  });
  it('give UTC whatever the zone of the machine', () => {
    expect(formatIn('en').utc('2026-11-21T03:04:05.000Z')).toBe('21/11/2026, 03:04:05 UTC');
  });
});

describe('probit', () => {
  it('is the quantile of the normal distribution', () => {
    // Values of the standard normal table (NIST/SEMATECH e-Handbook, 1.3.6.7.1), to their four decimals.
    for (const [p, z] of [
      [0.5, 0],
      [0.975, 1.96],
      [0.025, -1.96],
      [0.999, 3.0902],
      [0.01, -2.3263],
    ] as const)
      expect(probit(p)).toBeCloseTo(z, 4);
  });
  it('stays drawable at the ends', () => {
    expect([probit(0), probit(1)]).toEqual([-4, 4]);
  });
});
