/** `vidimus doctor`: what was found on this machine, and what is missing. */
import type { Command } from 'commander';
import { openWorkbench } from '../../workbench/workbench.ts';
import { fail, table } from '../output.ts';

/** Registers the command. Missing optional things do not change the exit status; missing ffmpeg does. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('ffmpeg, providers, packs: what is here and what is missing')
    .option('--json', 'print JSON')
    .action(async ({ json = false }: { json?: boolean }) => {
      const workbench = openWorkbench();
      try {
        const items = await workbench.call('doctor', {});
        if (json) process.stdout.write(`${JSON.stringify(items)}\n`);
        else {
          const rows = items.map((item) => [item.state, item.name, item.found, item.advice ?? '']);
          process.stdout.write(`${table([['state', 'what', 'found', 'advice'], ...rows], 100)}\n`);
        }
      } catch (thrown) {
        fail(thrown, json);
      } finally {
        await workbench.close();
      }
    });
}
