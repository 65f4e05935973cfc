/** The cases that are open in this application: one writer each, named by handles that say nothing of their place. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { caseRecord, type WritableCase } from '../../casework/case.ts';
import { readCard } from '../../casework/database/card.ts';
import { countExhibits } from '../../casework/records/exhibits.ts';
import { listFindings } from '../../casework/records/findings.ts';
import { findExaminer } from '../../casework/records/people.ts';
import type { OpenCase } from '../../contract/apiCases.ts';
import { VidimusError } from '../../contract/errors.ts';
import type { Progress } from '../../contract/result.ts';
import { openCaseAs } from '../cases/cases.ts';
import type { RunningQueue } from '../queue.ts';

export interface Entry {
  readonly handle: string;
  target: WritableCase;
  readonly passphrase: string | null;
  readonly encrypted: boolean;
  readonly account: string;
  queue: RunningQueue | null;
  /** How far the running jobs are, by job. */
  readonly progress: Map<string, Progress>;
  /** How the last run of the queue ended. */
  words: string | null;
  /** Ends the queue when the case is closed. */
  readonly closing: AbortController;
}

const handleOf = (folder: string): string => createHash('sha256').update(folder).digest('hex').slice(0, 16);

/** The place of a case without links in its path, so that one case has one handle. */
function placeOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}

export class OpenCases {
  readonly #open = new Map<string, Entry>();
  /** The account of the system in whose name work is done until an examiner is named. */
  readonly account: string;

  constructor(account: string) {
    this.account = account;
  }

  /** Opens a case, or answers the entry under which it is open already. @throws VidimusError case.* */
  open(folder: string, passphrase: string | null): Entry {
    const place = placeOf(folder);
    const handle = handleOf(place);
    const known = this.#open.get(handle);
    if (known !== undefined) return known;
    const target = openCaseAs(place, { passphrase, examiner: null, account: this.account });
    return this.adopt(target, passphrase);
  }

  /** Takes over a case that was just made. */
  adopt(target: WritableCase, passphrase: string | null): Entry {
    const entry: Entry = {
      handle: handleOf(placeOf(target.folder)),
      target,
      passphrase,
      encrypted: readCard(target.folder)?.encrypted ?? false,
      account: this.account,
      queue: null,
      progress: new Map(),
      words: null,
      closing: new AbortController(),
    };
    this.#open.set(entry.handle, entry);
    return entry;
  }

  /** @throws VidimusError case.unknown for a handle that is not open */
  get(handle: string): Entry {
    const entry = this.#open.get(handle);
    if (entry === undefined)
      throw new VidimusError('case.unknown', 'This case is not open.', { advice: 'Open it from the list of cases.' });
    return entry;
  }

  handleAt(folder: string): string | null {
    const handle = handleOf(placeOf(folder));
    return this.#open.has(handle) ? handle : null;
  }

  all(): Entry[] {
    return [...this.#open.values()];
  }

  /** Ends the work on a case, lets running jobs go back to waiting, and closes it. */
  async close(handle: string): Promise<void> {
    const entry = this.get(handle);
    this.#open.delete(handle);
    entry.closing.abort();
    await entry.queue?.done.catch(() => undefined);
    entry.target.close();
  }

  async closeAll(): Promise<void> {
    for (const { handle } of this.all()) await this.close(handle);
  }
}

/** The case as screens show it. */
export function describe({ handle, target, encrypted, account }: Entry): OpenCase {
  const { db, folder, actor } = target;
  return {
    handle,
    folder,
    encrypted,
    info: caseRecord(db),
    exhibits: countExhibits(db),
    examiner: actor.id === null ? null : findExaminer(db, actor.id),
    account,
    findings: listFindings(db),
  };
}
