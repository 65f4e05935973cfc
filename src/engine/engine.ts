/** What the engine process answers: the handlers behind its protocol. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { doctor } from './doctor.ts';
import { packKey } from './inference/pack.ts';
import type { ModelRoots } from './inference/registry.ts';
import { analyse } from './pipeline.ts';
import type { EngineHandlers } from './protocol.ts';
import type { ScoreFile } from './stages/compressPack.ts';
import { modelHandlers } from './stages/modelHandlers.ts';
import { picture } from './stages/picture.ts';
import { SOLO_PLAN } from './stages/soloPlan.ts';
import { stressTest } from './stages/stress.ts';
import { viewFrames, viewOpen } from './view/frames.ts';
import { viewSound, viewSpectrogram, viewWaveform } from './view/sound.ts';

/** Folders of model packs, from the environment that the supervisor sets. */
function rootsFromEnvironment(): ModelRoots {
  return {
    builtIn: process.env['VIDIMUS_BUILTIN_MODELS'] ?? resolve(import.meta.dirname, '../../models'),
    user: process.env['VIDIMUS_USER_MODELS'] ?? join(homedir(), '.vidimus', 'models'),
  };
}

/** Makes the handlers. */
export function createEngine(): { readonly handlers: EngineHandlers } {
  const roots = rootsFromEnvironment();
  const profiles = process.env['VIDIMUS_PROFILES'] ?? null;
  const scoreFile: ScoreFile = async (path, pack, signal, onBatch) => {
    const { manifest } = pack;
    const detector = `${manifest.task}/${manifest.id}`;
    const plan = { ...SOLO_PLAN, packs: [packKey(manifest)], detectors: [detector] };
    const silent = { artifactsDir: null, profiles: null, onProgress: () => undefined };
    const request = { path, plan, roots, signal, ...silent };
    const result = await analyse(onBatch === undefined ? request : { ...request, onBatch });
    return result.observations.find((o) => o.detector === detector && o.kind === 'score' && !o.where)?.value ?? null;
  };
  return {
    handlers: {
      'analysis.run': ({ path, plan, artifactsDir, name }, { signal, progress }) => {
        const named = name === undefined ? {} : { name };
        const request = { path, ...named, plan, artifactsDir, roots, profiles, signal, onProgress: progress };
        return plan.stress === true ? stressTest(request, analyse) : analyse(request);
      },
      'media.picture': (args, { signal }) => picture(args, signal),
      'view.open': (args, { signal }) => viewOpen(args, signal),
      'view.frames': (args, { signal }) => viewFrames(args, signal),
      'view.sound': (args, { signal }) => viewSound(args, signal),
      'view.waveform': viewWaveform,
      'view.spectrogram': viewSpectrogram,
      ...modelHandlers(roots, scoreFile),
      doctor: () => doctor(roots),
    },
  };
}
