/** `vidimus models …`: model packs. */
import { Argument, type Command, Option } from 'commander';
import type { PackList, PackListing } from '../../contract/api.ts';
import { VidimusError } from '../../contract/errors.ts';
import { MediaType, Provider, TASK_MEDIA, Task } from '../../contract/words.ts';
import { openWorkbench, type Workbench } from '../../workbench/workbench.ts';
import { whole } from '../options.ts';
import { fail, interruptSignal, table } from '../output.ts';

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function listing({ packs, broken }: PackList): string {
  if (packs.length === 0 && broken.length === 0)
    return 'No packs are installed. Import one with "vidimus models import".';
  const rows = packs.map(({ manifest, origin, media, isDefault, problem }) => [
    manifest.id,
    manifest.version,
    manifest.task,
    manifest.architecture,
    megabytes(manifest.files.reduce((sum, file) => sum + file.bytes, 0)),
    origin,
    TASK_MEDIA[manifest.task].map((m) => (media.includes(m) ? m : `no ${m}`)).join(', '),
    isDefault ? 'yes' : '',
    problem ?? (media.length > 0 ? 'enabled' : 'disabled'),
  ]);
  const unreadable = broken.map(({ folder, origin, problem }) => [folder, '', '', '', '', origin, '', '', problem]);
  const head = ['id', 'version', 'task', 'architecture', 'size', 'origin', 'used for', 'default', 'state'];
  return table([head, ...rows, ...unreadable], 120);
}

interface Json {
  json?: boolean;
}

interface ImportWishes {
  preset?: string;
  id?: string;
  fakeIndex?: number;
  fakeLabel?: string;
}

/** Runs one call of the workbench and prints its answer, as JSON or in words. */
async function answer<T>(
  json: boolean | undefined,
  call: (workbench: Workbench) => Promise<T>,
  words: (value: T) => string,
) {
  const workbench = openWorkbench();
  try {
    const value = await call(workbench);
    process.stdout.write(`${json ? JSON.stringify(value) : words(value)}\n`);
    return value;
  } catch (thrown) {
    fail(thrown, json ?? false);
    return undefined;
  } finally {
    await workbench.close();
  }
}

/** Registers the commands. */
export function addModels(program: Command): void {
  const models = program.command('models').description('model packs');

  models
    .command('list')
    .description('installed packs')
    .option('--json')
    .action(async ({ json }: Json) => {
      await answer(json, (w) => w.call('models.list', {}), listing);
    });

  models
    .command('architectures')
    .description('networks that checkpoints can be imported for')
    .option('--json')
    .action(async ({ json }: Json) => {
      await answer(
        json,
        (w) => w.call('models.architectures', {}),
        (all) =>
          table(
            [
              ['name', 'task', 'network', 'recognised checkpoints'],
              ...all.map((a) => [a.name, a.task, a.title, a.known.join(', ')]),
            ],
            90,
          ),
      );
    });

  models
    .command('show')
    .description('one pack’s manifest')
    .argument('<id>')
    .option('--json')
    .action(async (id: string, { json }: Json) => {
      const found = async (w: Workbench): Promise<PackListing[]> => {
        const hits = (await w.call('models.list', {})).packs.filter((pack) => pack.manifest.id === id);
        if (hits.length === 0) throw new VidimusError('pack.missing', `No pack "${id}" is installed.`);
        return hits;
      };
      await answer(json, found, (hits) => JSON.stringify(hits, null, 2));
    });

  models
    .command('verify')
    .description('hash every file of a pack, or of all packs, again')
    .argument('[id]')
    .option('--json')
    .action(async (id: string | undefined, { json }: Json) => {
      const packs = await answer(
        json,
        (w) => w.call('models.verify', { id: id ?? null }, { signal: interruptSignal() }),
        listing,
      );
      if (packs && (packs.broken.length > 0 || packs.packs.some((pack) => pack.problem !== null))) process.exitCode = 4;
    });

  models
    .command('import')
    .description('install a checkpoint (ARCH FILE…), a pack (folder or zip), or an ONNX file with --preset')
    .argument('<source...>', 'ARCH FILE…, PACK.zip, a folder, or FILE.onnx')
    .option('--preset <architecture>', 'the network that an ONNX file holds')
    .option('--id <id>', 'id of the new pack')
    .option('--fake-index <n>', 'output of the network that means manipulated, from 0', whole(0))
    .option('--fake-label <label>', 'label in config.json that means manipulated')
    .option('--json')
    .action(async (source: string[], { json, preset, id, fakeIndex, fakeLabel }: Json & ImportWishes) => {
      const [first, ...rest] = source;
      const named = rest.length > 0;
      const args = {
        files: named ? rest : source,
        architecture: named ? (first ?? null) : null,
        preset: preset ?? null,
        id: id ?? null,
        fakeIndex: fakeIndex ?? null,
        fakeLabel: fakeLabel ?? null,
      };
      await answer(
        json,
        (w) => w.call('models.import', args, { signal: interruptSignal() }),
        (report) =>
          [
            `Installed ${report.listing.manifest.id} ${report.listing.manifest.version} in ${report.listing.folder}`,
            ...(report.recognised === null ? [] : [`Recognised: ${report.recognised}`]),
            // A ready pack is no checkpoint, so nothing is missing where it is not recognised.
            ...(report.recognised === null && named ? ['The checkpoint is not one of the known official ones.'] : []),
            ...(report.unusedKeys.length > 0
              ? [`Tensors the network does not use: ${report.unusedKeys.join(', ')}`]
              : []),
            ...report.notes,
          ].join('\n'),
      );
    });

  models
    .command('remove')
    .description('remove a pack of yours; built-in packs stay')
    .argument('<id>')
    .option('--version <version>', 'which version (default: the only one)')
    .option('--json')
    .action(async (id: string, { json, version }: Json & { version?: string }) => {
      await answer(
        json,
        (w) => w.call('models.remove', { id, version: version ?? null }),
        ({ removed }) => `Removed ${removed}`,
      );
    });

  for (const enabled of [true, false]) {
    models
      .command(enabled ? 'enable' : 'disable')
      .description(enabled ? 'let analyses use a pack' : 'keep a pack, but do not use it')
      .argument('<id>')
      .addOption(new Option('--media <medium...>', 'only for these media (default: all)').choices(MediaType.options))
      .option('--version <version>', 'only this version (default: all)')
      .option('--json')
      .action(async (id: string, { json, media, version }: Json & { media?: string[]; version?: string }) => {
        const args = {
          id,
          version: version ?? null,
          enabled,
          media: media === undefined ? null : media.map((m) => MediaType.parse(m)),
        };
        await answer(json, (w) => w.call('models.enable', args), listing);
      });
  }

  models
    .command('default')
    .description('make a pack the first choice of a task, or clear that choice')
    .addArgument(new Argument('<task>', 'the task').choices(Task.options))
    .argument('[id]')
    .option('--version <version>', 'only this version (default: the highest that is enabled)')
    .option('--clear', 'have no first choice')
    .option('--json')
    .action(
      async (
        task: string,
        id: string | undefined,
        { json, version, clear }: Json & { version?: string; clear?: boolean },
      ) => {
        const choose = async (w: Workbench): Promise<PackList> => {
          if ((id === undefined) !== (clear === true))
            throw new VidimusError('usage.invalid', 'Name a pack, or clear the choice with --clear.');
          const pack = id === undefined ? null : { id, version: version ?? null };
          return w.call('models.default', { task: Task.parse(task), pack });
        };
        await answer(json, choose, listing);
      },
    );

  models
    .command('bench')
    .description('measure latency and throughput on this machine')
    .argument('[id]')
    .option('--provider <name...>', 'providers to try', ['cpu'])
    .option('--batch <n...>', 'batch sizes', ['1', '8'])
    .option('--json')
    .action(
      async (id: string | undefined, { json, provider, batch }: Json & { provider: string[]; batch: string[] }) => {
        const args = {
          id: id ?? null,
          providers: provider.map((p) => Provider.parse(p)),
          batches: batch.map(whole(1)),
        };
        await answer(
          json,
          (w) => w.call('models.bench', args, { signal: interruptSignal() }),
          (figures) =>
            table([
              ['id', 'version', 'provider', 'batch', 'median ms', 'items/s', ''],
              ...figures.map((f) => [
                f.id,
                f.version,
                f.provider,
                String(f.batch),
                f.medianMs.toFixed(2),
                f.itemsPerSecond.toFixed(1),
                f.error ?? '',
              ]),
            ]),
        );
      },
    );

  models
    .command('quantize')
    .description('make a smaller variant of a pack and measure what it changes')
    .argument('<id>')
    .option('--int8', '8-bit integers: weights alone, or with --calibrate activations too (default: 16-bit floats)')
    .option('--calibrate <dir>', 'files that give the ranges, and on which scores are compared')
    .option('--json')
    .action(async (id: string, { json, int8, calibrate }: Json & { int8?: boolean; calibrate?: string }) => {
      const args = { id, kind: int8 ? ('int8' as const) : ('fp16' as const), calibrationDir: calibrate ?? null };
      await answer(
        json,
        (w) => w.call('models.quantize', args, { signal: interruptSignal() }),
        (r) =>
          [
            `Installed ${r.listing.manifest.id}: ${megabytes(r.bytesBefore)} → ${megabytes(r.bytesAfter)}, ${r.medianMsBefore.toFixed(2)} → ${r.medianMsAfter.toFixed(2)} ms`,
            r.scores === null
              ? 'Scores were not compared; give --calibrate DIR.'
              : `Scores of ${r.scores.n} files changed by ${r.scores.meanChange.toFixed(4)} on average, ${r.scores.maxChange.toFixed(4)} at most; ${r.scores.flipped} changed sides of the threshold.`,
          ].join('\n'),
      );
    });
}
