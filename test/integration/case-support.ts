/** Cases, evidence and results made for tests. */
import { createCipheriv, createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonical, sha256Of } from '../../src/casework/audit/canonical.ts';
import { createCase, type WritableCase } from '../../src/casework/case.ts';
import { takeIn } from '../../src/casework/evidence/intake.ts';
import type { Exhibit } from '../../src/contract/case.ts';
import { VidimusError } from '../../src/contract/errors.ts';
import { AnalysisResult } from '../../src/contract/result.ts';
import { makePlan } from '../../src/workbench/plans.ts';
import { freshFolder } from '../helpers/cli.ts';

export const ANNA = { id: null, name: 'Anna Beispiel' } as const;

export function newCase(options: { passphrase?: string; folder?: string; now?: () => Date } = {}): WritableCase {
  const folder = options.folder ?? join(freshFolder('vidimus-case-'), 'case');
  const { passphrase = null, now } = options;
  return createCase(
    folder,
    { number: 'K 17/26', agency: 'Police laboratory', matter: 'Matter of the voice message', description: null },
    { passphrase, actor: ANNA, ...(now ? { now } : {}) },
  );
}

/** A file of pseudo-random bytes that depend on the name alone. */
export function evidenceFile(folder: string, name: string, bytes = 5000): string {
  const path = join(folder, name);
  const key = createHash('sha256').update(name).digest();
  const out = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
  writeFileSync(path, out);
  return path;
}

export const take = (target: WritableCase, path: string, storage: 'copy' | 'reference' = 'copy'): Promise<Exhibit> =>
  takeIn(target, path, { storage, purpose: 'test' });

/** A result document as the engine would give it for this exhibit. */
export function resultFor(
  exhibit: Pick<Exhibit, 'originalName' | 'bytes' | 'sha256' | 'sha512' | 'md5'>,
  points = 50,
): AnalysisResult {
  const plan = makePlan();
  return AnalysisResult.parse({
    schema: 'vidimus/analysis/1',
    mediaType: 'audio',
    isDeepfake: false,
    result: 'uncertain',
    confidence: 50,
    processingTime: 1,
    timestamp: '2026-01-02T03:04:05.678Z',
    modelUsed: 'none',
    anomalies: [],
    evidence: {
      name: exhibit.originalName,
      bytes: exhibit.bytes,
      sha256: exhibit.sha256,
      sha512: exhibit.sha512,
      md5: exhibit.md5,
      modified: '2026-01-01T00:00:00.000Z',
      container: 'WAV',
      mime: 'audio/wav',
      extensionMatches: true,
      duration: 1.5,
      streams: [],
      warnings: [],
    },
    opinion: {
      label: 'uncertain',
      score: 0.5,
      uncertainty: 1,
      log10Lr: null,
      propositions: { h1: 'synthetic', h2: 'recorded' },
      threshold: 0.5,
      uncertainBand: [0.4, 0.6],
      fusion: { method: 'calibrated', weights: [] },
      agreement: [],
      reasons: [],
      notAssessed: [],
    },
    observations: [],
    tracks: [],
    series: [
      {
        id: 'pitch',
        detector: 'voice',
        quantity: 'pitch',
        unit: 'Hz',
        direction: 'none',
        axis: 'seconds',
        x: Array.from({ length: points }, (_, i) => i * 0.01),
        y: Array.from({ length: points }, (_, i) => (i % 7 === 3 ? null : 100 + Math.sin(i) * 20)),
      },
    ],
    artifacts: [],
    structures: [],
    run: {
      plan,
      planHash: sha256Of(canonical(plan)),
      packs: [{ id: 'aasist', version: '1.0.0', sha256: 'a'.repeat(64), provider: 'cpu', note: null }],
      versions: { vidimus: '0', node: '24', onnxruntime: '1', ffmpeg: '7', sharp: '0', platform: 'test' },
      decode: {},
      stages: [],
    },
    duration: 1.5,
    sampleRate: 16000,
    inconsistencyCount: 0,
    artifactCount: 0,
  });
}

/** The error that a call rejects or throws with. */
export async function failure(work: () => unknown): Promise<VidimusError> {
  try {
    await work();
  } catch (thrown) {
    if (thrown instanceof VidimusError) return thrown;
    throw thrown;
  }
  throw new Error('it should have failed');
}
