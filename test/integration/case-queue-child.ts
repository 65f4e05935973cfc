/** Works through the queue of a case with the fake engine until it is killed. */
import { writeSync } from 'node:fs';
import { openCase } from '../../src/casework/case.ts';
import { startQueue } from '../../src/workbench/queue.ts';
import { fakeEngine } from './case-fake-engine.ts';
import { ANNA } from './case-support.ts';

const target = openCase(process.argv[2] ?? '', { actor: ANNA });
const engine = fakeEngine(20, (path) => void writeSync(1, `begin ${path}\n`));
const queue = startQueue(target, engine, {
  concurrency: 2,
  onEnd: (job) => void writeSync(1, `end ${job.id} ${job.state}\n`),
});
writeSync(1, `words ${(await queue.done).words}\n`);
target.close();
