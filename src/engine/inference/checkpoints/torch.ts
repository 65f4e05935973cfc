/** PyTorch checkpoints: the zip archive of torch 1.6 and later, and the row of pickles before it. */
import { VidimusError } from '../../../contract/errors.ts';
import { DTYPE_BYTES } from '../dtype.ts';
import type { CheckpointTensor, CheckpointTree } from './checkpoint.ts';
import { readPickle } from './pickle.ts';
import {
  PickleDict,
  PickleList,
  type PickleStorage,
  PickleTensor,
  PickleTuple,
  type PickleValue,
} from './pickle-values.ts';
import type { FileSource } from './source.ts';
import { type Block, readView } from './strided.ts';
import { ZipArchive } from './zip.ts';

/** The description of a network with thousands of layers is a few megabytes. */
const MAX_PICKLE = 64 * 1024 * 1024;
const MAX_DEPTH = 16;
const MAX_NODES = 1_000_000;

const invalid = (sentence: string): VidimusError => new VidimusError('checkpoint.invalid', sentence);

/** First bytes of a legacy file: PROTO 2, LONG1 of ten bytes, torch's magic number. */
export const LEGACY_MAGIC = Uint8Array.of(
  0x80,
  0x02,
  0x8a,
  0x0a,
  0x6c,
  0xfc,
  0x9c,
  0x46,
  0xf9,
  0x20,
  0x6a,
  0xa8,
  0x50,
  0x19,
);

type FindBlock = (storage: PickleStorage) => Block;

/** Reads the description of a zip checkpoint; tensors stay in the file. */
export async function readTorchZip(file: FileSource): Promise<CheckpointTree> {
  const zip = await ZipArchive.open(file);
  const pickles = [...zip.entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1) throw invalid('The zip archive is not a PyTorch checkpoint: it has no data.pkl.');
  const prefix = pickles[0].slice(0, -'data.pkl'.length);
  if (
    zip.entries.has(`${prefix}constants.pkl`) ||
    [...zip.entries.keys()].some((name) => name.startsWith(`${prefix}code/`))
  ) {
    throw new VidimusError(
      'checkpoint.hostile',
      'The file is a TorchScript archive: it carries code beside its weights and is refused.',
      { advice: 'Save the weights alone with torch.save(model.state_dict(), path) and import that file.' },
    );
  }
  const order = zip.entries.get(`${prefix}byteorder`);
  if (order !== undefined && Buffer.from(await zip.read(order, 64)).toString('latin1') !== 'little') {
    throw invalid('The checkpoint was written on a big-endian machine, which is not read.');
  }
  const entry = zip.entries.get(pickles[0]);
  if (entry === undefined) throw invalid('The zip archive lost its data.pkl.');
  const { value } = readPickle(await zip.read(entry, MAX_PICKLE));
  return treeOf(value, (storage) => {
    const data = zip.entries.get(`${prefix}data/${storage.key}`);
    if (data === undefined) throw invalid(`The checkpoint holds no storage "${storage.key}".`);
    if (data.size !== storage.elements * DTYPE_BYTES[storage.dtype]) {
      throw invalid(
        `The storage "${storage.key}" has ${data.size} bytes where ${storage.elements} elements are announced.`,
      );
    }
    return { bytes: data.size, stream: () => zip.stream(data) };
  });
}

/** Reads the description of a legacy checkpoint and where its storages lie. */
export async function readTorchLegacy(file: FileSource): Promise<CheckpointTree> {
  const head = await file.read(0, Math.min(file.size, MAX_PICKLE));
  let at = LEGACY_MAGIC.length + 1;
  const next = (): PickleValue => {
    const { value, end } = readPickle(head, at);
    at = end;
    return value;
  };
  if (next() !== 1001) throw invalid('The checkpoint uses an unknown version of the legacy format.');
  const system = next();
  if (system instanceof PickleDict && system.entries.get('little_endian') === false) {
    throw invalid('The checkpoint was written on a big-endian machine, which is not read.');
  }
  const object = next();
  const keys = next();
  if (!(keys instanceof PickleList)) throw invalid('The checkpoint does not list its storages.');
  const storages = new Map<string, PickleStorage>();
  visit(object, (value) => {
    if (value instanceof PickleTensor) storages.set(value.storage.key, value.storage);
  });
  const offsets = new Map<string, number>();
  for (const key of keys.items) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (typeof key !== 'string' || storage === undefined) {
      throw invalid('The checkpoint lists a storage that no tensor uses; where the next one begins is unknown.');
    }
    if (offsets.has(key))
      throw new VidimusError('checkpoint.hostile', `The checkpoint lists the storage "${key}" twice.`);
    const count = Buffer.from(await file.read(at, 8)).readBigInt64LE();
    if (count !== BigInt(storage.elements)) throw invalid(`The storage "${key}" states two sizes.`);
    const bytes = storage.elements * DTYPE_BYTES[storage.dtype];
    if (at + 8 + bytes > file.size) throw invalid(`The storage "${key}" runs past the end of the file.`);
    offsets.set(key, at + 8);
    at += 8 + bytes;
  }
  return treeOf(object, (storage) => {
    const offset = offsets.get(storage.key);
    if (offset === undefined) throw invalid(`The checkpoint holds no storage "${storage.key}".`);
    const bytes = storage.elements * DTYPE_BYTES[storage.dtype];
    if (bytes !== sizeOf(storages.get(storage.key))) throw invalid(`The storage "${storage.key}" has two types.`);
    return { bytes, stream: () => file.chunks(offset, bytes) };
  });
}

const sizeOf = (storage: PickleStorage | undefined): number =>
  storage === undefined ? -1 : storage.elements * DTYPE_BYTES[storage.dtype];

/** Calls `see` once for every value reachable from `root`; shared values once, so no nesting can explode. */
function visit(root: PickleValue, see: (value: PickleValue) => void): void {
  const seen = new Set<PickleValue>();
  const queue: PickleValue[] = [root];
  for (let value = queue.pop(); value !== undefined; value = queue.pop()) {
    see(value);
    if (value === null || typeof value !== 'object' || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof PickleDict) for (const item of value.entries.values()) queue.push(item);
    else if (value instanceof PickleList || value instanceof PickleTuple)
      for (const item of value.items) queue.push(item);
  }
}

function treeOf(root: PickleValue, find: FindBlock): CheckpointTree {
  if (!(root instanceof PickleDict)) throw invalid('The checkpoint holds no dictionary of tensors.');
  let nodes = 0;
  const build = (dict: PickleDict, depth: number): CheckpointTree => {
    const tensors = new Map<string, CheckpointTensor>();
    const children = new Map<string, CheckpointTree>();
    for (const [key, value] of dict.entries) {
      if (++nodes > MAX_NODES || depth > MAX_DEPTH) throw invalid('The checkpoint nests more than any real one.');
      const name = typeof key === 'string' ? key : typeof key === 'number' ? String(key) : null;
      if (name === null) continue;
      if (value instanceof PickleTensor) tensors.set(name, lazyTensor(value, find));
      else if (value instanceof PickleDict) children.set(name, build(value, depth + 1));
    }
    return { tensors, children };
  };
  return build(root, 0);
}

function lazyTensor(tensor: PickleTensor, find: FindBlock): CheckpointTensor {
  const { storage, shape, strides } = tensor;
  return {
    shape,
    dtype: storage.dtype,
    chunks: () =>
      readView(find(storage), { dtype: storage.dtype, shape, strides, offset: tensor.offset + storage.viewOffset }),
  };
}
