/** From a model pack to the detector that can use it. */
import type { Pack } from '../inference/pack.ts';
import type { SessionOptions } from '../inference/session.ts';
import type { Detector } from '../types.ts';
import { clipConsistency } from './neural/clip.ts';
import { faceForgery } from './neural/face.ts';
import { featureForgery } from './neural/features.ts';
import { imageForgery } from './neural/image.ts';
import { speechSpoof } from './neural/speech.ts';

/**
 * The detector for a pack, by the kind of its input; null where this version has none (the pack is then named as not
 * assessed). Its id is `<task>/<pack id>`.
 */
export function neuralDetector(pack: Pack, opening: SessionOptions): Detector | null {
  switch (pack.manifest.input.kind) {
    case 'face-crop':
      return faceForgery(pack, opening);
    case 'image':
      return imageForgery(pack, opening);
    case 'clip':
      return clipConsistency(pack, opening);
    case 'mel':
    case 'waveform':
      return pack.manifest.task === 'speech-spoof' ? speechSpoof(pack, opening) : null;
    case 'features':
      return featureForgery(pack, opening);
    case 'mouth-clip':
    case 'landmarks':
      return null;
  }
}
