/** What the engine process answers: the handlers behind its protocol. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { doctor } from './doctor.ts';
import type { ModelRoots } from './inference/registry.ts';
import { analyse } from './pipeline.ts';
import type { EngineHandlers } from './protocol.ts';
import { modelHandlers } from './stages/modelHandlers.ts';

/** Folders of model packs, from the environment that the supervisor sets. */
function rootsFromEnvironment(): ModelRoots {
  return {
    builtIn: process.env['VIDIMUS_BUILTIN_MODELS'] ?? resolve(import.meta.dirname, '../../models'),
    user: process.env['VIDIMUS_USER_MODELS'] ?? join(homedir(), '.vidimus', 'models'),
  };
}

/** Makes the handlers; `close` frees what they hold. */
export function createEngine(): { readonly handlers: EngineHandlers; close(): Promise<void> } {
  const roots = rootsFromEnvironment();
  return {
    handlers: {
      'analysis.run': ({ path, plan, artifactsDir }, { signal, progress }) =>
        analyse({ path, plan, artifactsDir, roots, signal, onProgress: progress }),
      ...modelHandlers(roots),
      doctor: () => doctor(roots),
    },
    close: async () => undefined,
  };
}
