/** Full-text search over the case, its exhibits, notes and findings. */
import * as z from 'zod';
import type { CaseRecord, Exhibit, Finding } from '../../contract/case.ts';
import type { Note } from '../../contract/caseWork.ts';
import type { ReadableDb, WritableDb } from '../database/handle.ts';

export const SearchHit = z.strictObject({
  kind: z.enum(['case', 'exhibit', 'note', 'finding']),
  ref: z.string(),
  title: z.string(),
  excerpt: z.string(),
});
export type SearchHit = z.infer<typeof SearchHit>;

/** Scripts that are written without blanks between words; each letter is a word of its own to the index. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;
const spaced = (text: string): string => text.normalize('NFC').replace(UNSPACED, ' $& ');

function put(
  db: WritableDb,
  kind: SearchHit['kind'],
  ref: string,
  title: string,
  body: readonly (string | null)[],
): void {
  const text = spaced(body.filter((part) => part !== null && part !== '').join('\n'));
  const sql =
    'INSERT INTO searchDoc (kind, ref, title, body) VALUES (?, ?, ?, ?) ON CONFLICT (kind, ref) DO UPDATE SET title = excluded.title, body = excluded.body';
  db.run(sql, kind, ref, spaced(title), text);
}

export const indexCase = (db: WritableDb, c: CaseRecord): void =>
  put(db, 'case', c.id, c.number, [c.agency, c.matter, c.description]);

export const indexExhibit = (db: WritableDb, e: Exhibit): void =>
  put(db, 'exhibit', e.id, `${e.itemNumber} ${e.originalName}`, [
    e.description,
    e.maker,
    e.model,
    e.serial,
    e.source,
    e.authority,
    e.collectedBy,
    e.collectedPlace,
    e.sealNumber,
    e.storagePlace,
    e.originalPath,
    e.sha256,
    e.md5,
  ]);

export const indexNote = (db: WritableDb, n: Note): void => put(db, 'note', n.id, 'note', [n.text]);
export const indexFinding = (db: WritableDb, f: Finding): void => put(db, 'finding', f.id, f.kind, [f.message]);

/** Words become quoted phrases (so that no character is an operator); the last one also matches as a beginning. */
function queryOf(text: string): string | null {
  const words = text
    .normalize('NFC')
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  if (words.length === 0) return null;
  const phrase = (word: string): string => `"${spaced(word).replaceAll('"', '""').trim()}"`;
  return words.map((word, i) => (i === words.length - 1 ? `${phrase(word)}*` : phrase(word))).join(' AND ');
}

const HIT = `SELECT d.kind, d.ref, d.title, snippet(searchIndex, 1, '', '', '…', 16) AS excerpt
FROM searchIndex JOIN searchDoc d ON d.id = searchIndex.rowid
WHERE searchIndex MATCH ? ORDER BY rank LIMIT ?`;

/** Best hits first. All words must occur; letters are compared without case and accents. */
export function search(db: ReadableDb, text: string, limit = 50): SearchHit[] {
  const query = queryOf(text);
  return query === null ? [] : db.all(SearchHit, HIT, query, limit);
}
