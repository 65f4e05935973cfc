/** The built-in face detector: found by the registry, opened by the pipeline, right about pictures it never saw. */
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnalysisResult } from '../../src/contract/result.ts';
import { iou } from '../../src/engine/faces/boxes.ts';
import { createFaceDetector } from '../../src/engine/faces/create.ts';
import type { FaceDetector } from '../../src/engine/faces/detector.ts';
import { loadPack } from '../../src/engine/inference/pack.ts';
import { openSession } from '../../src/engine/inference/session.ts';
import type { RgbImage } from '../../src/engine/types.ts';
import { cli, freshFolder } from '../helpers/cli.ts';
import { ROOT, shared } from '../helpers/shared.ts';

const PHOTO = join(ROOT, 'test/fixtures/media/astronaut.png');
/** Where the published MTCNN sees the astronaut (test/golden/data/mtcnn.json), to whole pixels. */
const ASTRONAUT = { x: 180, y: 61, width: 88, height: 111 };

async function rgb(picture: ReturnType<typeof sharp>): Promise<RgbImage> {
  const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

describe('the built-in face detector', () => {
  let detector: FaceDetector;
  beforeAll(async () => {
    const pack = await loadPack(join(ROOT, 'models/face-mtcnn'));
    detector = await createFaceDetector(pack.manifest, (role) =>
      openSession(pack, { provider: 'cpu', maxBatch: 256, ...(role === undefined ? {} : { role }) }),
    );
  });
  afterAll(() => detector?.dispose());

  it('finds the face of a photograph and its points in their order', async () => {
    const [faces] = await detector.detect([await rgb(sharp(PHOTO))]);
    expect(faces).toHaveLength(1);
    const [{ box, points }] = faces;
    expect(iou(box, ASTRONAUT)).toBeGreaterThan(0.6);
    if (points === null) throw new Error('the detector gave no points');
    const [left, right, nose, mouthLeft, mouthRight] = points;
    expect(left[0]).toBeLessThan(nose[0]);
    expect(nose[0]).toBeLessThan(right[0]);
    expect(Math.max(left[1], right[1])).toBeLessThan(nose[1]);
    expect(nose[1]).toBeLessThan(Math.min(mouthLeft[1], mouthRight[1]));
    expect(mouthLeft[0]).toBeLessThan(mouthRight[0]);
  });

  it('finds it again at half the size and mirrored', async () => {
    const half = await rgb(sharp(PHOTO).resize(256, 256));
    const mirrored = await rgb(sharp(PHOTO).flop());
    const [[small]] = await detector.detect([half]);
    const [[flopped]] = await detector.detect([mirrored]);
    const { x, y, width, height } = ASTRONAUT;
    expect(iou(small.box, { x: x / 2, y: y / 2, width: width / 2, height: height / 2 })).toBeGreaterThan(0.6);
    expect(iou(flopped.box, { ...ASTRONAUT, x: 512 - x - width })).toBeGreaterThan(0.6);
  });

  const many = shared('media/multiface.jpg');
  it.skipIf(many === null)('finds the six faces of a group', async () => {
    const [faces] = await detector.detect([await rgb(sharp(many ?? ''))]);
    expect(faces).toHaveLength(6);
  });

  it('finds nobody in a landscape', async () => {
    const [faces] = await detector.detect([await rgb(sharp(join(ROOT, 'samples/landscape.jpg')))]);
    expect(faces).toEqual([]);
  });

  it('serves an analysis without anything being installed', async () => {
    const ran = await cli(['analyze', join(ROOT, 'samples/portrait.jpg'), '--json'], freshFolder());
    expect(ran.code, ran.stderr).toBe(0);
    const { tracks, run } = AnalysisResult.parse(JSON.parse(ran.stdout));
    expect(run.packs.map(({ id }) => id)).toContain('face-mtcnn');
    expect(tracks).toHaveLength(1);
  });
});
