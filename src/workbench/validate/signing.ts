/** The workstation's key, and signing and checking records with it (Ed25519, RFC 8032, over RFC 8785 JSON). */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { VidimusError } from '../../contract/errors.ts';
import { SignedValidation, type ValidationRecord } from '../../contract/validation.ts';

const NAME = 'workstation-ed25519.pem';

const keyIdOf = (spki: Uint8Array): string => createHash('sha256').update(spki).digest('hex');
/** Public part of a private or public key, DER. */
const spkiOf = (key: KeyObject): Buffer =>
  (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });

function bytesToSign(record: ValidationRecord): Buffer {
  const text = canonicalize(record);
  if (text === undefined) throw new VidimusError('bug', 'A record could not be written canonically.');
  return Buffer.from(text);
}

/**
 * The private key of this workstation, made on first use and readable by its user only. Never replaced: a key that
 * cannot be read is an error, because a new one would orphan every earlier record.
 * @throws VidimusError record.invalid, output.failed
 */
export async function workstationKey(userFolder: string): Promise<KeyObject> {
  const folder = join(userFolder, 'keys');
  const path = join(folder, NAME);
  const existing = await readKey(path);
  if (existing !== null) return existing;
  const { privateKey } = generateKeyPairSync('ed25519');
  const temporary = join(folder, `.${NAME}.${process.pid}.part`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(temporary, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
    await chmod(temporary, 0o600);
    // A link fails where the name is taken, so two processes that start at once end up with one key.
    await link(temporary, path).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== 'EEXIST') throw thrown;
    });
  } catch (cause) {
    throw new VidimusError('output.failed', `The key of this workstation could not be written to ${folder}.`, {
      cause,
    });
  } finally {
    await rm(temporary, { force: true });
  }
  const made = await readKey(path);
  if (made === null) throw new VidimusError('output.failed', `The key of this workstation could not be read back.`);
  return made;
}

async function readKey(path: string): Promise<KeyObject | null> {
  const pem = await readFile(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return null;
    throw new VidimusError('record.invalid', `The workstation key ${path} cannot be read.`, { cause: thrown });
  });
  if (pem === null) return null;
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is a key of type ${key.asymmetricKeyType}`);
    return key;
  } catch (cause) {
    throw new VidimusError('record.invalid', `The workstation key ${path} is damaged.`, {
      advice: 'Restore it from a backup. Earlier records can still be checked without it.',
      cause,
    });
  }
}

/** Signs a record. */
export function signRecord(record: ValidationRecord, key: KeyObject): SignedValidation {
  const spki = spkiOf(key);
  return {
    record,
    signature: {
      algorithm: 'Ed25519',
      keyId: keyIdOf(spki),
      publicKey: spki.toString('base64'),
      value: sign(null, bytesToSign(record), key).toString('base64'),
    },
  };
}

/**
 * Reads a signed record and checks it. `trusted` is the key it must be signed with; null takes the key inside it, which
 * shows only that the record was not changed since.
 * @throws VidimusError record.invalid
 */
export function checkRecord(text: string, trusted: KeyObject | null): SignedValidation {
  let signed: SignedValidation;
  try {
    signed = SignedValidation.parse(JSON.parse(text));
  } catch (cause) {
    throw new VidimusError('record.invalid', 'The file is not a validation record of this version.', { cause });
  }
  const { record, signature } = signed;
  const spki = Buffer.from(signature.publicKey, 'base64');
  if (keyIdOf(spki) !== signature.keyId)
    throw new VidimusError('record.invalid', 'The key of the record does not have the id it states.');
  if (trusted !== null && keyIdOf(spkiOf(trusted)) !== signature.keyId)
    throw new VidimusError('record.invalid', 'The record was signed by another workstation.');
  let good = false;
  try {
    const key = createPublicKey({ key: spki, type: 'spki', format: 'der' });
    good =
      key.asymmetricKeyType === 'ed25519' &&
      verify(null, bytesToSign(record), key, Buffer.from(signature.value, 'base64'));
  } catch (cause) {
    throw new VidimusError('record.invalid', 'The key inside the record cannot be read.', { cause });
  }
  if (!good) throw new VidimusError('record.invalid', 'The signature does not fit the record: it was changed.');
  return signed;
}
