/**
 * MTCNN: Zhang, Zhang, Li, Qiao, "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional
 * Networks", IEEE SPL 2016, with the constants of the published facenet-pytorch weights.
 *
 * Three networks, each fed RGB planes of (x - 127.5) / 128 and answering probabilities after softmax:
 * P-Net (any size -> 2 classes and 4 offsets per place), R-Net (24 x 24 -> 2, 4), O-Net (48 x 48 -> 2, 4, 10).
 * Outputs are told apart by their number of channels.
 */
import type { FacePoints } from '../../contract/result.ts';
import type { Face, RgbImage } from '../types.ts';
import { type Region, SummedArea, shrinkByArea } from './area.ts';
import { squared, toBox } from './boxes.ts';
import { batchesBySize, checkImage, checkMinFace, type FaceDetector, largestFirst, scaleFace } from './detector.ts';
import {
  type Candidate,
  cropRegion,
  MAX_CANDIDATES,
  PNET_CELL,
  proposals,
  pyramidScales,
  regressed,
  suppressEach,
} from './mtcnn-boxes.ts';
import { type FloatTensor, type Network, outputBySize, runNetwork } from './network.ts';

export interface MtcnnOptions {
  /** Shortest side of a face to be found, in pixels of the picture (default 40). */
  readonly minFacePx?: number;
  /** Ratio of one pyramid level to the one below (0.709, about 1/sqrt 2: half the area). */
  readonly factor?: number;
  /** Least probability after P-Net, R-Net and O-Net (0.6, 0.7, 0.7). */
  readonly thresholds?: readonly [number, number, number];
  /** Pictures with more pixels are shrunk to this many before anything else (12 million), to bound memory. */
  readonly maxWorkPixels?: number;
}

export interface MtcnnNetworks {
  readonly pnet: Network;
  readonly rnet: Network;
  readonly onet: Network;
}

const SHIFT = -127.5;
const SCALE = 1 / 128;
const RNET_SIZE = 24;
const ONET_SIZE = 48;
/** Crops per call; also the longest stretch without a look at the abort signal. */
const CROPS_PER_CALL = 256;
/** Pixels whose tables are held at once: 12 bytes each. */
const BATCH_PIXELS = 12_000_000;

/** A stage that looks at crops: its answer row by row for the boxes that hold any picture. */
async function judgeCrops(
  boxes: readonly Candidate[],
  tables: readonly SummedArea[],
  network: Network,
  size: number,
  what: string,
  signal: AbortSignal | undefined,
  take: (box: Candidate, outputs: Readonly<Record<string, FloatTensor>>, row: number) => void,
): Promise<void> {
  const jobs: { box: Candidate; table: SummedArea; region: Region }[] = [];
  for (const box of boxes) {
    const table = tables[box.image];
    const region = cropRegion(box, table.width, table.height);
    if (region !== null) jobs.push({ box, table, region });
  }
  const each = size * size * 3;
  for (let from = 0; from < jobs.length; from += CROPS_PER_CALL) {
    const part = jobs.slice(from, from + CROPS_PER_CALL);
    const data = new Float32Array(part.length * each);
    for (const [i, { table, region }] of part.entries()) table.sample(region, size, size, data, i * each, SHIFT, SCALE);
    const outputs = await runNetwork(network, { data, dims: [part.length, 3, size, size] }, what, signal);
    for (const [row, { box }] of part.entries()) take(box, outputs, row);
  }
}

const offsetsOf = ({ data }: FloatTensor, row: number): [number, number, number, number] => [
  data[row * 4],
  data[row * 4 + 1],
  data[row * 4 + 2],
  data[row * 4 + 3],
];

/** First stage over pictures of one size: squares worth a closer look. */
async function propose(
  tables: readonly SummedArea[],
  network: Network,
  minFacePx: number,
  factor: number,
  threshold: number,
  signal: AbortSignal | undefined,
): Promise<Candidate[]> {
  const { width, height } = tables[0];
  const all: Candidate[] = [];
  for (const scale of pyramidScales(width, height, minFacePx, factor)) {
    const levelWidth = Math.trunc(width * scale + 1);
    const levelHeight = Math.trunc(height * scale + 1);
    const each = levelWidth * levelHeight * 3;
    const data = new Float32Array(each * tables.length);
    const whole = { x1: 0, y1: 0, x2: width, y2: height };
    for (const [i, table] of tables.entries())
      table.sample(whole, levelWidth, levelHeight, data, i * each, SHIFT, SCALE);
    const dims = [tables.length, 3, levelHeight, levelWidth];
    const outputs = await runNetwork(network, { data, dims }, 'P-Net', signal);
    const found = proposals(
      outputBySize(outputs, 1, 2, 'P-Net'),
      outputBySize(outputs, 1, 4, 'P-Net'),
      scale,
      threshold,
    );
    all.push(...suppressEach(found, tables.length, 0.5));
  }
  return suppressEach(all, tables.length, 0.7).map((box) => squared(regressed(box, 0)));
}

/** Second stage: what R-Net keeps, regressed and squared. */
async function refine(
  boxes: readonly Candidate[],
  tables: readonly SummedArea[],
  network: Network,
  threshold: number,
  signal: AbortSignal | undefined,
): Promise<Candidate[]> {
  const kept: Candidate[] = [];
  await judgeCrops(boxes, tables, network, RNET_SIZE, 'R-Net', signal, (box, outputs, row) => {
    const score = outputBySize(outputs, 1, 2, 'R-Net').data[row * 2 + 1];
    if (score > threshold) kept.push({ ...box, score, offsets: offsetsOf(outputBySize(outputs, 1, 4, 'R-Net'), row) });
  });
  return suppressEach(kept, tables.length, 0.7).map((box) => squared(regressed(box, 1)));
}

/** Last stage: the faces with their points, picture by picture. */
async function output(
  boxes: readonly Candidate[],
  tables: readonly SummedArea[],
  network: Network,
  threshold: number,
  signal: AbortSignal | undefined,
): Promise<Face[][]> {
  const kept: (Candidate & { points: FacePoints })[] = [];
  await judgeCrops(boxes, tables, network, ONET_SIZE, 'O-Net', signal, (box, outputs, row) => {
    const score = outputBySize(outputs, 1, 2, 'O-Net').data[row * 2 + 1];
    if (score <= threshold) return;
    const offsets = offsetsOf(outputBySize(outputs, 1, 4, 'O-Net'), row);
    const { data } = outputBySize(outputs, 1, 10, 'O-Net');
    const width = box.x2 - box.x1 + 1;
    const height = box.y2 - box.y1 + 1;
    const point = (i: number): [number, number] => [
      width * data[row * 10 + i] + box.x1 - 1,
      height * data[row * 10 + 5 + i] + box.y1 - 1,
    ];
    const points: FacePoints = [point(0), point(1), point(2), point(3), point(4)];
    kept.push(regressed({ ...box, score, offsets, points }, 1));
  });
  const faces: Face[][] = tables.map(() => []);
  for (const box of suppressEach(kept, tables.length, 0.7, 'minimum'))
    faces[box.image]?.push({ box: toBox(box), points: box.points, probability: box.score });
  return faces.map(largestFirst);
}

/** Builds the detector over three ready networks. `dispose` releases them. */
export function createMtcnn(
  pack: { readonly id: string; readonly version: string; readonly dispose?: () => Promise<void> },
  networks: MtcnnNetworks,
  options: MtcnnOptions = {},
): FaceDetector {
  const { minFacePx = 40, factor = 0.709, thresholds = [0.6, 0.7, 0.7], maxWorkPixels = 12_000_000 } = options;
  checkMinFace(minFacePx);
  const storage: Int32Array[] = [];

  /** Tables of a batch, in memory kept from call to call: a video asks for the same size again and again. */
  const tablesOf = (images: readonly RgbImage[]): SummedArea[] =>
    images.map((image, i) => {
      const needed = SummedArea.storageFor(image.width, image.height);
      const held = storage[i];
      const room = held !== undefined && held.length >= needed ? held : new Int32Array(needed);
      storage[i] = room;
      return new SummedArea(image, room);
    });

  const detectBatch = async (images: readonly RgbImage[], signal: AbortSignal | undefined): Promise<Face[][]> => {
    const { width, height } = images[0];
    const shrink = Math.min(1, Math.sqrt(maxWorkPixels / (width * height)));
    const workWidth = Math.max(1, Math.floor(width * shrink));
    const workHeight = Math.max(1, Math.floor(height * shrink));
    const work = shrink < 1 ? images.map((image) => shrinkByArea(image, workWidth, workHeight)) : images;
    const tables = tablesOf(work);
    const proposed = await propose(
      tables,
      networks.pnet,
      Math.max(PNET_CELL, minFacePx * shrink),
      factor,
      thresholds[0],
      signal,
    );
    const refined = await refine(proposed, tables, networks.rnet, thresholds[1], signal);
    const faces = await output(refined, tables, networks.onet, thresholds[2], signal);
    if (shrink === 1) return faces;
    return faces.map((list) => list.map((face) => scaleFace(face, width / workWidth, height / workHeight)));
  };

  // The tables are shared between calls, so calls queue up behind each other.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };

  return {
    id: pack.id,
    version: pack.version,
    parameters: {
      architecture: 'mtcnn',
      minFacePx,
      factor,
      thresholds: [...thresholds],
      suppression: [0.5, 0.7, 0.7, 0.7],
      maxWorkPixels,
      maxCandidates: MAX_CANDIDATES,
    },
    detect: (images, signal) =>
      inTurn(async () => {
        for (const image of images) checkImage(image);
        const faces: Face[][] = [];
        for (const batch of batchesBySize(images, BATCH_PIXELS)) faces.push(...(await detectBatch(batch, signal)));
        return faces;
      }),
    dispose: async () => {
      await last;
      storage.length = 0;
      await pack.dispose?.();
    },
  };
}
