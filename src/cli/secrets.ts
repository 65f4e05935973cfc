/** Pass phrases: from a file or the terminal, never from the arguments, which others can list. */
import { readFileSync } from 'node:fs';
import { VidimusError } from '../contract/errors.ts';
import { askHidden } from './commands/caseSupport.ts';

/**
 * The pass phrase in the first line of `file`, or typed by the person at the terminal.
 * @throws VidimusError signing.passphrase where there is neither
 */
export async function secret(file: string | undefined, question: string, twice = false): Promise<string> {
  if (file !== undefined) {
    try {
      return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? '';
    } catch (cause) {
      throw new VidimusError('signing.passphrase', `The pass phrase file ${file} cannot be read.`, { cause });
    }
  }
  if (!process.stdin.isTTY)
    throw new VidimusError('signing.passphrase', 'A pass phrase is needed and nobody can be asked.', {
      advice: 'Name a file whose first line is the pass phrase.',
    });
  const first = await askHidden(`${question}: `);
  if (twice && (await askHidden('Once more: ')) !== first)
    throw new VidimusError('signing.passphrase', 'The two pass phrases differ.');
  return first;
}
