/** Opens the face detector that the plan and the installed packs call for. */
import type { Plan } from '../../contract/result.ts';
import type { FaceDetector } from '../faces/detector.ts';
import { createMtcnn } from '../faces/mtcnn.ts';
import type { FloatTensor, Network } from '../faces/network.ts';
import { createYunet } from '../faces/yunet.ts';
import { findPack, type ModelRoots, packsForTask } from '../inference/registry.ts';
import { openSession, type Session } from '../inference/session.ts';
import type { PackUse } from './packUse.ts';
import { packUseOf } from './packUse.ts';

/** A face detector at work, or why there is none. */
export type FaceFinder =
  | { readonly detector: FaceDetector; readonly uses: readonly PackUse[]; readonly reason: null }
  | { readonly detector: null; readonly uses: readonly []; readonly reason: string };

const toFloat = (data: ArrayLike<number | bigint>): Float32Array =>
  data instanceof Float32Array ? data : Float32Array.from(data, Number);

/** A session as the face room sees it. */
function networkOf(session: Session): Network {
  return async (inputs) => {
    const feeds = Object.fromEntries(
      session.inputs.map((port, i) => {
        const tensor = inputs[i];
        return [port.name, { dims: tensor?.dims ?? [], data: tensor?.data ?? new Float32Array(0) }];
      }),
    );
    const answer = await session.runRaw(feeds);
    const outputs: Record<string, FloatTensor> = {};
    for (const [name, tensor] of Object.entries(answer)) outputs[name] = { dims: tensor.dims, data: toFloat(tensor.data) };
    return outputs;
  };
}

/**
 * Opens the pack named in the plan, else the preferred enabled pack for face detection. Without one, detectors that
 * need faces are not assessed.
 * @throws VidimusError pack.missing when the plan names a pack that is not there, pack.damaged, inference.failed
 */
export async function openFaceFinder(plan: Plan, roots: ModelRoots): Promise<FaceFinder> {
  const name = plan.face.detector ?? (await packsForTask(roots, 'face-detection'))[0]?.manifest.id;
  if (name === undefined) return { detector: null, uses: [], reason: 'no pack for face detection is installed' };
  const pack = await findPack(roots, name);
  const { manifest } = pack;
  const sessions: Session[] = [];
  const open = async (role?: string): Promise<Network> => {
    const session = await openSession(pack, { provider: plan.provider, ...(role === undefined ? {} : { role }) });
    sessions.push(session);
    return networkOf(session);
  };
  const identity = {
    id: manifest.id,
    version: manifest.version,
    dispose: async () => {
      for (const session of sessions) await session.dispose();
    },
  };
  const options = { minFacePx: plan.face.minFacePx };
  const detector =
    manifest.architecture === 'mtcnn'
      ? createMtcnn(identity, { pnet: await open('pnet'), rnet: await open('rnet'), onet: await open('onet') }, options)
      : createYunet(identity, await open(), options);
  return { detector, uses: sessions.slice(0, 1).map(packUseOf), reason: null };
}
