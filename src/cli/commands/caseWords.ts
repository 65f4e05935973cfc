/** A case and an exhibit as data and in words. */
import type { CaseRecord, Exhibit } from '../../contract/case.ts';
import {
  countExhibits,
  listAnalyses,
  listBookmarks,
  listCustody,
  listExaminers,
  listExhibits,
  listFindings,
  listNotes,
  listPropositions,
  listReports,
  listStamps,
  listTags,
  listVerifications,
  type ReadableCase,
  tagsOf,
} from '../../workbench/cases/casework.ts';
import { jobCounts } from '../../workbench/queue.ts';
import { printable, table } from '../output.ts';

type Db = ReadableCase['db'];
/** `words` is left out of JSON. */
const withWords = <T extends object>(data: T, words: string): T & { readonly words: string } =>
  Object.defineProperty({ ...data, words }, 'words', { enumerable: false });

const row = (name: string, value: string | null): string[] => [name, value ?? ''];

/** A case: who, how many, what stands against it. The first 200 exhibits are listed. */
export function showCase(folder: string, info: CaseRecord, db: Db) {
  const exhibits = listExhibits(db, { limit: 200 });
  const findings = listFindings(db);
  const jobs = jobCounts(db);
  const data = {
    ...info,
    folder,
    exhibitCount: countExhibits(db),
    exhibits,
    examiners: listExaminers(db),
    tags: listTags(db),
    jobs,
    findings,
    notes: listNotes(db, null),
    reports: listReports(db),
    timeStamps: listStamps(db).map(({ token: _token, ...stamp }) => stamp),
  };
  const words = [
    table(
      [
        row('case', info.number),
        row('matter', info.matter),
        row('agency', info.agency),
        row('state', info.kind === 'export' ? `${info.state}, an export (read-only)` : info.state),
        row('exhibits', String(data.exhibitCount)),
        row(
          'jobs',
          Object.entries(jobs)
            .map(([state, n]) => `${n} ${state}`)
            .join(', '),
        ),
      ],
      90,
    ),
    '',
    table(
      [
        ['item', 'name', 'type', 'bytes', 'SHA-256', 'storage'],
        ...exhibits.map((e) => [
          e.itemNumber,
          e.originalName,
          e.mediaType ?? '',
          String(e.bytes),
          e.sha256.slice(0, 16),
          e.storage,
        ]),
      ],
      70,
    ),
    ...findings.map((finding) => `finding (${finding.effect}): ${printable(finding.message)} [${finding.id}]`),
  ].join('\n');
  return withWords(data, words);
}

/** One exhibit with everything that is recorded about it, opinions apart. */
export function showExhibit(db: Db, exhibit: Exhibit) {
  const data = {
    ...exhibit,
    tags: tagsOf(db, exhibit.id),
    custody: listCustody(db, exhibit.id),
    verifications: listVerifications(db, exhibit.id),
    findings: listFindings(db, exhibit.id),
    analyses: listAnalyses(db, exhibit.id),
    bookmarks: listBookmarks(db, exhibit.id),
    notes: listNotes(db, exhibit.id),
    propositions: listPropositions(db, exhibit.id),
  };
  const fields = Object.entries(exhibit).map(([name, value]) => [name, value === null ? '' : String(value)]);
  const words = [
    table(fields, 140),
    row('tags', data.tags.join(', ')).join('  '),
    '',
    table([
      ['custody', 'UTC', 'by', 'purpose', 'hash'],
      ...data.custody.map((c) => [c.type, c.utc, c.byExaminer, c.purpose, c.matches]),
    ]),
    '',
    table([['verified', 'UTC', 'outcome'], ...data.verifications.map((v) => [v.reason, v.utc, v.outcome])]),
    '',
    table([
      ['analysis', 'UTC', 'score', 'log10 LR', 'plan'],
      ...data.analyses.map((a) => [
        a.id,
        a.finishedUtc,
        a.score === null ? 'no score' : a.score.toFixed(3),
        a.log10Lr === null ? 'not calibrated' : a.log10Lr.toFixed(2),
        a.planHash.slice(0, 12),
      ]),
    ]),
    ...data.findings.map((finding) => `finding (${finding.effect}): ${printable(finding.message)}`),
    ...data.notes.map((note) => `note ${note.utc} ${printable(note.byExaminer)}: ${printable(note.text)}`),
  ].join('\n');
  return withWords(data, words);
}
