/** Opens the face detector that the plan and the installed packs call for. */
import type { PackUse, Plan } from '../../contract/result.ts';
import type { MediaType } from '../../contract/words.ts';
import { createFaceDetector } from '../faces/create.ts';
import type { FaceDetector } from '../faces/detector.ts';
import { packKey } from '../inference/pack.ts';
import { findPack, listPacks, type ModelRoots, packsForTask } from '../inference/registry.ts';
import { openSession, type Session } from '../inference/session.ts';
import { packUseOf } from '../inference/use.ts';

/** A face detector at work, or why there is none. */
export type FaceFinder =
  | { readonly detector: FaceDetector; readonly uses: readonly PackUse[]; readonly reason: null }
  | { readonly detector: null; readonly uses: readonly []; readonly reason: string };

/** R-Net and O-Net take hundreds of candidates of one picture; small batches would cost more in calls than in work. */
const MAX_BATCH = 256;

/**
 * Longer side of the pictures a one-shot network looks at. In 1080p video the least face of 40 px is then 17 px wide,
 * above the 12 px such networks were trained down to, at well under half the work of a still picture's 1280.
 */
const VIDEO_SIDE = 832;

/**
 * Opens the pack named in the plan, else the preferred pack for face detection that is switched on for the medium.
 * Without one, detectors that need faces are not assessed.
 * @throws VidimusError pack.missing when the plan names a pack that is not there, pack.damaged, inference.failed
 */
export async function openFaceFinder(plan: Plan, mediaType: MediaType, roots: ModelRoots): Promise<FaceFinder> {
  const [preferred] = await packsForTask(roots, 'face-detection', mediaType);
  const name = plan.face.detector ?? (preferred === undefined ? undefined : packKey(preferred.manifest));
  if (name === undefined) {
    const some = (await listPacks(roots)).packs.some(({ manifest }) => manifest.task === 'face-detection');
    const reason = some
      ? `every pack for face detection is switched off for ${mediaType}`
      : 'no pack for face detection is installed';
    return { detector: null, uses: [], reason };
  }
  const pack = await findPack(roots, name);
  const sessions: Session[] = [];
  const open = async (role?: string): Promise<Session> => {
    const options = { provider: plan.provider, maxBatch: MAX_BATCH, ...(role === undefined ? {} : { role }) };
    const session = await openSession(pack, options);
    sessions.push(session);
    return session;
  };
  const detector = await createFaceDetector(pack.manifest, open, {
    minFacePx: plan.face.minFacePx,
    ...(mediaType === 'video' ? { maxSide: VIDEO_SIDE } : {}),
  });
  return { detector, uses: sessions.slice(0, 1).map(packUseOf), reason: null };
}
