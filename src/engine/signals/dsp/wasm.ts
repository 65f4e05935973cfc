/**
 * A small assembler for WebAssembly with 128-bit SIMD (WebAssembly Core 2.0, binary format): instructions are
 * arrays of bytes that nest like expressions, and {@link assemble} wraps functions into a module with one memory.
 * It exists so that the few integer kernels that need SIMD are part of this source and can be read and rebuilt,
 * instead of being an opaque binary.
 */

/** Encoded instructions, leaving zero or one value on the stack. */
export type Code = readonly number[];

/** Value types of locals. */
export const I32 = 0x7f;
export const V128 = 0x7b;
type ValueType = typeof I32 | typeof V128;

function unsigned(value: number): number[] {
  const out: number[] = [];
  let v = value;
  do {
    const byte = v % 128;
    v = Math.floor(v / 128);
    out.push(v > 0 ? byte + 128 : byte);
  } while (v > 0);
  return out;
}

function signed(value: number): number[] {
  const out: number[] = [];
  let v = value | 0;
  for (;;) {
    const byte = v & 0x7f;
    v >>= 7;
    if ((v === 0 && (byte & 0x40) === 0) || (v === -1 && (byte & 0x40) !== 0)) {
      out.push(byte);
      return out;
    }
    out.push(byte | 0x80);
  }
}

export const block = (...codes: Code[]): number[] => codes.flat();
export const i32 = (value: number): number[] => [0x41, ...signed(value)];
export const get = (local: number): number[] => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): number[] => [...value, 0x21, ...unsigned(local)];
/** Sets a local and leaves its value on the stack. */
export const tee = (local: number, value: Code): number[] => [...value, 0x22, ...unsigned(local)];
export const call = (index: number, ...args: Code[]): number[] => [...args.flat(), 0x10, ...unsigned(index)];
const binary =
  (opcode: number) =>
  (a: Code, b: Code): number[] => [...a, ...b, opcode];
export const add = binary(0x6a);
export const mul = binary(0x6c);
export const divU = binary(0x6e);
export const shrU = binary(0x76);
const ltU = binary(0x49);
/** local = local + amount */
export const advance = (local: number, amount: number): number[] => set(local, add(get(local), i32(amount)));

const access =
  (opcode: readonly number[]) =>
  (address: Code, offset = 0): number[] => [...address, ...opcode, 0, ...unsigned(offset)];
export const load32 = access([0x28]);
export const load8U = access([0x2d]);
export const load16U = access([0x2f]);
export const load128 = access([0xfd, 0x00]);
/** Eight bytes widened to eight unsigned 16-bit lanes. */
export const load8x8U = access([0xfd, 0x02]);
const storing =
  (opcode: readonly number[]) =>
  (address: Code, value: Code, offset = 0): number[] => [...address, ...value, ...opcode, 0, ...unsigned(offset)];
export const store8 = storing([0x3a]);
export const store16 = storing([0x3b]);
export const store128 = storing([0xfd, 0x0b]);
/** memory.fill with zero bytes */
export const clear = (address: Code, bytes: Code): number[] => [...address, ...i32(0), ...bytes, 0xfc, 0x0b, 0];

const simd =
  (opcode: number) =>
  (...args: Code[]): number[] => [...args.flat(), 0xfd, ...unsigned(opcode)];
export const splat16 = simd(0x10);
export const lessU16 = simd(0x30);
export const equal16 = simd(0x2d);
export const and128 = simd(0x4e);
export const or128 = simd(0x50);
export const xor128 = simd(0x51);
export const anyTrue = simd(0x53);
export const shiftRightU16 = simd(0x8d);
export const add16 = simd(0x8e);
export const addSaturated16 = simd(0x90);
export const sub16 = simd(0x91);
export const mul16 = simd(0x95);
export const add32 = simd(0xae);
/** Signed 16-bit products of neighbouring lanes, added in pairs to 32 bit. */
export const dot16 = simd(0xba);
/** One unsigned 16-bit lane. */
export const lane16 = (vector: Code, lane: number): number[] => [...vector, 0xfd, 0x19, lane];
const shuffle = (a: Code, b: Code, lanes: readonly number[]): number[] => [...a, ...b, 0xfd, 0x0d, ...lanes];
/** a0 b0 a1 b1 a2 b2 a3 b3 in 16-bit lanes */
export const interleaveLow16 = (a: Code, b: Code): number[] =>
  shuffle(a, b, [0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23]);
/** a4 b4 a5 b5 a6 b6 a7 b7 in 16-bit lanes */
export const interleaveHigh16 = (a: Code, b: Code): number[] =>
  shuffle(a, b, [8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31]);

export const when = (condition: Code, then: Code, otherwise: Code): number[] => [
  ...condition,
  0x04,
  0x40,
  ...then,
  0x05,
  ...otherwise,
  0x0b,
];
/** do { body } while (local < end), unsigned; the body advances the local. */
export const repeatWhileBelow = (local: number, end: Code, body: Code): number[] => [
  0x03,
  0x40,
  ...body,
  ...ltU(get(local), end),
  0x0d,
  0,
  0x0b,
];

/** A function without result: `params` counts its i32 parameters, which are locals 0, 1, ...; `locals` follow. */
export interface WasmFunction {
  readonly name: string;
  readonly params: number;
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

const sized = (bytes: Code): number[] => [...unsigned(bytes.length), ...bytes];
const section = (id: number, items: readonly Code[]): number[] => [
  id,
  ...sized([...unsigned(items.length), ...items.flat()]),
];
const text = (s: string): number[] => sized([...new TextEncoder().encode(s)]);

/** Binary module that exports every function under its name, and a memory of `pages` x 64 KiB as `memory`. */
export function assemble(functions: readonly WasmFunction[], pages: number): Uint8Array<ArrayBuffer> {
  const types = functions.map((f) => [0x60, ...sized(new Array<number>(f.params).fill(I32)), 0]);
  const bodies = functions.map((f) =>
    sized([...unsigned(f.locals.length), ...f.locals.flatMap((type) => [1, type]), ...f.body, 0x0b]),
  );
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(
      3,
      functions.map((_, i) => unsigned(i)),
    ),
    ...section(5, [[1, ...unsigned(pages), ...unsigned(pages)]]),
    ...section(7, [[...text('memory'), 2, 0], ...functions.map((f, i) => [...text(f.name), 0, ...unsigned(i)])]),
    ...section(10, bodies),
  ]);
}
