/** Pictures that detectors made: hashed, named and written beside the result. */
import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { VidimusError } from '../../contract/errors.ts';
import type { Artifact } from '../../contract/result.ts';
import type { ArtifactPng } from '../types.ts';

/** File name of an artefact: detector and id as far as a file name bears them, and the start of its hash. */
const fileName = (detector: string, id: string, sha256: string): string =>
  `${`${detector}-${id}`.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, 100)}-${sha256.slice(0, 12)}.png`;

/**
 * Writes artefacts to `folder` (null: nothing is written and `file` is null).
 * @throws VidimusError output.failed
 */
export async function writeArtifacts(
  found: readonly { readonly detector: string; readonly artifact: ArtifactPng }[],
  folder: string | null,
): Promise<Artifact[]> {
  const written: Artifact[] = [];
  for (const { detector, artifact } of found) {
    const sha256 = createHash('sha256').update(artifact.png).digest('hex');
    const file = folder === null ? null : fileName(detector, artifact.meta.id, sha256);
    if (folder !== null && file !== null) await writeFileAtomically(folder, file, artifact.png);
    written.push({ ...artifact.meta, detector, sha256, file });
  }
  return written;
}

async function writeFileAtomically(folder: string, file: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(folder, `.${file}.part`);
  try {
    await mkdir(folder, { recursive: true });
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, join(folder, file));
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new VidimusError('output.failed', `A picture of the analysis could not be written: ${reason}`, {
      cause: thrown,
    });
  }
}
