/** The names a checkpoint may mention, and what becomes of a call to one of them. */
import { VidimusError } from '../../../contract/errors.ts';
import type { DType } from '../dtype.ts';
import {
  type GlobalKind,
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleOpaque,
  PickleStorage,
  PickleTensor,
  PickleTuple,
  type PickleValue,
} from './pickle-values.ts';

const STORAGES: Readonly<Record<string, DType>> = {
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  DoubleStorage: 'float64',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  ShortStorage: 'int16',
  IntStorage: 'int32',
  LongStorage: 'int64',
  BoolStorage: 'bool',
};

const TORCH_DTYPES = ['float32', 'float64', 'float16', 'bfloat16', 'int8', 'uint8', 'int16', 'int32', 'int64', 'bool'];

/** Every name a checkpoint may mention. */
const GLOBALS: ReadonlyMap<string, GlobalKind> = new Map<string, GlobalKind>([
  ['collections.OrderedDict', { call: 'dict' }],
  ['torch._utils._rebuild_tensor', { call: 'tensor' }],
  ['torch._utils._rebuild_tensor_v2', { call: 'tensor' }],
  ['torch._utils._rebuild_parameter', { call: 'parameter' }],
  ['torch.Size', { call: 'size' }],
  ['torch.device', { call: 'opaque' }],
  ['builtins.set', { call: 'set' }],
  ['__builtin__.set', { call: 'set' }],
  ['_codecs.encode', { call: 'bytes' }],
  ['numpy.dtype', { call: 'opaque' }],
  ['numpy.core.multiarray.scalar', { call: 'opaque' }],
  ['numpy._core.multiarray.scalar', { call: 'opaque' }],
  ...TORCH_DTYPES.map((name): [string, GlobalKind] => [`torch.${name}`, { call: 'opaque' }]),
  ...Object.entries(STORAGES).map(([name, dtype]): [string, GlobalKind] => [`torch.${name}`, { storage: dtype }]),
]);

export const damaged = (sentence: string): VidimusError =>
  new VidimusError('checkpoint.invalid', `The pickle in the checkpoint is damaged: ${sentence}`);
export const hostile = (what: string): VidimusError =>
  new VidimusError(
    'checkpoint.hostile',
    `The checkpoint asks for ${what}; a checkpoint may hold tensors and nothing else.`,
  );

/** A natural number within the safe range, as sizes and offsets must be. */
function natural(value: PickleValue | undefined, what: string): number {
  const n = typeof value === 'bigint' ? Number(value) : value;
  if (typeof n !== 'number' || !Number.isSafeInteger(n) || n < 0) throw damaged(`${what} is not a natural number.`);
  return n;
}

function naturals(value: PickleValue | undefined, what: string): number[] {
  const items = value instanceof PickleTuple || value instanceof PickleList ? value.items : null;
  if (items === null) throw damaged(`${what} is not a tuple.`);
  if (items.length > 64) throw damaged(`${what} has ${items.length} dimensions.`);
  return items.map((item) => natural(item, what));
}

/** Looks a name up. @throws VidimusError `checkpoint.hostile` naming it when it is not permitted. */
export function findGlobal(module: string, name: string): PickleGlobal {
  const full = `${module}.${name}`;
  const kind = GLOBALS.get(full);
  if (kind === undefined) throw hostile(`the Python name "${full.slice(0, 200)}"`);
  return new PickleGlobal(full, kind);
}

/** `('storage', type, key, location, elements[, (view key, offset, size)])`. */
export function storageOf(id: PickleValue): PickleStorage {
  if (!(id instanceof PickleTuple)) throw damaged('a storage has no description.');
  const [tag, type, key, , elements, viewInfo] = id.items;
  if (tag !== 'storage' || typeof key !== 'string') throw damaged('a storage has no key.');
  if (!(type instanceof PickleGlobal) || !('storage' in type.kind)) throw damaged('a storage has no element type.');
  let offset = 0;
  if (viewInfo instanceof PickleTuple) offset = natural(viewInfo.items[1], 'the offset of a storage view');
  return new PickleStorage(key, type.kind.storage, natural(elements, 'the size of a storage'), offset);
}

function tensorOf(args: readonly PickleValue[]): PickleTensor {
  const [storage, offset, shape, strides] = args;
  if (!(storage instanceof PickleStorage)) throw damaged('a tensor has no storage.');
  const size = naturals(shape, 'the shape of a tensor');
  const step = naturals(strides, 'the strides of a tensor');
  if (size.length !== step.length) throw damaged('a tensor has more sizes than strides.');
  const from = natural(offset, 'the offset of a tensor');
  let last = from;
  for (let i = 0; i < size.length; i++) last += Math.max(0, size[i] - 1) * step[i];
  if (!size.includes(0) && last >= storage.elements) throw damaged('a tensor reaches past its storage.');
  return new PickleTensor(storage, from, size, step);
}

/** Value of a call to a permitted name. */
export function rebuild(callee: PickleGlobal, args: readonly PickleValue[]): PickleValue {
  if ('storage' in callee.kind) throw hostile(`a call of ${callee.name}`);
  switch (callee.kind.call) {
    case 'dict': {
      const dict = new PickleDict();
      const pairs = args[0];
      if (pairs instanceof PickleList) {
        for (const pair of pairs.items) {
          const items = pair instanceof PickleTuple || pair instanceof PickleList ? pair.items : [];
          if (items.length !== 2) throw damaged('an OrderedDict is made of something else than pairs.');
          dict.entries.set(items[0], items[1]);
        }
      }
      return dict;
    }
    case 'tensor':
      return tensorOf(args);
    case 'parameter': {
      const tensor = args[0];
      if (!(tensor instanceof PickleTensor)) throw damaged('a parameter holds no tensor.');
      return tensor;
    }
    case 'size':
      return args[0] instanceof PickleTuple ? args[0] : new PickleTuple([]);
    case 'set':
      return args[0] instanceof PickleList ? args[0] : new PickleList();
    case 'bytes':
      return typeof args[0] === 'string'
        ? new Uint8Array(Buffer.from(args[0], 'latin1'))
        : new PickleOpaque(callee.name);
    case 'opaque':
      return new PickleOpaque(callee.name);
  }
}
