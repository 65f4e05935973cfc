/**
 * The command line: results on stdout, progress and messages on stderr, exit codes of the contract's error table.
 * Commands load their code when they run, so that `--help` is quick.
 */
import { Command, CommanderError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { VidimusError } from '../contract/errors.ts';
import { addAnalyze } from './commands/analyze.ts';
import { addBatch } from './commands/batch.ts';
import { addCase } from './commands/case.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEvaluate } from './commands/evaluate.ts';
import { addModels } from './commands/models.ts';
import { addMonitor } from './commands/monitor.ts';
import { addReport } from './commands/report.ts';
import { addSchema } from './commands/schema.ts';
import { addServe } from './commands/serve.ts';
import { addValidate } from './commands/validate.ts';
import { LOG_LEVELS } from './log.ts';
import { fail } from './output.ts';

// A reader that closes early ("| head") is not an error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const program = new Command('vidimus')
  .description('Offline examination of images, video and sound for synthesis and manipulation.')
  .version(packageJson.version, '-V, --version')
  .addOption(
    new Option('--log-level <level>', 'what goes to stderr; debug adds statistics of tensors').choices(LOG_LEVELS),
  )
  .hook('preAction', () => {
    const { logLevel } = program.opts<{ logLevel?: string }>();
    // Through the environment, so that the engine process knows it as well.
    if (logLevel !== undefined) process.env['VIDIMUS_LOG'] = logLevel;
  })
  .exitOverride()
  .showHelpAfterError();

for (const add of [
  addAnalyze,
  addBatch,
  addCase,
  addEvaluate,
  addValidate,
  addMonitor,
  addModels,
  addReport,
  addServe,
  addDoctor,
  addSchema,
])
  add(program);

if (!(Number(process.versions['napi']) >= 10)) {
  fail(new VidimusError('tool.missing', `Vidimus needs Node 24; this is ${process.version}.`), false);
} else {
  try {
    await program.parseAsync();
  } catch (thrown) {
    // Commander has already written its message and the help.
    if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : 2;
    else fail(thrown, process.argv.includes('--json'));
  }
}
