/**
 * Series as compact typed arrays. The narrowest form that gives back every number exactly is chosen: an even ramp
 * (start, step, count), 32-bit integers, 32-bit or 64-bit floats; all little-endian. Gaps are NaN, which JSON cannot
 * hold, so that it is free to mean null.
 */
import { VidimusError } from '../../contract/errors.ts';

export type PackKind = 'ramp' | 'i32' | 'f32' | 'f64';
export interface Packed {
  readonly kind: PackKind;
  readonly bytes: Uint8Array;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function rampOf(values: readonly (number | null)[]): Uint8Array | null {
  const [first, second] = values;
  if (values.length < 4 || typeof first !== 'number' || typeof second !== 'number') return null;
  const step = second - first;
  for (let i = 0; i < values.length; i += 1) if (!Object.is(values[i], first + i * step)) return null;
  return new Uint8Array(new Float64Array([first, step]).buffer);
}

/** Packs numbers; null marks a gap. */
export function pack(values: readonly (number | null)[]): Packed {
  if (!LITTLE_ENDIAN) throw new VidimusError('bug', 'Series are written on little-endian machines only.');
  const ramp = rampOf(values);
  if (ramp) return { kind: 'ramp', bytes: ramp };
  let integer = true;
  let single = true;
  for (const value of values) {
    if (value === null) {
      integer = false;
      continue;
    }
    // `| 0` would lose the sign of -0, which Object.is sees.
    if (integer && !Object.is(value | 0, value)) integer = false;
    if (single && !Object.is(Math.fround(value), value)) single = false;
    if (!integer && !single) break;
  }
  if (integer) return { kind: 'i32', bytes: new Uint8Array(Int32Array.from(values, Number).buffer) };
  const numbers = (value: number | null): number => value ?? Number.NaN;
  return single
    ? { kind: 'f32', bytes: new Uint8Array(Float32Array.from(values, numbers).buffer) }
    : { kind: 'f64', bytes: new Uint8Array(Float64Array.from(values, numbers).buffer) };
}

const aligned = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** The numbers of a packed series as a typed array, without gaps told apart (they are NaN). */
export function unpackTyped(packed: Packed, points: number): Int32Array | Float32Array | Float64Array {
  switch (packed.kind) {
    case 'i32':
      return new Int32Array(aligned(packed.bytes));
    case 'f32':
      return new Float32Array(aligned(packed.bytes));
    case 'f64':
      return new Float64Array(aligned(packed.bytes));
    case 'ramp': {
      const [first = 0, step = 0] = new Float64Array(aligned(packed.bytes));
      return Float64Array.from({ length: points }, (_, i) => first + i * step);
    }
  }
}

/** The numbers as they were packed. */
export function unpack(packed: Packed, points: number): (number | null)[] {
  const typed = unpackTyped(packed, points);
  if (typed.length !== points)
    throw new VidimusError('case.damaged', 'A stored series does not have its stated length.');
  return Array.from(typed, (value) => (Number.isNaN(value) ? null : value));
}
