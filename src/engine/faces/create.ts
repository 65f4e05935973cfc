/** Opens the face detector a model pack describes. */
import { VidimusError } from '../../contract/errors.ts';
import type { PackManifest } from '../../contract/pack.ts';
import type { FaceDetector } from './detector.ts';
import { createMtcnn } from './mtcnn.ts';
import type { Network } from './network.ts';
import { createUltraface } from './ultraface.ts';
import { createYunet } from './yunet.ts';

/** An open graph; an inference session is one. */
export interface OpenGraph {
  readonly run: Network;
  dispose(): Promise<void>;
}

export interface FaceDetectorOptions {
  /** Shortest side of a face to be found, in pixels of the picture (default 40). */
  readonly minFacePx?: number;
  /** Longer side to which YuNet shrinks larger pictures (default 1280). */
  readonly maxSide?: number;
}

/** Opens every role, or none: what was opened before a failure is closed again. */
async function openAll(roles: readonly (string | undefined)[], open: (role?: string) => Promise<OpenGraph>) {
  const graphs: OpenGraph[] = [];
  try {
    for (const role of roles) graphs.push(await (role === undefined ? open() : open(role)));
  } catch (thrown) {
    for (const graph of graphs) await graph.dispose();
    throw thrown;
  }
  return {
    networks: graphs.map(
      (graph): Network =>
        (batch, signal) =>
          graph.run(batch, signal),
    ),
    dispose: async () => {
      for (const graph of graphs) await graph.dispose();
    },
  };
}

/**
 * Builds the detector for a pack of task `face-detection` and architecture `mtcnn`, `yunet` or `ultraface`.
 *
 * `open` opens one graph of the pack: by role (`pnet`, `rnet`, `onet`) for MTCNN, the only one otherwise. The
 * detector's `dispose` closes them.
 *
 * @throws VidimusError `pack.invalid` for another architecture, and whatever `open` throws
 */
export async function createFaceDetector(
  manifest: Pick<PackManifest, 'id' | 'version' | 'architecture' | 'input' | 'thresholds'>,
  open: (role?: string) => Promise<OpenGraph>,
  options: FaceDetectorOptions = {},
): Promise<FaceDetector> {
  const { id, version, architecture, input, thresholds } = manifest;
  const { maxSide, ...common } = options;
  if (architecture === 'mtcnn') {
    const { networks, dispose } = await openAll(['pnet', 'rnet', 'onet'], open);
    const [pnet, rnet, onet] = networks;
    const stages = thresholds.stages === undefined ? {} : { thresholds: thresholds.stages };
    return createMtcnn({ id, version, dispose }, { pnet, rnet, onet }, { ...common, ...stages });
  }
  if (architecture !== 'yunet' && architecture !== 'ultraface')
    throw new VidimusError(
      'pack.invalid',
      `The pack ${id} holds “${architecture}”, which is no face detector known here.`,
    );
  const { networks, dispose } = await openAll([undefined], open);
  if (architecture === 'ultraface') return createUltraface({ id, version, dispose }, networks[0], common);
  const { width, height } = input;
  return createYunet({ id, version, dispose }, networks[0], {
    ...common,
    ...(maxSide === undefined ? {} : { maxSide }),
    ...(width === undefined || height === undefined ? {} : { fixed: { width, height } }),
  });
}
