/** The card beside the database: recognises a case and checks its pass phrase before any page is decrypted. */
import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CaseCard } from '../../contract/caseFiles.ts';
import { VidimusError } from '../../contract/errors.ts';
import { caseError } from './errors.ts';

export const DATABASE_NAME = 'case.db';
/** Stands in the folder of a portable case. */
export const PORTABLE_MANIFEST = 'manifest.json';
const CARD_NAME = 'case.json';

const digestOf = (phrase: string, check: { salt: string; n: number; r: number; p: number }): Buffer =>
  scryptSync(phrase.normalize('NFC'), Buffer.from(check.salt, 'hex'), 32, {
    N: check.n,
    r: check.r,
    p: check.p,
    maxmem: 256 * check.n * check.r,
  });

/** A card for a new case. */
export function makeCard(id: string, phrase: string | null): CaseCard {
  if (phrase === null) return { format: 'vidimus/case/1', id, encrypted: false, check: null };
  const check = { salt: randomBytes(16).toString('hex'), n: 1 << 15, r: 8, p: 1 };
  const digest = digestOf(phrase, check).toString('hex');
  return { format: 'vidimus/case/1', id, encrypted: true, check: { ...check, digest } };
}

/** Whether the phrase is the one the card was made with. */
export function phraseFits(card: CaseCard, phrase: string): boolean {
  if (!card.check) return true;
  return timingSafeEqual(digestOf(phrase, card.check), Buffer.from(card.check.digest, 'hex'));
}

/** Writes bytes through a temporary file, fsync and rename. */
export function writeDurably(path: string, bytes: string | Uint8Array, mode = 0o644): void {
  const temporary = `${path}.part`;
  try {
    const file = openSync(temporary, 'w', mode);
    try {
      writeSync(file, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (thrown) {
    throw caseError(thrown, path);
  }
}

export const writeCard = (folder: string, card: CaseCard): void =>
  writeDurably(join(folder, CARD_NAME), `${JSON.stringify(card, null, 1)}\n`);

/** The card of a folder; null where there is none. @throws VidimusError case.foreign for a card we do not know. */
export function readCard(folder: string): CaseCard | null {
  let text: string;
  try {
    text = readFileSync(join(folder, CARD_NAME), 'utf8');
  } catch {
    return null;
  }
  try {
    return CaseCard.parse(JSON.parse(text));
  } catch (cause) {
    throw new VidimusError('case.foreign', `${join(folder, CARD_NAME)} is not the card of a case.`, { cause });
  }
}
