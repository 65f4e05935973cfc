/** Pure parts of casework: identifiers, canonical hashes, packed series, search words, time. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, canonicalNumbers, canonicalObject, rowHash, sha256Of } from '../../src/casework/audit/canonical.ts';
import { localTime, newId } from '../../src/casework/ids.ts';
import { pack, unpack, unpackTyped } from '../../src/casework/records/series.ts';
import { RecordId } from '../../src/contract/case.ts';
import { engineCount } from '../../src/workbench/queue.ts';

describe('identifiers', () => {
  it('are UUIDs of version 7 that rise, also within a millisecond and when the clock falls', () => {
    const now = Date.now() + 1000;
    const made = Array.from({ length: 10_000 }, (_, i) => newId(i < 5000 ? now : now - 60_000));
    for (const id of [made[0], made[9999]]) expect(RecordId.safeParse(id).success && id[14] === '7').toBe(true);
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });
});

describe('canonical form', () => {
  it('is RFC 8785: the appendix’s own example', () => {
    // RFC 8785, section 3.2.2 (numbers and strings) and 3.2.3 (sorting by UTF-16 code units).
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonical(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    expect(canonical({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, ö: 7 })).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
    );
  });
  it('is the same whether numbers and members are written one by one or at once', () => {
    const numbers = fc.array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)));
    fc.assert(fc.property(numbers, (values) => canonicalNumbers(values) === canonical(values)));
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), numbers), (object) => {
        const members = Object.entries(object).map(([key, values]) => [key, canonical(values)] as const);
        expect(canonicalObject(Object.fromEntries(members))).toBe(canonical(object));
      }),
    );
    expect([canonicalNumbers([Number.NaN]), canonicalNumbers([1, Number.POSITIVE_INFINITY])]).toEqual([null, null]);
  });
  it('hashes a row the same with a new empty column, and otherwise with none of its values changed', () => {
    const row = { id: 'x', n: 1, text: 'y', blob: new Uint8Array([1, 2, 3]), gone: null };
    expect(rowHash('t', row)).toBe(rowHash('t', { ...row, later: null }));
    expect(rowHash('t', row)).not.toBe(rowHash('u', row));
    for (const change of [{ n: 2 }, { text: 'z' }, { blob: new Uint8Array([1, 2, 4]) }, { gone: '' }])
      expect(rowHash('t', { ...row, ...change })).not.toBe(rowHash('t', row));
  });
  it('SHA-256 is SHA-256', () => {
    expect(sha256Of('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('packed series', () => {
  const value = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.constant(null),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.constant(-0),
  );
  it('gives back every number and every gap exactly', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), (values) => {
        const packed = pack(values);
        expect(unpack(packed, values.length)).toEqual(values);
      }),
    );
  });
  it('takes the narrowest form', () => {
    expect(pack(Array.from({ length: 100 }, (_, i) => 5 + i * 2))).toMatchObject({
      kind: 'ramp',
      bytes: { length: 16 },
    });
    expect(pack([1, 7, 3, 2]).kind).toBe('i32');
    expect(pack([1.5, null, 0.25]).kind).toBe('f32');
    expect(pack([0.1, 0.2, 0.4]).kind).toBe('f64');
    expect(pack([]).bytes.length).toBe(0);
  });
  it('refuses a length that is not the stored one', () => {
    expect(() => unpack(pack([1, 5, 2]), 4)).toThrow(/stated length/);
    expect(unpackTyped(pack([1, 5, 2]), 3)).toEqual(new Int32Array([1, 5, 2]));
  });
});

describe('local time', () => {
  it('is the same moment with the offset of the place', () => {
    const script = `import { localTime } from ${JSON.stringify(new URL('../../src/casework/ids.ts', import.meta.url).href)}; console.log(localTime(new Date(0)));`;
    for (const [zone, expected] of [
      ['UTC', '1970-01-01T00:00:00.000+00:00'],
      ['Asia/Kolkata', '1970-01-01T05:30:00.000+05:30'],
      ['America/St_Johns', '1969-12-31T20:30:00.000-03:30'],
    ]) {
      const out = execFileSync(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
        { encoding: 'utf8', env: { ...process.env, TZ: zone } },
      );
      expect(out.trim()).toBe(expected);
    }
    expect(Date.parse(localTime(new Date(1_700_000_000_123)))).toBe(1_700_000_000_123);
  });
});

describe('engines at once', () => {
  it('is bounded by cores and by memory, and is at least one', () => {
    expect(engineCount(16, 64e9)).toBe(8);
    expect(engineCount(16, 6e9)).toBe(2);
    expect(engineCount(1, 64e9)).toBe(1);
    expect(engineCount(8, 1e8)).toBe(1);
  });
});
