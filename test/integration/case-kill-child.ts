/** Writes to a case without pause, every kind of write, until it is killed. After each write it says the chain's head. */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { record } from '../../src/casework/audit/edit.ts';
import { chainHead } from '../../src/casework/audit/log.ts';
import { openCase } from '../../src/casework/case.ts';
import { takeIn } from '../../src/casework/evidence/intake.ts';
import { verifyExhibit } from '../../src/casework/evidence/verify.ts';
import { backupCase } from '../../src/casework/exchange/backup.ts';
import { exportCase } from '../../src/casework/exchange/export.ts';
import { addAnalysis, insertAnalysis } from '../../src/casework/records/analyses.ts';
import { addCustody, listExhibits, updateExhibit } from '../../src/casework/records/exhibits.ts';
import {
  cancelJob,
  enqueue,
  failJob,
  finishJob,
  recoverJobs,
  retryJob,
  setSetting,
  startNextJob,
} from '../../src/casework/records/jobs.ts';
import { addBookmark, addNote, setTag } from '../../src/casework/records/marks.ts';
import { fixPropositions, issueReport } from '../../src/casework/records/opinions.ts';
import { addExaminer } from '../../src/casework/records/people.ts';
import { toWire, VidimusError } from '../../src/contract/errors.ts';
import { makePlan } from '../../src/workbench/plans.ts';
import { ANNA, evidenceFile, resultFor } from './case-support.ts';

const [folder = '', scratch = '', seed = '1'] = process.argv.slice(2);
const target = openCase(folder, { actor: ANNA });
recoverJobs(target);
let state = Number(seed) >>> 0;
/** xorshift32: which write comes next. */
const random = (n: number): number => {
  state ^= state << 13;
  state >>>= 0;
  state ^= state >>> 17;
  state ^= state << 5;
  state >>>= 0;
  return state % n;
};
const file = evidenceFile(scratch, `e${seed}.bin`, 300_000);
let round = 0;
const some = async () => {
  const [first] = listExhibits(target.db, { limit: 1 });
  return first ?? takeIn(target, file, { storage: 'copy', purpose: 'kill' });
};
const writes: (() => unknown)[] = [
  () => addNote(target, { text: `note ${round}` }),
  () => takeIn(target, file, { storage: 'copy', purpose: 'kill' }),
  () => takeIn(target, file, { storage: 'reference', purpose: 'kill' }),
  async () => {
    const exhibit = await some();
    addAnalysis(target, exhibit.id, resultFor(exhibit, 20_000), new Date());
  },
  async () => setTag(target, (await some()).id, 'tag', round % 2 === 0 ? 'set' : 'removed'),
  async () =>
    addBookmark(target, { exhibit: (await some()).id, analysis: null, label: 'x', timeSeconds: 1.5, frame: null }),
  async () => fixPropositions(target, (await some()).id, 'h1', 'h2'),
  async () => updateExhibit(target, (await some()).id, { description: `round ${round}` }, 'kill'),
  async () => addCustody(target, (await some()).id, { type: 'accessed', purpose: 'kill' }),
  async () => verifyExhibit(target, await some(), 'on-demand'),
  async () =>
    issueReport(target, {
      format: 'pdf',
      title: 'r',
      fileName: 'r.pdf',
      sha256: 'c'.repeat(64),
      bytes: 1,
      exhibits: [(await some()).id],
    }),
  () =>
    addExaminer(target, {
      name: `x${round}`,
      role: 'examiner',
      qualification: null,
      organisation: null,
      certificatePem: null,
    }),
  () => setSetting(target, 'round', String(round)),
  async () => {
    const exhibit = await some();
    enqueue(target, exhibit.id, makePlan(), { again: 'kill' });
    const job = startNextJob(target);
    if (!job) return;
    const end = random(3);
    if (end === 0)
      retryJob(target, failJob(target, job, toWire(new VidimusError('evidence.damaged', 'x'))).id, 'again');
    else if (end === 1) cancelJob(target, job.id, 'kill');
    else
      record(target, 'analysis.add', {}, (edit) => {
        const done = insertAnalysis(target, edit, exhibit.id, resultFor(exhibit), new Date(), new Map());
        finishJob(target, edit, job, done.id);
      });
  },
  () => backupCase(target, join(scratch, `b${seed}-${round}`), { evidence: true }),
  () =>
    exportCase(target, join(scratch, `x${seed}-${round}`), {
      tags: null,
      evidence: true,
      zip: round % 2 === 0,
      purpose: 'kill',
      passphrase: null,
    }),
];
writeSync(1, 'ready\n');
// Only a process that ends by itself writes the compile cache that makes its successors start quickly.
if (seed === '0') {
  target.close();
  process.exit();
}
for (;;) {
  round += 1;
  await writes[random(random(4) === 0 ? writes.length : writes.length - 2)]();
  const head = chainHead(target.db);
  writeSync(1, `${head?.seq} ${head?.hash}\n`);
}
