/** Published checkpoints, imported and run: the numbers must be those of the authors' own code. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { importCheckpoint } from '../../src/engine/inference/import.ts';
import { scoresOf } from '../../src/engine/inference/output.ts';
import { imageTensor } from '../../src/engine/inference/preprocess.ts';
import { waveformTensor } from '../../src/engine/inference/preprocess-sound.ts';
import { openSession, type Session } from '../../src/engine/inference/session.ts';
import { withFolder } from '../helpers/inference.ts';
import { GOLDEN, ROOT, shared } from '../helpers/shared.ts';

const Table = z.record(z.string(), z.record(z.string(), z.array(z.number())));
const aasist = z.object({ logits: Table }).parse(JSON.parse(readFileSync(join(GOLDEN, 'aasist.json'), 'utf8'))).logits;
const mesonet = z
  .object({ outputs: z.record(z.string(), z.record(z.string(), z.number())) })
  .parse(JSON.parse(readFileSync(join(GOLDEN, 'mesonet.json'), 'utf8'))).outputs;

/** Architecture folder, or null (with the reason) where this build has none of that name. */
function architecture(name: string): string | null {
  const folder = join(ROOT, 'models/architectures', name);
  if (existsSync(join(folder, 'architecture.json'))) return folder;
  console.warn(`skipped: there is no architecture ${name}`);
  return null;
}

/** Imports into a fresh registry and opens the pack on the processor. */
const imported = async (
  folder: string,
  architecturePath: string,
  file: string,
  use: (session: Session) => Promise<void>,
) => {
  const roots = { builtIn: join(folder, 'none'), user: join(folder, 'user') };
  const { pack, known } = await importCheckpoint(roots, architecturePath, [file]);
  expect(known).not.toBeNull();
  const session = await openSession(pack, { provider: 'cpu' });
  try {
    await use(session);
  } finally {
    await session.dispose();
  }
};

/** Samples of a 16-bit mono file. */
function wav(name: string): Float32Array {
  const bytes = readFileSync(join(GOLDEN, 'audio', `${name}.wav`));
  const at = bytes.indexOf('data') + 8;
  return Float32Array.from(
    { length: Math.floor((bytes.length - at) / 2) },
    (_, i) => bytes.readInt16LE(at + 2 * i) / 32_768,
  );
}

/**
 * On this clip eleven nodes of one pooling layer have the score 1 exactly (a saturated sigmoid) and five are kept.
 * PyTorch's topk may keep any of them; ONNX keeps those of lowest index. With a stable sort in its place PyTorch
 * gives these numbers too.
 */
const TIES: Readonly<Record<string, readonly number[]>> = { 'AASIST-ASVspoof5/chirp': [-46.5843, 39.432] };

describe.each([
  ['AASIST', 'aasist', 'aasist/AASIST.pth'],
  ['AASIST-L', 'aasist-l', 'aasist/AASIST-L.pth'],
  ['AASIST-ASVspoof5', 'aasist', 'aasist/AASIST-ASVspoof5.pth'],
])('%s', (name, network, file) => {
  const folder = architecture(network);
  const checkpoint = shared(`checkpoints/${file}`);
  it.skipIf(folder === null || checkpoint === null)('answers as the authors’ code within 1e-3', async () => {
    await withFolder((temporary) =>
      imported(temporary, folder ?? '', checkpoint ?? '', async (session) => {
        const clips = Object.entries(aasist[name] ?? {});
        expect(clips.length).toBe(6);
        const batch = waveformTensor(
          clips.map(([clip]) => wav(clip)),
          session.manifest.input,
        );
        const answer = await session.run(batch);
        const logits = answer['logits'] ?? { dims: [], data: new Float32Array(0) };
        const scores = scoresOf(logits, session.manifest.output);
        clips.forEach(([clip, reference], i) => {
          const [spoof = 0, bonafide = 0] = TIES[`${name}/${clip}`] ?? reference;
          // float32 sums in another order; logits reach 45, so 1e-3 is relative to max(1, |value|).
          [spoof, bonafide].forEach((expected, j) => {
            expect(Math.abs(Number(logits.data[2 * i + j]) - expected) / Math.max(1, Math.abs(expected))).toBeLessThan(
              1e-3,
            );
          });
          expect(scores[i]).toBeCloseTo(1 / (1 + Math.exp((reference[1] ?? 0) - (reference[0] ?? 0))), 3);
        });
      }),
    );
  });
});

describe.each([
  ['Meso4_DF', 'meso4'],
  ['Meso4_F2F', 'meso4'],
  ['MesoInception_DF', 'mesoinception4'],
  ['MesoInception_F2F', 'mesoinception4'],
])('%s', (name, network) => {
  const folder = architecture(network);
  const checkpoint = shared(`checkpoints/mesonet/${name}.h5`);
  const media = shared('media/mesonet');
  it.skipIf(folder === null || checkpoint === null || media === null)('answers as Keras within 1e-3', async () => {
    await withFolder((temporary) =>
      imported(temporary, folder ?? '', checkpoint ?? '', async (session) => {
        for (const [picture, outputs] of Object.entries(mesonet)) {
          const { data, info } = await sharp(join(media ?? '', picture))
            .removeAlpha()
            .raw()
            .toBuffer({ resolveWithObject: true });
          const batch = imageTensor([{ width: info.width, height: info.height, data }], session.manifest.input);
          const [score] = await session.scores(batch);
          // The network says "real"; a score says "manipulated".
          expect(Math.abs(1 - score - (outputs[name] ?? Number.NaN))).toBeLessThan(1e-3);
        }
      }),
    );
  });
});

describe.each([
  ['rawgat-st', 'rawgat/RawGAT_ST_mul.pth'],
  ['lrnet', 'lrnet'],
  ['silero-vad', 'silero/silero_vad_16k_op15.onnx'],
])('%s', (network, file) => {
  const folder = architecture(network);
  const checkpoint = shared(`checkpoints/${file}`);
  // There are no reference answers for these; an import runs every graph once and refuses answers that are not finite.
  it.skipIf(folder === null || checkpoint === null)('is recognised, imported and opened', () =>
    withFolder((temporary) =>
      imported(temporary, folder ?? '', checkpoint ?? '', async (session) => {
        expect(session.manifest.architecture).toBe(network);
        expect(session.outputs.map((port) => port.name)).toContain(session.manifest.output.tensor);
      }),
    ),
  );
});
