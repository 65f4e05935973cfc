/** `vidimus serve`: the workstation on 127.0.0.1, for a browser on this machine or for a program with the key. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { VidimusError } from '../../contract/errors.ts';
import { serve } from '../../server/server.ts';
import { openApplication } from '../../workbench/application/application.ts';
import { makeDemoCase } from '../../workbench/application/demoCase.ts';
import { installFolder } from '../../workbench/folders.ts';
import { log } from '../log.ts';
import { fail } from '../output.ts';

interface Flags {
  readonly port: number;
  readonly open?: boolean;
  readonly demo?: boolean;
}

const portNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new InvalidArgumentError('a port from 0 to 65535');
  return value;
};

/** Registers the command. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('the workstation on 127.0.0.1 (REST, WebSocket, and its screens in a browser)')
    .option('--port <n>', 'port (default: any free one)', portNumber, 0)
    .option('--open', 'open the system’s browser')
    .option('--demo', 'on the first start make a case of the samples and examine it')
    .action(async (flags: Flags) => {
      try {
        await run(flags);
      } catch (thrown) {
        fail(thrown, false);
      }
    });
}

async function run({ port, open = false, demo = false }: Flags): Promise<void> {
  const renderer = join(installFolder(), 'dist', 'renderer');
  if (!existsSync(join(renderer, 'index.html')))
    throw new VidimusError('usage.invalid', 'The screens are not built yet.', { advice: 'Run "npm run build" once.' });
  const application = openApplication({ kind: 'browser', onLog: (line) => log('debug', line) });
  const key = process.env['VIDIMUS_API_KEY'];
  const serving = await serve({ application, renderer, port, ...(key === undefined || key === '' ? {} : { key }) });
  const address = serving.address();
  // The key is printed only where it was made here: one that the user set is not repeated into logs.
  process.stdout.write(`Vidimus is at ${address}\nThe address works once. Ctrl-C ends the program.\n`);
  if (key === undefined || key === '') process.stdout.write(`API key for programs: ${serving.key}\n`);
  if (demo) await makeDemoCase(application, installFolder());
  if (open) openBrowser(address);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  await serving.close();
  await application.close();
}

/** Asks the system to open the address; a machine without a browser has it printed already. */
function openBrowser(address: string): void {
  const [command, ...args] =
    process.platform === 'win32'
      ? ['rundll32', 'url.dll,FileProtocolHandler', address]
      : process.platform === 'darwin'
        ? ['open', address]
        : ['xdg-open', address];
  const child = spawn(command ?? '', args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
