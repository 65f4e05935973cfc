/** Notes, tags and bookmarks. */
import * as z from 'zod';
import { Bookmark, Note, Tagging } from '../../contract/caseWork.ts';
import { record, type Session } from '../audit/edit.ts';
import type { ReadableDb } from '../database/handle.ts';
import { newId, utc } from '../ids.ts';
import { indexNote } from './search.ts';

export interface NewNote {
  readonly text: string;
  readonly exhibit?: string | null;
  /** A finding that the note explains. Explaining does not lift what the finding blocks. */
  readonly finding?: string | null;
  readonly supersedes?: string | null;
}

export function addNote(session: Session, fields: NewNote): Note {
  const row = Note.parse({
    id: newId(),
    exhibit: fields.exhibit ?? null,
    finding: fields.finding ?? null,
    text: fields.text,
    supersedes: fields.supersedes ?? null,
    byExaminer: session.actor.name,
    utc: utc(session.now()),
  });
  return session.db.transaction(() => {
    record(session, 'note.add', {}, (edit) => edit.insert('note', row));
    indexNote(session.db, row);
    return row;
  });
}

/** Notes on an exhibit, or on the case as a whole (null); earlier wordings included. */
export const listNotes = (db: ReadableDb, exhibit: string | null): Note[] =>
  db.all(Note, 'SELECT * FROM note WHERE exhibit IS ? ORDER BY id', exhibit);

/** Puts a tag on an exhibit or takes it off; nothing happens where it is so already. */
export function setTag(session: Session, exhibit: string, tag: string, state: Tagging['state'] = 'set'): void {
  const now = utc(session.now());
  const { db } = session;
  const known = db.one(Tagging, 'SELECT * FROM tagging WHERE tag = ? AND exhibit = ?', tag, exhibit);
  if (known?.state === state || (!known && state === 'removed')) return;
  const by = { state, byExaminer: session.actor.name, utc: now };
  record(session, state === 'set' ? 'tag.set' : 'tag.remove', { tag }, (edit) => {
    if (known) edit.update('tagging', known.id, by);
    else edit.insert('tagging', Tagging.parse({ id: newId(), exhibit, tag, ...by }));
  });
}

const TagRow = z.strictObject({ tag: z.string(), exhibits: z.int() });

/** Tags in use with the number of exhibits that carry each. */
export const listTags = (db: ReadableDb): z.infer<typeof TagRow>[] =>
  db.all(TagRow, "SELECT tag, count(*) AS exhibits FROM tagging WHERE state = 'set' GROUP BY tag ORDER BY tag");

export const tagsOf = (db: ReadableDb, exhibit: string): string[] =>
  db
    .all(Tagging, "SELECT * FROM tagging WHERE exhibit = ? AND state = 'set' ORDER BY tag", exhibit)
    .map(({ tag }) => tag);

export type NewBookmark = Pick<Bookmark, 'exhibit' | 'analysis' | 'label' | 'timeSeconds' | 'frame'>;

export function addBookmark(session: Session, fields: NewBookmark): Bookmark {
  const row = Bookmark.parse({ ...fields, id: newId(), byExaminer: session.actor.name, utc: utc(session.now()) });
  record(session, 'bookmark.add', {}, (edit) => edit.insert('bookmark', row));
  return row;
}

export const listBookmarks = (db: ReadableDb, exhibit: string): Bookmark[] =>
  db.all(Bookmark, 'SELECT * FROM bookmark WHERE exhibit = ? ORDER BY id', exhibit);
