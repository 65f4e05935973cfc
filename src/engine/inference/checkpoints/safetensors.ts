/** The safetensors format (Hugging Face, version 0.4): a JSON header with ranges, then the numbers. */
import * as z from 'zod';
import { VidimusError } from '../../../contract/errors.ts';
import { DTYPE_BYTES, type DType, elementCount } from '../dtype.ts';
import type { CheckpointTensor, CheckpointTree } from './checkpoint.ts';
import type { FileSource } from './source.ts';

const MAX_HEADER = 64 * 1024 * 1024;

const TYPES: ReadonlyMap<string, DType> = new Map<string, DType>([
  ['F64', 'float64'],
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['I16', 'int16'],
  ['I8', 'int8'],
  ['U8', 'uint8'],
  ['BOOL', 'bool'],
]);

const Natural = z.int().nonnegative();
const Header = z.record(
  z.string(),
  z.union([
    z.strictObject({ dtype: z.string(), shape: z.array(Natural).max(64), data_offsets: z.tuple([Natural, Natural]) }),
    z.record(z.string(), z.string()),
  ]),
);

const invalid = (sentence: string): VidimusError => new VidimusError('checkpoint.invalid', sentence);

/** Length of the JSON header if the file looks like safetensors, else null. */
export function safetensorsHeaderLength(first: Uint8Array, fileSize: number): number | null {
  if (first.length < 9 || first[8] !== 0x7b) return null;
  const length = Buffer.from(first).readBigUInt64LE(0);
  return length <= BigInt(MAX_HEADER) && Number(length) + 8 <= fileSize ? Number(length) : null;
}

/** Reads the header and checks that the ranges tile the file without gap or overlap, as the format demands. */
export async function readSafetensors(file: FileSource, headerLength: number): Promise<CheckpointTree> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await file.read(8, headerLength)));
  } catch (cause) {
    if (cause instanceof VidimusError) throw cause;
    throw invalid('The header of the safetensors file is not JSON.');
  }
  const header = Header.safeParse(json);
  if (!header.success) throw invalid('The header of the safetensors file does not follow the format.');
  const base = 8 + headerLength;
  const tensors = new Map<string, CheckpointTensor>();
  const ranges: { name: string; start: number; end: number }[] = [];
  for (const [name, info] of Object.entries(header.data)) {
    if (name === '__metadata__') continue;
    if (!('data_offsets' in info) || typeof info.data_offsets === 'string' || typeof info.dtype !== 'string') {
      throw invalid(`The tensor "${name}" has no range.`);
    }
    const shape = typeof info.shape === 'string' ? [] : info.shape;
    const dtype = TYPES.get(info.dtype);
    if (dtype === undefined) throw invalid(`The tensor "${name}" has the unknown type ${info.dtype}.`);
    const [start, end] = info.data_offsets;
    if (end - start !== elementCount(shape) * DTYPE_BYTES[dtype])
      throw invalid(`The range of "${name}" does not fit its shape.`);
    ranges.push({ name, start, end });
    tensors.set(name, { shape, dtype, chunks: () => file.chunks(base + start, end - start) });
  }
  ranges.sort((a, b) => a.start - b.start || a.end - b.end);
  let at = 0;
  for (const { name, start, end } of ranges) {
    if (start !== at)
      throw new VidimusError('checkpoint.hostile', `The range of "${name}" overlaps another one or leaves a gap.`);
    at = end;
  }
  if (base + at !== file.size) throw invalid('The safetensors file is longer or shorter than its header says.');
  return { tensors, children: new Map() };
}
