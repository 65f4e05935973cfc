/** The decoders around networks that answer by rule: what bad answers, odd pictures and cancelling lead to. */
import { describe, expect, it } from 'vitest';
import { createFaceDetector } from '../../src/engine/faces/create.ts';
import { createMtcnn } from '../../src/engine/faces/mtcnn.ts';
import { pyramidScales } from '../../src/engine/faces/mtcnn-boxes.ts';
import type { FloatTensor, Network } from '../../src/engine/faces/network.ts';
import { createUltraface } from '../../src/engine/faces/ultraface.ts';
import { createYunet } from '../../src/engine/faces/yunet.ts';
import type { RgbImage } from '../../src/engine/types.ts';

const pack = { id: 'by-rule', version: '1.0.0' };
const blank = (width: number, height: number): RgbImage => ({
  width,
  height,
  data: new Uint8Array(width * height * 3),
});
const tensor = (dims: number[], value: (i: number) => number): FloatTensor => ({
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
});

/** P-Net's answer with one probability everywhere. */
const pnet =
  (probability: number): Network =>
  async (input) => {
    const [n, , h, w] = input.dims;
    const rows = Math.ceil((h - 2) / 2) - 4;
    const columns = Math.ceil((w - 2) / 2) - 4;
    return {
      reg: tensor([n, 4, rows, columns], () => 0),
      prob: tensor([n, 2, rows, columns], () => probability),
    };
  };
const head =
  (probability: number, points: boolean): Network =>
  async (input) => {
    const [n] = input.dims;
    const answer = { reg: tensor([n, 4], () => 0), prob: tensor([n, 2], () => probability) };
    return points ? { ...answer, points: tensor([n, 10], (i) => (i % 10) / 10) } : answer;
  };
const cascade = (p: number, r = p, o = p) => ({ pnet: pnet(p), rnet: head(r, false), onet: head(o, true) });

describe('MTCNN', () => {
  it('builds the pyramid from 12 / min face size down to 12 px', () => {
    expect(pyramidScales(100, 39, 40, 0.709)).toEqual([]);
    const scales = pyramidScales(512, 512, 40, 0.709);
    expect(scales[0]).toBeCloseTo(0.3, 12);
    expect(512 * (scales.at(-1) ?? 0)).toBeGreaterThanOrEqual(12);
    expect(512 * (scales.at(-1) ?? 0) * 0.709).toBeLessThan(12);
  });

  it('finds nothing where nothing passes, whatever the picture', async () => {
    const detector = createMtcnn(pack, cascade(0));
    expect(await detector.detect([blank(1, 1), blank(1, 500), blank(64, 48), blank(64, 48)])).toEqual([[], [], [], []]);
    expect(await detector.detect([])).toEqual([]);
  });

  it('survives networks that say yes everywhere, and gives each picture its own faces', async () => {
    const detector = createMtcnn(pack, cascade(1));
    const [first, second, third] = await detector.detect([blank(120, 90), blank(120, 90), blank(200, 90)]);
    expect(first.length).toBeGreaterThan(0);
    expect(second).toEqual(first);
    const [alone] = await detector.detect([blank(200, 90)]);
    expect(third).toEqual(alone);
  });

  it('works on a smaller copy above the stated number of pixels and answers in pixels of the original', async () => {
    const full = await createMtcnn(pack, cascade(1)).detect([blank(400, 400)]);
    const reduced = await createMtcnn(pack, cascade(1), { maxWorkPixels: 40_000 }).detect([blank(400, 400)]);
    const reach = (faces: typeof full): number => Math.max(...faces[0].map(({ box }) => box.x + box.width));
    expect(Math.abs(reach(full) - reach(reduced))).toBeLessThan(40);
  });

  it('refuses answers that are no numbers instead of finding no faces', async () => {
    for (const networks of [
      { ...cascade(1), pnet: pnet(Number.NaN) },
      { ...cascade(1), rnet: head(Number.NaN, false) },
      { ...cascade(1), onet: head(Number.POSITIVE_INFINITY, true) },
    ])
      await expect(createMtcnn(pack, networks).detect([blank(80, 80)])).rejects.toMatchObject({
        code: 'inference.failed',
      });
  });

  it('refuses networks of another shape', async () => {
    const networks = { ...cascade(1), onet: head(1, false) };
    await expect(createMtcnn(pack, networks).detect([blank(80, 80)])).rejects.toMatchObject({ code: 'pack.invalid' });
  });

  it('stops when it is told to, and works again afterwards', async () => {
    const abort = new AbortController();
    let calls = 0;
    const network = pnet(1);
    const counting: Network = async (input) => {
      calls++;
      abort.abort();
      return network(input);
    };
    const detector = createMtcnn(pack, { ...cascade(1), pnet: counting });
    await expect(detector.detect([blank(300, 300)], abort.signal)).rejects.toMatchObject({ code: 'cancelled' });
    expect(calls).toBe(1);
    expect((await detector.detect([blank(80, 80)]))[0]?.length).toBeGreaterThan(0);
  });

  it('refuses a smallest face that would find nothing or search for ever', () => {
    for (const minFacePx of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => createMtcnn(pack, cascade(0), { minFacePx })).toThrow(/smallest face/);
      expect(() => createYunet(pack, pnet(0), { minFacePx })).toThrow(/smallest face/);
      expect(() => createUltraface(pack, pnet(0), { minFacePx })).toThrow(/smallest face/);
    }
  });

  it('refuses a picture whose bytes are not its size', async () => {
    const detector = createMtcnn(pack, cascade(0));
    await expect(detector.detect([{ width: 4, height: 4, data: new Uint8Array(47) }])).rejects.toMatchObject({
      code: 'bug',
    });
  });
});

describe('YuNet', () => {
  /** One confident place at stride 8, row 2, column 3. */
  const yunet =
    (width: number): Network =>
    async (input) => {
      const [n, c, h, w] = input.dims;
      expect([c, h % 32, w % 32]).toEqual([3, 0, 0]);
      const outputs: Record<string, FloatTensor> = {};
      for (const stride of [8, 16, 32]) {
        const places = (h / stride) * (w / stride);
        const hot = stride === 8 ? 2 * (w / 8) + 3 : -1;
        outputs[`cls_${stride}`] = tensor([n, places, 1], (i) => (i % places === hot ? 1 : 0));
        outputs[`obj_${stride}`] = tensor([n, places, 1], (i) => (i % places === hot ? 0.81 : 0));
        outputs[`bbox_${stride}`] = tensor([n, places, 4], (i) => [0.5, 0.5, Math.log(width / 8), Math.log(5)][i % 4]);
        outputs[`kps_${stride}`] = tensor([n, places, 10], () => 1);
      }
      return outputs;
    };

  it('decodes places into boxes and points', async () => {
    const [[face]] = await createYunet(pack, yunet(32)).detect([blank(60, 50)]);
    expect(face.box.x).toBeCloseTo(28 - 16, 4);
    expect(face.box.y).toBeCloseTo(20 - 20, 4);
    expect(face.box.width).toBeCloseTo(32, 4);
    expect(face.box.height).toBeCloseTo(40, 4);
    expect(face.probability).toBeCloseTo(0.9, 6);
    expect(face.points?.[4]).toEqual([32, 24]);
  });

  it('leaves out faces below the smallest wanted, and shrinks no further than they allow', async () => {
    expect(await createYunet(pack, yunet(32), { minFacePx: 41 }).detect([blank(60, 50)])).toEqual([[]]);
    const sizes: number[] = [];
    const watching: Network = (input) => {
      sizes.push(input.dims[3]);
      return yunet(32)(input);
    };
    await createYunet(pack, watching, { maxSide: 320, minFacePx: 40 }).detect([blank(640, 64)]);
    await createYunet(pack, watching, { maxSide: 320, minFacePx: 16 }).detect([blank(640, 64)]);
    expect(sizes).toEqual([320, 480]);
  });

  it('refuses a graph without its outputs', async () => {
    const detector = createYunet(pack, async () => ({ out: tensor([1, 2], () => 0) }));
    await expect(detector.detect([blank(64, 64)])).rejects.toMatchObject({ code: 'pack.invalid' });
    expect(() => createYunet(pack, yunet(32), { fixed: { width: 100, height: 64 } })).toThrow(/multiple of 32/);
  });
});

describe('opening by pack', () => {
  const input = { kind: 'image', layout: 'NCHW', scale: 1, mean: [0], std: [1] } as const;
  const manifest = (architecture: string) => ({
    id: 'by-rule',
    version: '1.0.0',
    architecture,
    input: { ...input, mean: [...input.mean], std: [...input.std] },
    thresholds: { decision: 0.7, uncertainBand: [0.6, 0.8] as [number, number] },
  });

  it('opens the three roles of MTCNN and closes them again', async () => {
    const open: string[] = [];
    const roles = { pnet: pnet(1), rnet: head(1, false), onet: head(1, true) };
    const detector = await createFaceDetector(manifest('mtcnn'), async (role) => {
      if (role !== 'pnet' && role !== 'rnet' && role !== 'onet') throw new Error(`role ${role}`);
      open.push(role);
      return {
        run: roles[role],
        dispose: async () => {
          open.splice(open.indexOf(role), 1);
        },
      };
    });
    expect([detector.id, detector.version, detector.parameters['architecture']]).toEqual(['by-rule', '1.0.0', 'mtcnn']);
    expect((await detector.detect([blank(80, 80)]))[0].length).toBeGreaterThan(0);
    expect(open).toEqual(['pnet', 'rnet', 'onet']);
    await detector.dispose();
    expect(open).toEqual([]);
  });

  it('takes the stages’ thresholds from the pack, the paper’s where it has none', async () => {
    const roles = new Map([
      ['pnet', pnet(1)],
      ['rnet', head(1, false)],
      ['onet', head(0.5, true)],
    ]);
    const found = async (stages?: [number, number, number]): Promise<[unknown, number]> => {
      const plain = manifest('mtcnn');
      const detector = await createFaceDetector(
        { ...plain, thresholds: { ...plain.thresholds, ...(stages === undefined ? {} : { stages }) } },
        async (role = '') => {
          const run = roles.get(role);
          if (run === undefined) throw new Error(`role ${role}`);
          return { run, dispose: async () => undefined };
        },
      );
      return [detector.parameters['thresholds'], (await detector.detect([blank(80, 80)]))[0].length];
    };
    expect(await found()).toEqual([[0.6, 0.7, 0.7], 0]);
    const [thresholds, faces] = await found([0.3, 0.3, 0.4]);
    expect(thresholds).toEqual([0.3, 0.3, 0.4]);
    expect(faces).toBeGreaterThan(0);
  });

  it('closes what it opened when a later graph is missing', async () => {
    let closed = 0;
    const opening = createFaceDetector(manifest('mtcnn'), async (role) => {
      if (role === 'onet') throw new Error('gone');
      return {
        run: pnet(0),
        dispose: async () => {
          closed++;
        },
      };
    });
    await expect(opening).rejects.toThrow('gone');
    expect(closed).toBe(2);
  });

  it('refuses an architecture it does not know', async () => {
    const opening = createFaceDetector(manifest('retina'), () => Promise.reject(new Error('never opened')));
    await expect(opening).rejects.toMatchObject({ code: 'pack.invalid' });
  });
});

describe('UltraFace', () => {
  it('puts its relative corners into the picture', async () => {
    const network: Network = async (input) => {
      expect(input.dims).toEqual([1, 3, 240, 320]);
      return {
        scores: tensor([1, 4420, 2], (i) => (i === 21 ? 0.95 : 0)),
        boxes: tensor([1, 4420, 4], (i) => [0.25, 0.25, 0.5, 0.75][i % 4]),
      };
    };
    const [faces] = await createUltraface(pack, network).detect([blank(400, 200)]);
    expect(faces).toHaveLength(1);
    expect(faces[0].box).toEqual({ x: 100, y: 50, width: 100, height: 100 });
    expect(faces[0].points).toBeNull();
  });
});
