/** Writing results so that a reader never sees half a file, and naming them so that any exhibit name fits. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VidimusError } from '../contract/errors.ts';

/** Longest file name in bytes that every usual file system takes, less room for our own endings. */
const MAX_NAME_BYTES = 200;

/** Name for a result of the exhibit `name`: the name itself where it fits, else its start and a hash of the whole. */
export function resultName(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  let start = name;
  while (Buffer.byteLength(start) > MAX_NAME_BYTES - 17) start = [...start].slice(0, -1).join('');
  return `${start}-${hash}`;
}

/** Writes `text` to `path` through a temporary file, an fsync and a rename; the folder is made if needed. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${randomUUID()}.part`);
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new VidimusError('output.failed', `The result could not be written to ${path}: ${reason}`, { cause: thrown });
  }
}
