/** Opens the face detector that the plan and the installed packs call for. */
import type { PackUse, Plan } from '../../contract/result.ts';
import { createFaceDetector } from '../faces/create.ts';
import type { FaceDetector } from '../faces/detector.ts';
import { findPack, type ModelRoots, packsForTask } from '../inference/registry.ts';
import { openSession, type Session } from '../inference/session.ts';
import { packUseOf } from '../inference/use.ts';

/** A face detector at work, or why there is none. */
export type FaceFinder =
  | { readonly detector: FaceDetector; readonly uses: readonly PackUse[]; readonly reason: null }
  | { readonly detector: null; readonly uses: readonly []; readonly reason: string };

/** R-Net and O-Net take hundreds of candidates of one picture; small batches would cost more in calls than in work. */
const MAX_BATCH = 256;

/**
 * Opens the pack named in the plan, else the preferred enabled pack for face detection. Without one, detectors that
 * need faces are not assessed.
 * @throws VidimusError pack.missing when the plan names a pack that is not there, pack.damaged, inference.failed
 */
export async function openFaceFinder(plan: Plan, roots: ModelRoots): Promise<FaceFinder> {
  const name = plan.face.detector ?? (await packsForTask(roots, 'face-detection'))[0]?.manifest.id;
  if (name === undefined) return { detector: null, uses: [], reason: 'no pack for face detection is installed' };
  const pack = await findPack(roots, name);
  const sessions: Session[] = [];
  const open = async (role?: string): Promise<Session> => {
    const options = { provider: plan.provider, maxBatch: MAX_BATCH, ...(role === undefined ? {} : { role }) };
    const session = await openSession(pack, options);
    sessions.push(session);
    return session;
  };
  const detector = await createFaceDetector(pack.manifest, open, { minFacePx: plan.face.minFacePx });
  return { detector, uses: sessions.slice(0, 1).map(packUseOf), reason: null };
}
