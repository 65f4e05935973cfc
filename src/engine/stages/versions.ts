/** Versions of everything that had a hand in a result. */
import { arch, platform, release } from 'node:os';
import sharp from 'sharp';
import packageJson from '../../../package.json' with { type: 'json' };
import { asVidimusError } from '../../contract/errors.ts';
import type { Run } from '../../contract/result.ts';
import { runtimeVersion } from '../inference/runtime.ts';
import { findFfmpeg } from '../media/tools.ts';

/** Looked up on every run: an ffmpeg can change while the program is open. */
export async function versions(): Promise<Run['versions']> {
  const ffmpeg = await findFfmpeg().then(
    (tool) => `${tool.version} (${tool.origin})`,
    (thrown: unknown) => `not found: ${asVidimusError(thrown).message}`,
  );
  return {
    vidimus: packageJson.version,
    node: process.versions.node,
    onnxruntime: runtimeVersion(),
    ffmpeg,
    sharp: `${sharp.versions.sharp} (libvips ${sharp.versions.vips})`,
    platform: `${platform()} ${release()} ${arch()}`,
  };
}
