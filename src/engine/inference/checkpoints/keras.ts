/**
 * Keras weights in HDF5. The HDF5 library runs as WebAssembly over a file system in its own memory: a hostile file can
 * neither reach another file (external links, external storage) nor the process around it.
 */

import { VidimusError } from '../../../contract/errors.ts';
import { bytesOf, type DType, elementCount } from '../dtype.ts';
import type { CheckpointTensor, CheckpointTree } from './checkpoint.ts';
import { hdf5 } from './hdf5.ts';
import { CHUNK_BYTES, type FileSource } from './source.ts';

/** The whole file is copied into the library's memory. */
const MAX_FILE = 1024 * 1024 * 1024;
const MAX_OBJECTS = 100_000;
const MAX_DEPTH = 32;

const invalid = (sentence: string): VidimusError => new VidimusError('checkpoint.invalid', sentence);

function dtypeOfArray(value: unknown): DType | null {
  if (value instanceof Float32Array) return 'float32';
  if (value instanceof Float64Array) return 'float64';
  if (value instanceof BigInt64Array) return 'int64';
  if (value instanceof Int32Array) return 'int32';
  return null;
}

/** Reads every numeric dataset; names are paths without the leading slash, such as `dense_1/dense_1/kernel:0`. */
export async function readKeras(file: FileSource): Promise<CheckpointTree> {
  if (file.size > MAX_FILE) throw invalid('The HDF5 file is above 1 GiB.');
  const bytes = await file.read(0, file.size);
  const tensors = new Map<string, CheckpointTensor>();
  for (const { name, shape, value } of await hdf5(bytes, { maxObjects: MAX_OBJECTS, maxDepth: MAX_DEPTH })) {
    const dtype = dtypeOfArray(value);
    if (dtype === null || !ArrayBuffer.isView(value)) continue;
    const data = bytesOf(value);
    if (value.byteLength === 0 || elementCount(shape) === 0) continue;
    tensors.set(name, {
      shape,
      dtype,
      async *chunks() {
        for (let at = 0; at < data.length; at += CHUNK_BYTES) yield data.subarray(at, at + CHUNK_BYTES);
      },
    });
  }
  if (tensors.size === 0) throw invalid('The HDF5 file holds no weights.');
  return { tensors, children: new Map() };
}
