/** What the case commands share: finding a case, its pass phrase, who works, and how answers are printed. */
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import * as z from 'zod';
import { VidimusError } from '../../contract/errors.ts';
import { openCaseAs, workspaceFolder } from '../../workbench/cases/cases.ts';
import { openCaseForReading, type ReadableCase, type WritableCase } from '../../workbench/cases/casework.ts';
import { fail } from '../output.ts';

/** Options that every case command takes. */
export interface CaseFlags {
  json?: boolean;
  examiner?: string;
  passphraseFile?: string;
}

export const caseOptions = (command: Command): Command =>
  command
    .option('--json', 'print the answer as JSON')
    .option('--examiner <name>', 'who works: name or id of an examiner of the case')
    .option('--passphrase-file <file>', 'file whose first line is the pass phrase (or set VIDIMUS_PASSPHRASE)');

/** The folder of a case: a path, or a name in the workspace. */
export function caseFolder(name: string): string {
  if (existsSync(name) || /[\\/]/.test(name)) return resolve(name);
  return join(workspaceFolder(), name);
}

/** The pass phrase from the environment, a file, or the terminal; never from the arguments, which others can list. */
export async function passphrase(flags: CaseFlags, needed: boolean, twice = false): Promise<string | null> {
  const fromEnvironment = process.env['VIDIMUS_PASSPHRASE'];
  if (flags.passphraseFile !== undefined) {
    try {
      return readFileSync(flags.passphraseFile, 'utf8').split(/\r?\n/, 1)[0] ?? '';
    } catch (cause) {
      throw new VidimusError('case.passphrase', `The pass phrase file ${flags.passphraseFile} cannot be read.`, {
        cause,
      });
    }
  }
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  if (!needed || !process.stdin.isTTY) return null;
  const first = await ask('Pass phrase: ');
  if (twice && (await ask('Once more: ')) !== first)
    throw new VidimusError('case.passphrase', 'The two pass phrases differ.');
  return first;
}

/** Reads a line from the terminal without showing it. */
export function ask(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  let typed = '';
  return new Promise((done, reject) => {
    const end = (): void => {
      stdin.setRawMode(false);
      stdin.pause();
      stdin.off('data', hear);
      stderr.write('\n');
    };
    const hear = (text: string): void => {
      for (const letter of text) {
        if (letter === '\r' || letter === '\n' || letter === '\u0004') {
          end();
          done(typed);
          return;
        }
        if (letter === '\u0003') {
          end();
          reject(new VidimusError('cancelled', 'No pass phrase was given.'));
          return;
        }
        if (letter === '\u007f' || letter === '\b') typed = [...typed].slice(0, -1).join('');
        else typed += letter;
      }
    };
    stdin.on('data', hear);
  });
}

const Card = z.object({ encrypted: z.boolean() });
function isEncrypted(folder: string): boolean {
  try {
    return Card.parse(JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'))).encrypted;
  } catch {
    return false;
  }
}

/** The pass phrase for an existing case. */
export const phraseFor = (folder: string, flags: CaseFlags): Promise<string | null> =>
  passphrase(flags, isEncrypted(folder));

export const account = (): string => {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
};

/** Prints what `work` answers, as JSON or in words; errors set the exit status. */
export async function answer<T>(
  flags: CaseFlags,
  work: () => Promise<T>,
  words: (value: T) => string,
): Promise<T | undefined> {
  try {
    const value = await work();
    process.stdout.write(`${flags.json ? JSON.stringify(value) : words(value)}\n`);
    return value;
  } catch (thrown) {
    fail(thrown, flags.json ?? false);
    return undefined;
  }
}

/** Opens a case for writing, works on it and closes it, whatever happens. */
export async function writing<T>(
  name: string,
  flags: CaseFlags,
  work: (target: WritableCase, phrase: string | null) => Promise<T> | T,
): Promise<T> {
  const folder = caseFolder(name);
  const phrase = await phraseFor(folder, flags);
  const opened = openCaseAs(folder, { passphrase: phrase, examiner: flags.examiner ?? null, account: account() });
  try {
    return await work(opened, phrase);
  } finally {
    opened.close();
  }
}

/** The same for reading. */
export async function reading<T>(
  name: string,
  flags: CaseFlags,
  work: (target: ReadableCase, phrase: string | null) => Promise<T> | T,
  thorough = false,
): Promise<T> {
  const folder = caseFolder(name);
  const phrase = await phraseFor(folder, flags);
  const opened = openCaseForReading(folder, phrase, thorough);
  try {
    return await work(opened, phrase);
  } finally {
    opened.close();
  }
}

/** A file that the user names. @throws VidimusError usage.invalid. */
export function readInput(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new VidimusError('usage.invalid', `${path} cannot be read.`, { cause });
  }
}

/** Shows work over many bytes on stderr where it is a terminal. */
export function bytesMeter(title: string): (done: number, total: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  let last = 0;
  return (done, total) => {
    const now = performance.now();
    if (now - last < 200 && done < total) return;
    last = now;
    process.stderr.write(`\r${title} ${((100 * done) / Math.max(1, total)).toFixed(0)} %${done >= total ? '\n' : ''}`);
  };
}
