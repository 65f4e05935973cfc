/** Pass phrases of key files: from the terminal, a file, or an open descriptor; never from the arguments. */
import { readFileSync } from 'node:fs';
import { VidimusError } from '../contract/errors.ts';
import { ask } from './commands/caseSupport.ts';

/**
 * The pass phrase for `what`. `source` is a file whose first line it is, or `fd:N` for an open descriptor.
 * @throws VidimusError key.passphrase where there is none.
 */
export async function keyPassphrase(what: string, source: string | undefined, twice = false): Promise<string> {
  if (source !== undefined) {
    const descriptor = /^fd:(\d+)$/.exec(source);
    try {
      const text = readFileSync(descriptor ? Number(descriptor[1]) : source, 'utf8');
      return text.split(/\r?\n/, 1)[0] ?? '';
    } catch (cause) {
      throw new VidimusError('key.passphrase', `The pass phrase for ${what} cannot be read from ${source}.`, { cause });
    }
  }
  if (!process.stdin.isTTY)
    throw new VidimusError(
      'key.passphrase',
      `The pass phrase for ${what} is not given, and there is no terminal to ask at.`,
    );
  const first = await ask(`Pass phrase for ${what}: `);
  if (twice && (await ask('Once more: ')) !== first)
    throw new VidimusError('key.passphrase', 'The two pass phrases differ.');
  return first;
}
