/**
 * Graphs without weights against PyTorch: both filled by the same rule, so no Python is needed to check them.
 *
 * Tolerance: 1e-4 of the largest absolute value of an output. Both sides compute in single precision; onnxruntime
 * orders sums otherwise than PyTorch, which costs 1e-6 to 3e-5 here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ROOT } from '../helpers/shared.ts';
import { fillInput, fillWeight } from './architectures-fill.ts';
import { withWeights } from './architectures-onnx.ts';

const TOLERANCE = 1e-4;

const Golden = z.record(
  z.string(),
  z.array(
    z.strictObject({
      file: z.string(),
      gain: z.number(),
      inputs: z.array(
        z.strictObject({
          name: z.string(),
          dims: z.array(z.int()),
          type: z.enum(['float32', 'int64']),
          constant: z.number().optional(),
        }),
      ),
      outputs: z.array(
        z.strictObject({
          name: z.string(),
          dims: z.array(z.int()),
          first: z.array(z.number()),
          scale: z.number(),
          meanAbsolute: z.number(),
        }),
      ),
    }),
  ),
);
const golden = Golden.parse(JSON.parse(readFileSync(join(ROOT, 'test/golden/architectures.json'), 'utf8')));
type Input = z.infer<typeof Golden>[string][number]['inputs'][number];

function tensor({ name, dims, type, constant }: Input): ort.Tensor {
  if (type === 'int64') return new ort.Tensor('int64', [BigInt(constant ?? 0)], dims);
  return new ort.Tensor('float32', fillInput(name, dims), dims);
}

describe('graphs without weights agree with PyTorch', () => {
  for (const [name, graphs] of Object.entries(golden))
    for (const graph of graphs)
      it(`${name} ${graph.file}`, async () => {
        const bytes = readFileSync(join(ROOT, 'models/architectures', name, graph.file));
        const model = withWeights(bytes, (key, dims) => fillWeight(key, dims, graph.gain));
        const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
        const answers = await session.run(Object.fromEntries(graph.inputs.map((i) => [i.name, tensor(i)])));
        await session.release();
        for (const expected of graph.outputs) {
          const got = answers[expected.name];
          expect(got?.dims).toEqual(expected.dims);
          const data = got?.data;
          if (!(data instanceof Float32Array)) throw new Error(`${expected.name} is not float32`);
          const allowed = TOLERANCE * expected.scale;
          expected.first.forEach((value, i) => {
            expect(Math.abs((data[i] ?? Number.NaN) - value), `${expected.name}[${i}]`).toBeLessThanOrEqual(allowed);
          });
          const mean = data.reduce((sum, value) => sum + Math.abs(value), 0) / data.length;
          expect(Math.abs(mean - expected.meanAbsolute), `mean of |${expected.name}|`).toBeLessThanOrEqual(allowed);
        }
      });
});
