/** What a pickle may hold once it was read. */
import type { DType } from '../dtype.ts';

/** Values a pickle may hold. Dictionaries are Maps, so no key can reach an object's prototype. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleList
  | PickleDict
  | PickleTuple
  | PickleGlobal
  | PickleStorage
  | PickleTensor
  | PickleOpaque;

export class PickleList {
  readonly items: PickleValue[] = [];
}
export class PickleTuple {
  readonly items: readonly PickleValue[];
  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}
export class PickleDict {
  readonly entries = new Map<PickleValue, PickleValue>();
}
/** A permitted name from a Python module. */
export class PickleGlobal {
  readonly name: string;
  readonly kind: GlobalKind;
  constructor(name: string, kind: GlobalKind) {
    this.name = name;
    this.kind = kind;
  }
}
/** A block of numbers that lies elsewhere in the file under `key`. */
export class PickleStorage {
  readonly key: string;
  readonly dtype: DType;
  readonly elements: number;
  /** Element offset of a legacy view into the block. */
  readonly viewOffset: number;
  constructor(key: string, dtype: DType, elements: number, viewOffset = 0) {
    this.key = key;
    this.dtype = dtype;
    this.elements = elements;
    this.viewOffset = viewOffset;
  }
}
/** A view on a storage: offset and strides in elements. */
export class PickleTensor {
  readonly storage: PickleStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  constructor(storage: PickleStorage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}
/** Something harmless whose content we do not need (a dtype, a device, a NumPy scalar). */
export class PickleOpaque {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** What a permitted name stands for: an element type, or a call whose effect we imitate. */
export type GlobalKind =
  | { readonly call: 'dict' | 'tensor' | 'parameter' | 'size' | 'set' | 'opaque' | 'bytes' }
  | { readonly storage: DType };
