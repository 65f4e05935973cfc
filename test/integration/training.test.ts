/**
 * The training project from list to pack on synthetic sound. Runs where Python with PyTorch is at hand
 * (`VIDIMUS_PYTHON`, `models/training/.venv`, `.venv` or the environment's `python3`).
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { PackManifest } from '../../src/contract/pack.ts';

const root = join(import.meta.dirname, '..', '..');
const needs = 'import numpy, onnx, onnxruntime, onnxscript, scipy, soundfile, soxr, torch, cv2';

function python(): string | null {
  const candidates = [
    process.env['VIDIMUS_PYTHON'],
    join(root, 'models/training/.venv/bin/python'),
    join(root, '.venv/bin/python'),
    'python3',
  ];
  for (const candidate of candidates) {
    if (candidate === undefined || (candidate.includes('/') && !existsSync(candidate))) continue;
    if (spawnSync(candidate, ['-c', needs], { timeout: 60_000 }).status === 0) return candidate;
  }
  return null;
}

function missing(command: string, argument: string): boolean {
  return spawnSync(command, [argument]).status !== 0;
}

const interpreter = python();
const reason =
  interpreter === null
    ? 'no Python with PyTorch, ONNX and soundfile found (set VIDIMUS_PYTHON)'
    : missing('git', '--version')
      ? 'no git found'
      : missing('ffmpeg', '-version')
        ? 'no ffmpeg in PATH'
        : null;
if (reason !== null) console.warn(`training is not tested: ${reason}`);

const Outcome = z.object({ auc: z.number(), parity: z.number(), half: z.number(), manifest: PackManifest });
const Pictures = z.object({ parity: z.number(), manifests: z.array(PackManifest) });

describe.skipIf(reason !== null)('training', () => {
  test('collects, prepares, trains, resumes, evaluates and exports a pack the contract accepts', () => {
    const run = spawnSync(interpreter ?? '', ['models/training/tests/tiny.py'], {
      cwd: root,
      encoding: 'utf8',
      timeout: 280_000,
      env: { ...process.env, OMP_NUM_THREADS: '1' },
    });
    expect(run.status, run.stderr).toBe(0);
    const outcome = Outcome.parse(JSON.parse(run.stdout.trim().split('\n').at(-1) ?? ''));
    expect(outcome.parity).toBeLessThanOrEqual(1e-4);
    expect(outcome.half).toBeLessThanOrEqual(0.005);
    expect(outcome.manifest.id).toBe('speech-melresnet18');
  }, 300_000);

  test('trains, evaluates and exports the packs for pictures and clips', () => {
    const run = spawnSync(interpreter ?? '', ['models/training/tests/tiny_pictures.py'], {
      cwd: root,
      encoding: 'utf8',
      timeout: 280_000,
      env: { ...process.env, OMP_NUM_THREADS: '1' },
    });
    expect(run.status, run.stderr).toBe(0);
    const outcome = Pictures.parse(JSON.parse(run.stdout.trim().split('\n').at(-1) ?? ''));
    expect(outcome.parity).toBeLessThanOrEqual(1e-4);
    expect(outcome.manifests.map(({ id }) => id)).toEqual([
      'face-mtcnn',
      'forensic-mlp',
      'face-swap',
      'temporal-3dcnn',
    ]);
  }, 300_000);
});
