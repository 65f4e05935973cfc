/**
 * Protocol-buffer messages as lists of raw fields, so that what we do not understand is written back byte for byte.
 * Bytes are views into the input: a 300 MB initialiser is never copied by reading it.
 */
import protobuf from 'protobufjs/minimal.js';
import { VidimusError } from '../../../contract/errors.ts';

/** One field as it lies on the wire. `bytes` excludes tag and length prefix. */
export interface RawField {
  readonly number: number;
  readonly wire: number;
  readonly bytes: Uint8Array;
}

export const VARINT = 0;
export const LENGTH = 2;
export const FIXED32 = 5;

/** Real ONNX files stay far below; above it the file is made to exhaust memory. */
const MAX_FIELDS = 4_000_000;

const damaged = (detail: string): VidimusError =>
  new VidimusError('checkpoint.invalid', 'The ONNX file is damaged: a field runs past its end.', { detail });

/**
 * Splits a message into its fields.
 * @throws VidimusError `checkpoint.invalid` for truncated or malformed input.
 */
export function readFields(bytes: Uint8Array): RawField[] {
  const reader = protobuf.Reader.create(bytes);
  const fields: RawField[] = [];
  try {
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      const number = tag >>> 3;
      const wire = tag & 7;
      if (number === 0 || wire === 3 || wire === 4 || wire > 5) throw damaged(`tag ${tag}`);
      let start = reader.pos;
      if (wire === LENGTH) {
        const length = reader.uint32();
        start = reader.pos;
        if (start + length > reader.len) throw damaged(`field ${number} of ${length} bytes`);
        reader.pos = start + length;
      } else reader.skipType(wire);
      fields.push({ number, wire, bytes: bytes.subarray(start, reader.pos) });
      if (fields.length > MAX_FIELDS) throw damaged('too many fields');
    }
  } catch (thrown) {
    if (thrown instanceof VidimusError) throw thrown;
    throw damaged(String(thrown));
  }
  return fields;
}

/** Bytes that {@link writeFields} puts before the payload of a length-delimited field. */
export function lengthPrefix(number: number, length: number): Uint8Array {
  return protobuf.Writer.create()
    .uint32(((number << 3) | LENGTH) >>> 0)
    .uint32(length)
    .finish();
}

/** Joins fields into a message. */
export function writeFields(fields: readonly RawField[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  const push = (part: Uint8Array) => {
    parts.push(part);
    total += part.length;
  };
  for (const field of fields) {
    if (field.wire === LENGTH) push(lengthPrefix(field.number, field.bytes.length));
    else push(encodeVarint(BigInt((field.number << 3) | field.wire)));
    push(field.bytes);
  }
  const out = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Two's complement 64-bit value of a varint. */
export function decodeVarint(bytes: Uint8Array): bigint {
  return decodeVarints(bytes)[0] ?? 0n;
}

/** All values of a packed repeated varint field. */
export function decodeVarints(bytes: Uint8Array): bigint[] {
  const values: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  let open = false;
  for (const byte of bytes) {
    if (shift > 63n) throw damaged('varint longer than ten bytes');
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    open = byte >= 0x80;
    if (open) continue;
    values.push(BigInt.asIntN(64, value));
    value = 0n;
    shift = 0n;
  }
  if (open) throw damaged('varint without an end');
  return values;
}

/** Varint of a signed 64-bit value. */
function encodeVarint(value: bigint): Uint8Array {
  let rest = BigInt.asUintN(64, value);
  const out: number[] = [];
  while (rest >= 0x80n) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Uint8Array.from(out);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const text = (bytes: Uint8Array): string => decoder.decode(bytes);
export const stringField = (number: number, value: string): RawField => ({
  number,
  wire: LENGTH,
  bytes: encoder.encode(value),
});
export const bytesField = (number: number, bytes: Uint8Array): RawField => ({ number, wire: LENGTH, bytes });
export const intField = (number: number, value: number | bigint): RawField => ({
  number,
  wire: VARINT,
  bytes: encodeVarint(BigInt(value)),
});
export function floatField(number: number, value: number): RawField {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return { number, wire: FIXED32, bytes };
}
