/** The audit log as text: one canonical entry per line, for the stand-alone checker and for the file. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import * as z from 'zod';
import { caseError } from '../database/errors.ts';
import type { ReadableDb } from '../database/handle.ts';
import { type ChainHead, chainHead } from './log.ts';

const Entry = z.strictObject({ entry: z.string() });

/** Writes the log to a file, whole or not at all; returns its head. @throws VidimusError case.disk-full, case.read-only. */
export function exportLog(db: ReadableDb, path: string): ChainHead | null {
  const part = `${path}.part`;
  try {
    const file = openSync(part, 'w');
    try {
      for (const { entry } of db.each(Entry, 'SELECT entry FROM audit ORDER BY seq')) writeSync(file, `${entry}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(part, path);
  } catch (thrown) {
    rmSync(part, { force: true });
    throw caseError(thrown, path);
  }
  return chainHead(db);
}
