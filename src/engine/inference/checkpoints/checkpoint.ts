/** What every checkpoint reader gives: named tensors whose bytes are fetched when they are needed. */
import type { DType } from '../dtype.ts';

export type CheckpointFormat = 'pytorch-zip' | 'pytorch-legacy' | 'safetensors' | 'keras-hdf5' | 'onnx';

/** One parameter. `chunks` yields its little-endian bytes in row-major order. */
export interface CheckpointTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  chunks(): AsyncIterable<Uint8Array>;
}

/** A container as it was nested in the file: PyTorch files hold dictionaries in dictionaries. */
export interface CheckpointTree {
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  readonly children: ReadonlyMap<string, CheckpointTree>;
}

/** An open checkpoint; close it when its tensors were read. */
export interface Checkpoint {
  readonly format: CheckpointFormat;
  readonly sha256: string;
  readonly bytes: number;
  readonly root: CheckpointTree;
  close(): Promise<void>;
}
