/** Detection, tracking and cropping together, on moving and turned views of one photograph. */
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iou } from '../../src/engine/faces/boxes.ts';
import { cropFace, eyeAngle } from '../../src/engine/faces/crop.ts';
import type { FaceDetector } from '../../src/engine/faces/detector.ts';
import { faceFacts } from '../../src/engine/faces/gates.ts';
import { DetectionSchedule, FaceTimeline } from '../../src/engine/faces/timeline.ts';
import { createYunet } from '../../src/engine/faces/yunet.ts';
import type { AnalysedFrame, Frame, RgbImage } from '../../src/engine/types.ts';
import { importable, openImported, openNetwork } from '../golden/faces-support.ts';
import { ROOT, shared } from '../helpers/shared.ts';

const PHOTO = `${ROOT}/test/fixtures/media/astronaut.png`;
const mtcnn = importable('mtcnn', 'checkpoints/mtcnn');
const graph = shared('checkpoints/yunet/yunet_n_dynamic.onnx');

async function rgb(picture: ReturnType<typeof sharp>): Promise<RgbImage> {
  const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

describe.skipIf(graph === null)('faces in motion', () => {
  let detector: FaceDetector;
  beforeAll(async () => {
    const { network, release } = await openNetwork(graph ?? '');
    detector = createYunet({ id: 'yunet', version: '1.0.0', dispose: release }, network);
  });
  afterAll(() => detector?.dispose());

  it('follows a face through a pan: between detections its box is where detection would have put it', async () => {
    const view = async (index: number): Promise<Frame> => {
      const region = { left: 20 + index * 3, top: 10 + index, width: 320, height: 256 };
      return { ...(await rgb(sharp(PHOTO).extract(region))), index, time: index / 24, key: false };
    };
    const timeline = new FaceTimeline();
    const schedule = new DetectionSchedule({ detectEverySeconds: 0.5 });
    const settled: AnalysedFrame[] = [];
    let detections = 0;
    for (let i = 0; i < 30; i++) {
      const frame = await view(i);
      const wants = schedule.wants(frame, false);
      if (wants) detections++;
      settled.push(...timeline.push(frame, wants ? (await detector.detect([frame]))[0] : null, false));
    }
    settled.push(...timeline.flush());
    expect(detections).toBe(3);
    expect(settled.map(({ frame }) => frame.index)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    for (const { frame, faces } of settled) {
      expect(faces.map(({ track }) => track)).toEqual([0]);
      const [[truth]] = await detector.detect([frame]);
      // The detector itself trembles by some 3 px from frame to frame: two of its own answers overlap by 0.85 to 1.
      expect(iou(faces[0].box, truth.box)).toBeGreaterThan(0.8);
    }
    expect(timeline.tracker.toTracks()).toHaveLength(1);
  });

  it('measures a blurred face as less sharp and a darkened one as darker', async () => {
    const plain = await rgb(sharp(PHOTO));
    const [[face]] = await detector.detect([plain]);
    const facts = faceFacts(plain, face);
    const blurred = faceFacts(await rgb(sharp(PHOTO).blur(3)), face);
    const dark = faceFacts(await rgb(sharp(PHOTO).linear(0.5, 0)), face);
    expect(blurred.sharpness ?? Number.NaN).toBeLessThan((facts.sharpness ?? 0) / 4);
    expect(dark.brightness ?? Number.NaN).toBeLessThan((facts.brightness ?? 0) * 0.6);
    expect(Math.abs(facts.yawDegrees ?? Number.NaN)).toBeLessThan(20);
  });
});

describe.skipIf(mtcnn === null)('levelled crops', () => {
  it('levels a tilted face, and a second look at the crop finds it level', async () => {
    // MTCNN, because YuNet's points show little more than half of a tilt.
    const detector = await openImported('mtcnn', mtcnn ?? '');
    const tilted = await rgb(sharp(PHOTO).rotate(20, { background: 'black' }));
    const [[face]] = await detector.detect([tilted]);
    expect(faceFacts(tilted, face).rollDegrees).toBeGreaterThan(17);
    const crop = cropFace(tilted, face, { margin: 0.6, square: true, align: 'eyes' }, { width: 224, height: 224 });
    if (crop === null) throw new Error('no crop');
    const [[again]] = await detector.detect([crop.image]);
    await detector.dispose();
    if (again.points === null) throw new Error('no points');
    expect(Math.abs((eyeAngle(again.points) * 180) / Math.PI)).toBeLessThan(4);
  });
});
