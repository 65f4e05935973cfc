/** Several files that appear together or not at all. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { VidimusError } from '../../contract/errors.ts';
import { checkPdf } from '../../reporting/verify/pdf.ts';
import { Points } from '../../reporting/verify/points.ts';

export interface Output {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Files written beside their places, waiting for their names. */
export interface Prepared {
  /** Gives every file its name. */
  commit(): Promise<void>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

/** @throws VidimusError usage.invalid where two outputs have one name, or one is there already. */
export function assertFree(paths: readonly string[]): void {
  const places = paths.map((path) => resolve(path));
  if (new Set(places).size !== places.length)
    throw new VidimusError('usage.invalid', 'Two outputs of the report have the same name.');
  const there = places.find((path) => existsSync(path));
  if (there !== undefined)
    throw new VidimusError('usage.invalid', `${there} is there already.`, {
      advice: 'Name another file. An issued report is never overwritten.',
    });
}

/**
 * A preview may take the place of an earlier preview, never that of a report or of anything else.
 *
 * @throws VidimusError usage.invalid
 */
export async function assertReplaceable(path: string): Promise<void> {
  const place = resolve(path);
  const taken = (cause?: unknown): VidimusError =>
    new VidimusError('usage.invalid', `${place} is there already and is no preview.`, {
      advice: 'Name another file.',
      cause,
    });
  if (!existsSync(place)) return;
  let state: string | undefined;
  try {
    state = checkPdf(new Points(), await readFile(place), { roots: [], now: new Date() }).model?.state;
  } catch (thrown) {
    throw taken(thrown);
  }
  if (state !== 'preview') throw taken();
}

/** Writes and flushes every file under a temporary name in its own folder. @throws VidimusError output.failed. */
export async function prepareOutputs(outputs: readonly Output[]): Promise<Prepared> {
  const waiting: { readonly temporary: string; readonly path: string }[] = [];
  const discard = async (): Promise<void> => {
    // What was never made cannot be removed, and the reason why is the one to report.
    for (const { temporary } of waiting) await rm(temporary, { force: true }).catch(() => undefined);
  };
  const failed = (path: string, thrown: unknown): VidimusError =>
    new VidimusError(
      'output.failed',
      `The report could not be written to ${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      { cause: thrown },
    );
  for (const { path, bytes } of outputs) {
    const temporary = join(dirname(path), `.${randomUUID()}.part`);
    waiting.push({ temporary, path });
    try {
      await mkdir(dirname(path), { recursive: true });
      const handle = await open(temporary, 'wx');
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (thrown) {
      await discard();
      throw failed(path, thrown);
    }
  }
  return {
    discard,
    commit: async () => {
      const done: string[] = [];
      for (const { temporary, path } of waiting) {
        try {
          await rename(temporary, path);
          done.push(path);
        } catch (thrown) {
          for (const one of done) await rm(one, { force: true });
          await discard();
          throw failed(path, thrown);
        }
      }
    },
  };
}
