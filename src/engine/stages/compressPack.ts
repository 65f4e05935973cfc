/** Making a smaller variant of a pack, and measuring on the laboratory's files what it changes. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { QuantizeReport as Report } from '../../contract/api.ts';
import { asVidimusError, throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import { type Pack, packKey } from '../inference/pack.ts';
import { quantizeCalibrated, quantizePack, scoreChange } from '../inference/quantize.ts';
import type { ModelRoots } from '../inference/registry.ts';
import type { Tensor } from '../inference/tensor.ts';

/**
 * Score of one file by one pack alone; null where the pack could not speak. `onBatch` sees what goes into its network.
 */
export type ScoreFile = (
  path: string,
  pack: Pack,
  signal: AbortSignal,
  onBatch?: (batch: Tensor) => void,
) => Promise<number | null>;

/** Batches kept for calibration; ranges settle long before. */
const MAX_BATCHES = 256;

interface Made {
  readonly pack: Pack;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly scores: Report['scores'];
}

/**
 * fp16: weights stored as 16-bit floats. int8 without a folder: weights as 8-bit integers; with one: weights and
 * activations as 8-bit integers with ranges observed on its files (quantisation as in Jacob et al., CVPR 2018).
 */
export async function compressPack(
  roots: ModelRoots,
  original: Pack,
  kind: 'fp16' | 'int8',
  folder: string | null,
  scoreFile: ScoreFile,
  signal: AbortSignal,
): Promise<Made> {
  const files = folder === null ? [] : await filesBelow(folder);
  const before: { path: string; score: number }[] = [];
  const batches: Tensor[] = [];
  const keep = (batch: Tensor): void => {
    if (batches.length < MAX_BATCHES) batches.push({ dims: batch.dims, data: batch.data.slice() });
  };
  for (const path of files) {
    throwIfCancelled(signal);
    const score = await scoreFile(path, original, signal, keep).catch(skipUnreadable);
    if (score !== null) before.push({ path, score });
  }
  if (folder !== null && before.length === 0) {
    throw new VidimusError('usage.invalid', `No file in ${folder} could be scored by ${packKey(original.manifest)}.`);
  }
  const report =
    kind === 'int8' && folder !== null
      ? await quantizeCalibrated(roots, original, batches, { signal })
      : await quantizePack(roots, original, kind, { signal });
  const pairs: { before: number; after: number }[] = [];
  for (const { path, score } of before) {
    throwIfCancelled(signal);
    const after = await scoreFile(path, report.pack, signal);
    if (after !== null) pairs.push({ before: score, after });
  }
  const { pack, bytesBefore, bytesAfter } = report;
  if (pairs.length === 0) return { pack, bytesBefore, bytesAfter, scores: null };
  const change = scoreChange(
    pairs.map((p) => p.before),
    pairs.map((p) => p.after),
    original.manifest.thresholds.decision,
  );
  const scores = {
    n: change.n,
    meanChange: change.meanAbsolute,
    maxChange: change.maxAbsolute,
    flipped: change.flipped,
  };
  return { pack, bytesBefore, bytesAfter, scores };
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new VidimusError('usage.invalid', `The folder ${folder} cannot be read.`, { cause });
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A file that is no evidence for this pack is left out; anything else ends the work. */
function skipUnreadable(thrown: unknown): null {
  const error = asVidimusError(thrown);
  if (error.code.startsWith('evidence.') || error.code === 'usage.invalid') return null;
  throw error;
}
