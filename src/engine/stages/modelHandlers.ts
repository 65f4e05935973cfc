/** The engine's calls about model packs. */
import { VidimusError } from '../../contract/errors.ts';
import { packKey } from '../inference/pack.ts';
import { findPack, listPacks, type ModelRoots, removePack, setEnabled } from '../inference/registry.ts';
import type { EngineHandlers, EngineMethod } from '../protocol.ts';

type ModelMethod = Extract<EngineMethod, `models.${string}`>;

/** Handlers over the packs of `roots`. */
export function modelHandlers(roots: ModelRoots): Pick<EngineHandlers, ModelMethod> {
  const list = async () => [...(await listPacks(roots)).packs];
  return {
    'models.list': list,
    'models.verify': async ({ id }, { signal }) => {
      const { packs } = await listPacks(roots, { verify: true, signal, ...(id === null ? {} : { id }) });
      if (id !== null && packs.length === 0) throw new VidimusError('pack.missing', `No pack "${id}" is installed.`);
      return [...packs];
    },
    'models.remove': async ({ id, version }) => {
      const removed = await removePack(roots, version === null ? id : `${id}@${version}`);
      return { removed: packKey(removed.manifest) };
    },
    'models.enable': async ({ id, enabled }) => {
      await findPack(roots, id);
      await setEnabled(roots, id, enabled);
      return list();
    },
  };
}
