import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VidimusError } from '../../src/contract/errors.ts';
import { readPickle } from '../../src/engine/inference/checkpoints/pickle.ts';
import {
  PickleDict,
  PickleList,
  PickleTensor,
  PickleTuple,
} from '../../src/engine/inference/checkpoints/pickle-values.ts';
import { P, pickledTensor } from '../helpers/inference.ts';

const codeOf = (bytes: Uint8Array): string => {
  try {
    readPickle(bytes);
    return 'read';
  } catch (thrown) {
    if (thrown instanceof VidimusError) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
};

describe('the pickle reader', () => {
  it('builds containers, numbers and strings', () => {
    const bytes = P.file(P.dict({ a: P.int(-7), b: P.tuple(P.text('x'), Buffer.of(0x88), Buffer.from('N')) }));
    const { value, end } = readPickle(bytes);
    expect(end).toBe(bytes.length);
    if (!(value instanceof PickleDict)) throw new Error('no dictionary');
    expect(value.entries.get('a')).toBe(-7);
    const b = value.entries.get('b');
    expect(b instanceof PickleTuple && b.items).toEqual(['x', true, null]);
  });

  it('reads integers of any width as Python writes them', () => {
    const long = (...bytes: number[]) => readPickle(P.file(Buffer.of(0x8a, bytes.length, ...bytes))).value;
    expect(long()).toBe(0);
    expect(long(0xff, 0x00)).toBe(255);
    expect(long(0xff)).toBe(-1);
    expect(long(0, 0, 0, 0, 0, 0, 0, 0, 1)).toBe(2n ** 64n);
  });

  it('describes a tensor without touching its numbers', () => {
    const { value } = readPickle(
      P.file(pickledTensor('7', { shape: [2, 3], strides: [1, 2], data: new Float32Array(6) })),
    );
    expect(value).toBeInstanceOf(PickleTensor);
    expect(value).toMatchObject({
      shape: [2, 3],
      strides: [1, 2],
      offset: 0,
      storage: { key: '7', dtype: 'float32', elements: 6 },
    });
  });

  it('refuses a tensor that reaches past its storage', () => {
    expect(codeOf(P.file(pickledTensor('0', { shape: [7], data: new Float32Array(6) })))).toContain('past its storage');
    expect(codeOf(P.file(pickledTensor('0', { shape: [2], offset: 5, data: new Float32Array(6) })))).toContain(
      'past its storage',
    );
  });

  it.each([
    ['os', 'system'],
    ['posix', 'system'],
    ['builtins', 'eval'],
    ['builtins', 'getattr'],
    ['torch.storage', '_load_from_bytes'],
    ['torch', 'load'],
    ['numpy.core.multiarray', '_reconstruct'],
    ['collections', 'OrderedDict.__init__'],
    ['torch', 'FloatStorage\u0000'],
    ['__proto__', 'constructor'],
  ])('refuses the name %s.%s and says it', (module, name) => {
    const answer = codeOf(P.file(P.global(module, name), P.tuple(P.text('id')), P.reduce));
    expect(answer).toContain('checkpoint.hostile');
    expect(answer).toContain(`${module}.${name}`);
  });

  it.each([
    ['INST', Buffer.from('(ios\nsystem\n')],
    ['OBJ', Buffer.from('(o')],
    ['PERSID', Buffer.from('Pabc\n')],
    ['EXT1', Buffer.of(0x82, 1)],
    ['NEWOBJ_EX', Buffer.of(0x92)],
    ['0xff', Buffer.of(0xff)],
  ])('refuses the instruction %s and says it', (name, bytes) => {
    const answer = codeOf(P.file(bytes));
    expect(answer).toContain('checkpoint.hostile');
    expect(answer).toContain(name);
  });

  it('refuses to call what is not a permitted name', () => {
    expect(codeOf(P.file(P.text('eval'), P.tuple(), P.reduce))).toContain('checkpoint.hostile');
    expect(codeOf(P.file(P.global('torch', 'FloatStorage'), P.tuple(P.int(9)), P.reduce))).toContain(
      'checkpoint.hostile',
    );
    expect(codeOf(P.file(P.int(1), P.dict({}), Buffer.from('b')))).toContain('checkpoint.hostile');
  });

  it('keeps a list of many items flat and a nest of references small', () => {
    const many = Buffer.concat([
      Buffer.from(']('),
      ...Array.from({ length: 200_000 }, () => Buffer.of(0x4b, 1)),
      Buffer.from('e'),
    ]);
    const { value } = readPickle(P.file(many));
    expect(value instanceof PickleList && value.items.length).toBe(200_000);
  });

  it('never fails with anything but a named error, whatever the bytes', () => {
    const seed = P.file(
      P.dict({ w: pickledTensor('0', { shape: [2, 2], data: new Float32Array(4) }), n: P.int(5), s: P.text('text') }),
    );
    const mutated = fc
      .array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 })
      .map((changes) => {
        const copy = Buffer.from(seed);
        for (const [at, byte] of changes) copy[at] = byte;
        return copy;
      });
    const cut = fc.nat(seed.length).map((n) => seed.subarray(0, n));
    fc.assert(
      fc.property(fc.oneof(mutated, cut, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        expect(codeOf(bytes)).toMatch(/^(read|checkpoint\.(invalid|hostile))/);
      }),
      { numRuns: 4000, seed: 1 },
    );
  });
});
