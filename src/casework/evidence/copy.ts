/**
 * Verified copies. A file is hashed while it is copied; every 64 MiB the copy is flushed and the digest of that block
 * is written to a journal, so that a copy of a huge file that was interrupted goes on where it stopped. On resuming,
 * the blocks at hand are read again and compared with the journal, and the source must not have been written since
 * (device, inode, length, times of change). At the end the whole copy is read back from the store and compared.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import {
  appendFile,
  chmod,
  copyFile,
  type FileHandle,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  statfs,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { VidimusError } from '../../contract/errors.ts';
import { Sha256 } from '../../contract/words.ts';
import { caseError } from '../database/errors.ts';
import {
  assertUnchanged,
  BLOCK,
  blocks,
  type Digests,
  evidenceError,
  type FileStamp,
  openEvidence,
  type ReadOptions,
  sha256File,
  TripleHash,
} from './hash.ts';

/** Bytes between two points from which a copy can go on. */
const STEP = 16 * BLOCK;
/** Room that must be left beside the copy, for the database and its log. */
const RESERVE = 32 << 20;

/** Where the copy of evidence with this SHA-256 lies, relative to the case folder. */
export const storePath = (sha256: string): string => `evidence/${sha256.slice(0, 2)}/${sha256}`;

export interface Copied {
  readonly digests: Digests;
  readonly stamp: FileStamp;
  /** Relative to the case folder. */
  readonly path: string;
  /** Bytes that an earlier, interrupted copy had brought already. */
  readonly resumedAt: number;
  /** Whether the store held the same bytes already. */
  readonly known: boolean;
}

const Journal = z.strictObject({ sha256: Sha256, end: z.int().positive() });

async function freeSpace(folder: string): Promise<number> {
  const s = await statfs(folder);
  return s.bavail * s.bsize;
}

/** Copies a file into the store of a case. @throws VidimusError evidence.*, case.disk-full, integrity.mismatch. */
export async function copyIntoStore(folder: string, source: string, options: ReadOptions = {}): Promise<Copied> {
  const { file, stamp } = await openEvidence(source);
  const key = createHash('sha256').update(`${source}\0${stamp.identity}`).digest('hex').slice(0, 32);
  const incoming = join(folder, 'evidence', 'incoming');
  const part = join(incoming, `${key}.part`);
  const journal = join(incoming, `${key}.jsonl`);
  let out: FileHandle | undefined;
  try {
    await mkdir(incoming, { recursive: true }).catch((thrown: unknown) => {
      throw caseError(thrown, folder);
    });
    const hash = new TripleHash();
    out = await open(part, constants.O_RDWR | constants.O_CREAT, 0o600).catch((thrown: unknown) => {
      throw caseError(thrown, folder);
    });
    const resumedAt = await resume(out, journal, hash);
    const missing = stamp.bytes - resumedAt;
    if ((await freeSpace(incoming)) < missing + RESERVE) {
      const megabytes = Math.ceil((missing + RESERVE) / 1e6);
      throw new VidimusError('case.disk-full', `The copy needs ${megabytes} MB and there is less free in ${folder}.`);
    }
    await append(file, out, journal, hash, resumedAt, stamp, options);
    await assertUnchanged(file, stamp, source);
    await out.close();
    out = undefined;
    const digests = hash.digests();
    const known = await settle(folder, part, digests.sha256, options);
    await rm(journal, { force: true });
    return { digests, stamp, path: storePath(digests.sha256), resumedAt, known };
  } catch (thrown) {
    const error = evidenceError(thrown, source);
    // A cancelled copy can go on later; a changed source or a full disk must leave nothing.
    if (error.code !== 'cancelled') {
      await out?.close();
      out = undefined;
      await rm(part, { force: true });
      await rm(journal, { force: true });
    }
    throw error;
  } finally {
    await out?.close();
    await file.close();
  }
}

/** Feeds the blocks that are there and sound to the hash and cuts the rest; returns where to go on. */
async function resume(out: FileHandle, journal: string, hash: TripleHash): Promise<number> {
  const lines = (await readFile(journal, 'utf8').catch(() => '')).split('\n');
  let at = 0;
  for (const line of lines) {
    const entry = parseLine(line);
    if (!entry || entry.end <= at) break;
    const digest = createHash('sha256');
    const held: Buffer[] = [];
    for await (const block of blocks(out, at, entry.end)) {
      digest.update(block);
      held.push(Buffer.from(block));
    }
    if (digest.digest('hex') !== entry.sha256) break;
    for (const block of held) hash.update(block);
    at = entry.end;
  }
  await out.truncate(at);
  if (at === 0) await rm(journal, { force: true });
  return at;
}

function parseLine(line: string): z.infer<typeof Journal> | null {
  try {
    return Journal.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

async function append(
  file: FileHandle,
  out: FileHandle,
  journal: string,
  hash: TripleHash,
  start: number,
  stamp: FileStamp,
  options: ReadOptions,
): Promise<void> {
  let digest = createHash('sha256');
  let at = start;
  let stepStart = start;
  for await (const block of blocks(file, start, stamp.bytes, options)) {
    hash.update(block);
    digest.update(block);
    try {
      await out.writev([block], at);
      at += block.length;
      if (at - stepStart >= STEP) {
        await out.datasync();
        await appendFile(journal, `${JSON.stringify({ sha256: digest.digest('hex'), end: at })}\n`, { flush: true });
        digest = createHash('sha256');
        stepStart = at;
      }
    } catch (thrown) {
      throw caseError(thrown, 'the evidence store');
    }
  }
  await out.sync().catch((thrown: unknown) => {
    throw caseError(thrown, 'the evidence store');
  });
}

/** Gives the copy its name, unless the store holds these bytes; reads what then lies there and compares. */
async function settle(folder: string, part: string, sha256: string, options: ReadOptions): Promise<boolean> {
  const target = join(folder, storePath(sha256));
  await mkdir(dirname(target), { recursive: true });
  const known = await stat(target).then(
    () => true,
    () => false,
  );
  const read = await sha256File(known ? target : part, { signal: options.signal });
  if (read.sha256 !== sha256) {
    const what = known ? 'the copy that the store held before' : 'the copy';
    throw new VidimusError('integrity.mismatch', `${what} does not have the hash of its source (${target}).`, {
      advice: known
        ? 'The stored copy was damaged. Keep it aside and take the exhibit in again.'
        : 'Check the disk of the case.',
    });
  }
  if (known) {
    await rm(part, { force: true });
    return true;
  }
  await chmod(part, 0o444);
  await rename(part, target);
  await syncFolder(dirname(target));
  return false;
}

/** Makes a rename in a folder durable; systems that cannot open folders do so by themselves. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  try {
    await handle?.sync().catch(() => undefined);
  } finally {
    await handle?.close();
  }
}

/** Puts a file whose SHA-256 is known (from a package) into the store. */
export async function adoptFile(folder: string, file: string, sha256: string): Promise<void> {
  const target = join(folder, storePath(sha256));
  const part = join(folder, 'evidence', 'incoming', `${sha256}.part`);
  try {
    await mkdir(dirname(part), { recursive: true });
    await copyFile(file, part);
    const handle = await open(part, 'r+');
    await handle.sync();
    await handle.close();
  } catch (thrown) {
    await rm(part, { force: true });
    throw caseError(thrown, target);
  }
  await settle(folder, part, sha256, {});
}
