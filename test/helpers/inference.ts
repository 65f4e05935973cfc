/** Makes checkpoints, graphs, architectures and packs for tests, byte by byte and without Python. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ArchitectureManifest, PackManifest } from '../../src/contract/pack.ts';
import { sha256Hex } from '../../src/engine/inference/files.ts';
import { makeModel, makeNode, makeTensor, makeValue } from '../../src/engine/inference/onnx/build.ts';
import { stripModel } from '../../src/engine/inference/onnx/fill.ts';
import type { OnnxModel } from '../../src/engine/inference/onnx/model.ts';
import { encodeModel } from '../../src/engine/inference/onnx/write.ts';
import type { ModelRoots } from '../../src/engine/inference/registry.ts';

/** A folder that lasts as long as the callback. */
export async function withFolder<T>(use: (folder: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'vidimus-inference-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Registry roots in a folder; the built-in one has `architectures/tiny`. */
export async function tinyRoots(folder: string): Promise<ModelRoots & { readonly tiny: string }> {
  const builtIn = join(folder, 'models');
  const tiny = join(builtIn, 'architectures', 'tiny');
  mkdirSync(tiny, { recursive: true });
  await writeArchitecture(tiny);
  return { builtIn, user: join(folder, 'user'), tiny };
}

/** A zip archive of stored entries; `mangle` may change the finished bytes. */
export function storedZip(entries: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const local: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const [name, data] of Object.entries(entries)) {
    const file = Buffer.from(name);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(20, 4);
    head.writeUInt32LE(crc32(data), 14);
    head.writeUInt32LE(data.length, 18);
    head.writeUInt32LE(data.length, 22);
    head.writeUInt16LE(file.length, 26);
    local.push(head, file, data);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    head.copy(entry, 6, 4, 30);
    entry.writeUInt32LE(offset, 42);
    central.push(entry, file);
    offset += 30 + file.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(central.length / 2, 8);
  end.writeUInt16LE(central.length / 2, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

const u32 = (value: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
};

/** Pieces of pickle protocol 2. */
export const P = {
  proto: Buffer.of(0x80, 2),
  stop: Buffer.from('.'),
  mark: Buffer.from('('),
  text: (value: string): Buffer => Buffer.concat([Buffer.from('X'), u32(Buffer.byteLength(value)), Buffer.from(value)]),
  int: (value: number): Buffer => Buffer.concat([Buffer.from('J'), u32(value >>> 0)]),
  global: (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`),
  tuple: (...items: Uint8Array[]): Buffer => Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]),
  reduce: Buffer.from('R'),
  dict: (entries: Readonly<Record<string, Uint8Array>>): Buffer =>
    Buffer.concat([
      Buffer.from('}('),
      ...Object.entries(entries).flatMap(([k, v]) => [P.text(k), v]),
      Buffer.from('u'),
    ]),
  file: (...parts: Uint8Array[]): Buffer => Buffer.concat([P.proto, ...parts, P.stop]),
};

export interface TestTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint16Array | Float64Array | BigInt64Array;
  readonly storage?: string;
  readonly strides?: readonly number[];
  readonly offset?: number;
  /** Key of a storage to share. */
  readonly key?: string;
  readonly legacy?: boolean;
}

const rowMajor = (shape: readonly number[]): number[] => {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
};

/** `torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, False, OrderedDict())`. */
export function pickledTensor(key: string, tensor: TestTensor): Buffer {
  const id = P.tuple(
    P.text('storage'),
    P.global('torch', tensor.storage ?? 'FloatStorage'),
    P.text(key),
    P.text('cpu'),
    P.int(tensor.data.length),
    ...(tensor.legacy === true ? [Buffer.from('N')] : []),
  );
  const args = P.tuple(
    Buffer.concat([id, Buffer.from('Q')]),
    P.int(tensor.offset ?? 0),
    P.tuple(...tensor.shape.map(P.int)),
    P.tuple(...(tensor.strides ?? rowMajor(tensor.shape)).map(P.int)),
    Buffer.of(0x89),
    Buffer.concat([P.global('collections', 'OrderedDict'), Buffer.from(')R')]),
  );
  return Buffer.concat([P.global('torch._utils', '_rebuild_tensor_v2'), args, P.reduce]);
}

const raw = (data: TestTensor['data']): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

/** A PyTorch zip checkpoint; `wrap` nests the parameters under a name. */
export function torchZip(tensors: Readonly<Record<string, TestTensor>>, wrap?: string): Uint8Array {
  const entries: Record<string, Uint8Array> = {};
  const items: Record<string, Uint8Array> = {};
  Object.entries(tensors).forEach(([name, tensor], i) => {
    const key = tensor.key ?? String(i);
    items[name] = pickledTensor(key, tensor);
    entries[`archive/data/${key}`] = raw(tensor.data);
  });
  const inner = P.dict(items);
  const whole = wrap === undefined ? inner : P.dict({ epoch: P.int(3), [wrap]: inner });
  return storedZip({ 'archive/data.pkl': P.file(whole), 'archive/byteorder': Buffer.from('little'), ...entries });
}

/** The same in the format before torch 1.6. */
export function torchLegacy(tensors: Readonly<Record<string, TestTensor>>): Uint8Array {
  const items: Record<string, Uint8Array> = {};
  const storages: Uint8Array[] = [];
  const keys: Uint8Array[] = [];
  Object.entries(tensors).forEach(([name, tensor], i) => {
    items[name] = pickledTensor(String(i), { ...tensor, legacy: true });
    keys.push(P.text(String(i)));
    const count = Buffer.alloc(8);
    count.writeBigInt64LE(BigInt(tensor.data.length));
    storages.push(count, raw(tensor.data));
  });
  const magic = Buffer.from([0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]);
  const version = P.file(P.int(1001));
  const system = P.file(P.dict({ little_endian: Buffer.of(0x88) }));
  const list = P.file(Buffer.from(']('), ...keys, Buffer.from('e'));
  return Buffer.concat([magic, version, system, P.file(P.dict(items)), list, ...storages]);
}

/** A safetensors file of float32 tensors. */
export function safetensors(tensors: Readonly<Record<string, TestTensor>>): Uint8Array {
  const header: Record<string, unknown> = {};
  let at = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape: tensor.shape, data_offsets: [at, at + tensor.data.byteLength] };
    at += tensor.data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...Object.values(tensors).map((tensor) => raw(tensor.data))]);
}

/** Weights by rule: a sine that starts elsewhere for every tensor. */
export const wave = (count: number, phase: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.37 + phase) * 0.5);

/** Parameters of {@link tinyModel} under the names the graph knows. */
export const TINY_WEIGHTS: Readonly<Record<string, TestTensor>> = {
  'conv.weight': { shape: [8, 3, 3, 3], data: wave(216, 0) },
  'conv.bias': { shape: [8], data: wave(8, 1) },
  'fc.weight': { shape: [2, 8], data: wave(16, 2) },
  'fc.bias': { shape: [2], data: wave(2, 3) },
};

/** Conv 3x3, ReLU, global mean, linear: [N, 3, 8, 8] to logits [N, 2]. */
export function tinyModel(batch: number | string = 'batch', weights = TINY_WEIGHTS): OnnxModel {
  return makeModel({
    nodes: [
      makeNode('Conv', ['input', 'conv.weight', 'conv.bias'], ['c'], { pads: [1, 1, 1, 1] }),
      makeNode('Relu', ['c'], ['r']),
      makeNode('GlobalAveragePool', ['r'], ['p']),
      makeNode('Flatten', ['p'], ['f']),
      makeNode('Gemm', ['f', 'fc.weight', 'fc.bias'], ['logits'], { transB: 1 }),
    ],
    initializers: Object.entries(weights).map(([name, tensor]) =>
      makeTensor(name, 'float32', tensor.shape, tensor.data),
    ),
    inputs: [makeValue('input', 'float32', [batch, 3, 8, 8])],
    outputs: [makeValue('logits', 'float32', [batch, 2])],
  });
}

/** Writes `architecture.json` and a stripped graph into a folder. */
export async function writeArchitecture(
  folder: string,
  model: OnnxModel = tinyModel(),
  change: Partial<ArchitectureManifest> = {},
): Promise<ArchitectureManifest> {
  const graph = await encodeModel(stripModel(model, () => true));
  writeFileSync(join(folder, 'graph.onnx'), graph);
  const manifest: ArchitectureManifest = {
    schema: 'vidimus/architecture/1',
    name: 'tiny',
    title: 'Tiny network',
    task: 'face-forgery',
    family: 'spatial-neural',
    reference: 'made for tests',
    graphs: [{ file: 'graph.onnx', sha256: sha256Hex(graph), bytes: graph.length, role: 'classifier' }],
    opset: 17,
    input: {
      tensor: 'input',
      kind: 'face-crop',
      width: 8,
      height: 8,
      layout: 'NCHW',
      color: 'rgb',
      resize: 'area',
      scale: 1 / 255,
      mean: [0.5],
      std: [0.5],
    },
    output: { tensor: 'logits', kind: 'logits', fakeIndex: 1, realIndex: 0 },
    thresholds: { decision: 0.5, uncertainBand: [0.4, 0.6] },
    envelope: {},
    keys: { strip: ['module.'], rename: [], nested: ['state_dict'], ignore: ['num_batches_tracked$'], transpose: [] },
    licence: 'Apache-2.0',
    source: { name: 'tests', url: 'https://example.invalid' },
    known: [],
    ...change,
  };
  writeFileSync(join(folder, 'architecture.json'), JSON.stringify(manifest));
  return manifest;
}

/** Writes a pack folder around a model and answers its manifest. */
export async function writePack(
  folder: string,
  change: Partial<PackManifest> = {},
  model: OnnxModel = tinyModel(),
): Promise<PackManifest> {
  mkdirSync(folder, { recursive: true });
  const bytes = await encodeModel(model);
  writeFileSync(join(folder, 'model.onnx'), bytes);
  const manifest: PackManifest = {
    schema: 'vidimus/pack/1',
    id: 'tiny',
    version: '1.0.0',
    name: 'Tiny',
    task: 'face-forgery',
    family: 'spatial-neural',
    architecture: 'tiny',
    licence: 'Apache-2.0',
    source: { name: 'tests', url: '' },
    files: [{ path: 'model.onnx', sha256: sha256Hex(bytes), bytes: bytes.length }],
    input: {
      kind: 'face-crop',
      width: 8,
      height: 8,
      layout: 'NCHW',
      color: 'rgb',
      resize: 'area',
      scale: 1 / 255,
      mean: [0.5],
      std: [0.5],
    },
    output: { tensor: 'logits', kind: 'logits', fakeIndex: 1, realIndex: 0 },
    thresholds: { decision: 0.5, uncertainBand: [0.4, 0.6] },
    calibration: null,
    envelope: {},
    validation: [],
    published: [],
    ...change,
  };
  writeFileSync(join(folder, 'pack.json'), JSON.stringify(manifest));
  return manifest;
}

/** All bytes of a stream. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
