/** Opens a checkpoint by what its first bytes say, never by its extension. */
import { VidimusError } from '../../../contract/errors.ts';
import { dtypeOf, isStripped, parseModel } from '../onnx/model.ts';
import type { Checkpoint, CheckpointFormat, CheckpointTensor, CheckpointTree } from './checkpoint.ts';
import { readKeras } from './keras.ts';
import { readSafetensors, safetensorsHeaderLength } from './safetensors.ts';
import { FileSource } from './source.ts';
import { LEGACY_MAGIC, readTorchLegacy, readTorchZip } from './torch.ts';

const HDF5_MAGIC = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);
const MAX_ONNX = 2 ** 31 - 1;

const startsWith = (bytes: Uint8Array, magic: Uint8Array): boolean => magic.every((byte, i) => bytes[i] === byte);

/**
 * Opens a checkpoint and reads its description; weights are read when asked for.
 * @throws VidimusError `checkpoint.invalid` for what is not readable, `checkpoint.hostile` for what asks for more.
 */
export async function openCheckpoint(path: string, signal?: AbortSignal): Promise<Checkpoint> {
  const file = await FileSource.open(path);
  try {
    const sha256 = await file.sha256(signal);
    const { format, root } = await readTree(file);
    return { format, sha256, bytes: file.size, root, close: () => file.close() };
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

async function readTree(file: FileSource): Promise<{ format: CheckpointFormat; root: CheckpointTree }> {
  const first = await file.read(0, Math.min(64, file.size));
  if (startsWith(first, Uint8Array.of(0x50, 0x4b))) return { format: 'pytorch-zip', root: await readTorchZip(file) };
  if (startsWith(first, LEGACY_MAGIC)) return { format: 'pytorch-legacy', root: await readTorchLegacy(file) };
  if (startsWith(first, HDF5_MAGIC)) return { format: 'keras-hdf5', root: await readKeras(file) };
  const header = safetensorsHeaderLength(first, file.size);
  if (header !== null) return { format: 'safetensors', root: await readSafetensors(file, header) };
  if (first[0] === 0x08 && file.size <= MAX_ONNX) return { format: 'onnx', root: await readOnnxInitializers(file) };
  if (first[0] === 0x80) {
    throw new VidimusError(
      'checkpoint.hostile',
      'The file is a bare pickle, not a PyTorch checkpoint; such files exist to run code.',
    );
  }
  throw new VidimusError(
    'checkpoint.invalid',
    'The file is no checkpoint that is read here (PyTorch, safetensors, Keras HDF5, ONNX).',
  );
}

async function readOnnxInitializers(file: FileSource): Promise<CheckpointTree> {
  const model = parseModel(await file.read(0, file.size));
  const tensors = new Map<string, CheckpointTensor>();
  for (const tensor of model.graph.initializers) {
    const dtype = dtypeOf(tensor.type);
    const { data } = tensor;
    if (dtype === null || isStripped(tensor) || tensor.external || !(data instanceof Uint8Array)) continue;
    tensors.set(tensor.name, {
      shape: tensor.dims,
      dtype,
      async *chunks() {
        yield data;
      },
    });
  }
  return { tensors, children: new Map() };
}
