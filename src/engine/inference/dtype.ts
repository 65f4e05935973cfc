/** Element types shared by checkpoints, graphs and sessions, and exact conversion between the floating ones. */
import { VidimusError } from '../../contract/errors.ts';

/** Element types a checkpoint may hold; all stored little-endian. */
export const DTYPES = [
  'float32',
  'float16',
  'bfloat16',
  'float64',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
] as const;
export type DType = (typeof DTYPES)[number];

/** Bytes of one element. */
export const DTYPE_BYTES: Readonly<Record<DType, number>> = {
  float32: 4,
  float16: 2,
  bfloat16: 2,
  float64: 8,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  bool: 1,
};

const FLOATS = new Set<DType>(['float32', 'float16', 'bfloat16', 'float64']);
export const isFloat = (dtype: DType): boolean => FLOATS.has(dtype);

/** Product of a shape; 1 for a scalar. Infinity-safe: throws where it would leave the safe integers. */
export function elementCount(shape: readonly number[]): number {
  let n = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0)
      throw new VidimusError('checkpoint.invalid', `A shape has size ${size}.`);
    n *= size;
    if (!Number.isSafeInteger(n))
      throw new VidimusError('checkpoint.invalid', 'A tensor has more elements than fit in memory.');
  }
  return n;
}

const scratchF = new Float32Array(1);
const scratchI = new Uint32Array(scratchF.buffer);

/** IEEE 754 binary16 of a number, rounded to nearest even; beyond 65504 it becomes infinity. */
export function toHalf(value: number): number {
  scratchF[0] = value;
  const bits = scratchI[0];
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    const rebased = magnitude - 0x38000000;
    return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
  }
  if (magnitude < 0x33000000) return sign;
  const exponent = magnitude >>> 23;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - exponent;
  const half = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return sign | (half + (rest > middle || (rest === middle && (half & 1) === 1) ? 1 : 0));
}

/** Number that an IEEE 754 binary16 stands for. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Little-endian bytes of `dtype` as float32 values. Widening is exact; float64 is rounded to nearest. */
export function decodeFloats(bytes: Uint8Array, dtype: DType): Float32Array {
  const n = Math.floor(bytes.length / DTYPE_BYTES[dtype]);
  const out = new Float32Array(n);
  if (dtype === 'float32') {
    // Copied byte by byte because the source may start anywhere, and a Buffer's slice would be a view on its pool.
    bytesOf(out).set(bytes.subarray(0, n * 4));
    return out;
  }
  const data = view(bytes);
  if (dtype === 'float16') for (let i = 0; i < n; i++) out[i] = fromHalf(data.getUint16(2 * i, true));
  else if (dtype === 'bfloat16') {
    const bits = new Uint32Array(out.buffer);
    for (let i = 0; i < n; i++) bits[i] = data.getUint16(2 * i, true) << 16;
  } else if (dtype === 'float64') for (let i = 0; i < n; i++) out[i] = data.getFloat64(8 * i, true);
  else throw new VidimusError('bug', `decodeFloats was asked to read ${dtype}`);
  return out;
}

/** Bytes of a typed array, without copying. */
export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Float32 values as little-endian bytes of a floating type. */
export function encodeFloats(values: Float32Array, dtype: DType): Uint8Array {
  if (dtype === 'float32') return bytesOf(values);
  if (dtype === 'float16') {
    const out = new Uint16Array(values.length);
    for (let i = 0; i < values.length; i++) out[i] = toHalf(values[i]);
    return bytesOf(out);
  }
  if (dtype === 'float64') return bytesOf(Float64Array.from(values));
  throw new VidimusError('bug', `encodeFloats was asked to write ${dtype}`);
}

/**
 * Bytes of one floating type as another. Anything else than float to float must already agree.
 * @throws VidimusError `bug` when a conversion is asked that would change meaning.
 */
export function convertBytes(bytes: Uint8Array, from: DType, to: DType): Uint8Array {
  if (from === to) return bytes;
  return encodeFloats(decodeFloats(bytes, from), to);
}
