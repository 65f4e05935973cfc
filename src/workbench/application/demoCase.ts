/** The demonstration case of the first start: the samples, examined before the user's eyes. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { workspaceFolder } from '../cases/cases.ts';
import { type Application, DEMO_CASE } from './application.ts';

/** Makes the case where there is no case at all yet, takes the samples in and queues them. */
export async function makeDemoCase(application: Application, installed: string): Promise<void> {
  const workspace = workspaceFolder();
  if (existsSync(workspace) && (await readdir(workspace)).length > 0) return;
  const samples = join(installed, 'samples');
  const names = (await readdir(samples)).filter((name) => !name.endsWith('.md') && !name.startsWith('.')).sort();
  const { handle } = await application.call('case.create', {
    number: 'Demonstration',
    agency: null,
    matter: 'The samples that come with Vidimus',
    description: null,
    folder: join(workspace, DEMO_CASE),
    passphrase: null,
  });
  await application.call('case.addFiles', {
    case: handle,
    paths: names.map((name) => join(samples, name)),
    storage: 'copy',
    purpose: 'demonstration',
  });
  await application.call('queue.enqueue', { case: handle, exhibits: null, wishes: {} });
}
