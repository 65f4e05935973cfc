/** From a network's answer to scores: 0..1, higher means more likely manipulated. */
import { VidimusError } from '../../contract/errors.ts';
import type { OutputRule } from '../../contract/pack.ts';
import type { Tensor } from './tensor.ts';

const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/** Probability of class `index` under softmax, without overflow. */
function softmax(row: readonly number[], index: number): number {
  const top = Math.max(...row);
  const sum = row.reduce((total, x) => total + Math.exp(x - top), 0);
  return Math.exp((row[index] ?? Number.NaN) - top) / sum;
}

/** Networks round their own probabilities in 32 bits. */
const SLACK = 1e-4;

/**
 * One score per item of an output [N, classes] (or [N] or [N, 1]).
 *
 * `logits` go through softmax, or sigmoid where there is one unit; `sigmoid` and `softmax` are probabilities already.
 * With `fakeIndex` the score is that class's probability; with only `realIndex` it is one minus that class's.
 * @throws VidimusError `inference.failed` for answers that are no probabilities, `pack.invalid` for outputs
 * that give no score (maps, boxes) or indices beyond the classes.
 */
export function scoresOf(output: Tensor, rule: OutputRule): Float64Array {
  if (rule.kind === 'map' || rule.kind === 'boxes')
    throw new VidimusError('pack.invalid', `An output of kind ${rule.kind} gives no score.`);
  const n = output.dims[0] ?? 0;
  const classes = n === 0 ? 0 : output.data.length / n;
  const index = rule.fakeIndex ?? rule.realIndex;
  if (index === undefined)
    throw new VidimusError('pack.invalid', 'The output rule names neither the manipulated nor the real class.');
  if (!Number.isInteger(classes) || index >= Math.max(1, classes)) {
    throw new VidimusError(
      'pack.invalid',
      `The network answers ${classes} values per item; the rule asks for number ${index}.`,
    );
  }
  const scores = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = Array.from(output.data.subarray(i * classes, (i + 1) * classes), Number);
    const probability =
      rule.kind !== 'logits'
        ? (row[index] ?? Number.NaN)
        : classes === 1
          ? sigmoid(row[0] ?? Number.NaN)
          : softmax(row, index);
    if (!(probability >= -SLACK && probability <= 1 + SLACK)) {
      throw new VidimusError(
        'inference.failed',
        `The network answered ${probability} where a probability is expected.`,
      );
    }
    const clamped = Math.min(1, Math.max(0, probability));
    scores[i] = rule.fakeIndex === undefined ? 1 - clamped : clamped;
  }
  return scores;
}
