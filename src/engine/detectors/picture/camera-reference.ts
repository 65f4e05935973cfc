/** The fixed pattern of a camera, made from a folder of its pictures. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asVidimusError, throwIfCancelled, VidimusError } from '../../../contract/errors.ts';
import type { Plan } from '../../../contract/result.ts';
import { openMedia } from '../../media/media.ts';
import { greyOf } from '../../signals/picture/grey.ts';
import { type PrnuReference, PrnuSum } from '../../signals/picture/prnu.ts';

/** Files of a folder that are looked at, by name: more pictures hardly sharpen the pattern. */
const MOST_FILES = 200;

/** What a folder gave. */
export interface CameraReference {
  /** Null where fewer than two pictures could be used. */
  readonly pattern: PrnuReference | null;
  /** SHA-256 of the used pictures, in the order of their names. */
  readonly files: readonly string[];
  /** SHA-256 over {@link files}, each in hexadecimal with a line feed, sorted: names and order do not matter. */
  readonly sha256: string;
  /** Files that were not used, by reason. */
  readonly leftOut: { readonly unreadable: number; readonly otherSize: number; readonly exhibit: number };
}

interface Wanted {
  readonly folder: string;
  readonly width: number;
  readonly height: number;
  /** SHA-256 of the exhibit: compared with a reference that holds the exhibit itself, anything would match. */
  readonly exhibit: string;
  readonly plan: Plan;
  readonly signal: AbortSignal;
}

/** The last reference: the pictures of one case are compared with one camera one after another. */
let last: { readonly key: string; readonly made: CameraReference } | null = null;

/**
 * Reads the folder's pictures of the wanted size and makes their pattern. Files that are no pictures, subfolders and
 * copies of the exhibit are left out and counted.
 *
 * @throws VidimusError evidence.not-found where the folder cannot be read, cancelled
 */
export async function cameraReference(wanted: Wanted): Promise<CameraReference> {
  const { folder, width, height, exhibit } = wanted;
  const files = await filesOf(folder);
  const key = JSON.stringify([folder, width, height, files]);
  if (last?.key === key && !last.made.files.includes(exhibit)) return last.made;
  const made = await make(wanted, files);
  last = made.leftOut.exhibit === 0 ? { key, made } : null;
  return made;
}

/** Name, size and time of change of the regular files, by name. */
async function filesOf(folder: string): Promise<readonly (readonly [string, number, number])[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries
      .filter((e) => e.isFile())
      .map((e) => e.name)
      .sort();
    return await Promise.all(
      names.slice(0, MOST_FILES).map(async (name) => {
        const { size, mtimeMs } = await stat(join(folder, name));
        return [name, size, mtimeMs] as const;
      }),
    );
  } catch (cause) {
    throw new VidimusError('evidence.not-found', 'The folder of reference pictures of the camera could not be read.', {
      cause,
    });
  }
}

async function make(wanted: Wanted, files: Awaited<ReturnType<typeof filesOf>>): Promise<CameraReference> {
  const { folder, width, height, exhibit, plan, signal } = wanted;
  const sum = new PrnuSum(width, height);
  const used: string[] = [];
  const leftOut = { unreadable: 0, otherSize: 0, exhibit: 0 };
  for (const [name] of files) {
    throwIfCancelled(signal);
    try {
      const media = await openMedia(join(folder, name), { plan, signal });
      if (media.identity.sha256 === exhibit) leftOut.exhibit++;
      else if (media.mediaType !== 'image') leftOut.unreadable++;
      else if (media.size?.width !== width || media.size.height !== height) leftOut.otherSize++;
      // A second copy of one picture would count its scene twice.
      else if (!used.includes(media.identity.sha256)) {
        for await (const item of media.decode({ frames: { sampling: { kind: 'evenly', n: 1 } } })) {
          if (item.kind === 'frame') sum.add(greyOf(item.frame));
        }
        used.push(media.identity.sha256);
      }
    } catch (thrown) {
      const error = asVidimusError(thrown);
      if (error.family !== 'expected') throw error;
      leftOut.unreadable++;
    }
  }
  const digest = createHash('sha256');
  for (const hash of [...used].sort()) digest.update(`${hash}\n`);
  return { pattern: sum.pictures < 2 ? null : sum.reference(), files: used, sha256: digest.digest('hex'), leftOut };
}
