/** From a pass phrase to the key of a PKCS#12 file: RFC 7292 appendix B, and PBES2 of RFC 8018. */
import { createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto';
import { VidimusError } from '../../contract/errors.ts';
import { type Asn1, Asn1Error, child, oidOf, readAsn1, smallInteger } from '../sign/der.ts';
import { OID } from '../sign/oids.ts';

/** Iterations above this are a file that wants to keep us busy, not one that is safe. */
const MAX_ITERATIONS = 10_000_000;

const BLOCK: Readonly<Record<string, number>> = { sha1: 64, sha256: 64, sha384: 128, sha512: 128 };

/** The pass phrase as PKCS#12 hashes it: UTF-16, big end first, with two zero bytes. */
export function bmpPassphrase(passphrase: string): Buffer {
  const bytes = Buffer.from(`${passphrase}\0`, 'utf16le');
  return bytes.swap16();
}

/** The key derivation of RFC 7292, B.2. `purpose` is 1 for a key, 2 for an initial vector, 3 for a MAC key. */
export function pkcs12Key(
  digest: string,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  purpose: 1 | 2 | 3,
  length: number,
): Buffer {
  const v = BLOCK[digest];
  if (v === undefined || iterations < 1 || iterations > MAX_ITERATIONS)
    throw new Asn1Error('the key derivation is not one that is used');
  const fill = (bytes: Uint8Array): Buffer =>
    Buffer.alloc(bytes.length === 0 ? 0 : v * Math.ceil(bytes.length / v), bytes);
  const diversifier = Buffer.alloc(v, purpose);
  const blocks = Buffer.concat([fill(salt), fill(password)]);
  const parts: Buffer[] = [];
  for (let have = 0; have < length; ) {
    let a = createHash(digest).update(diversifier).update(blocks).digest();
    for (let i = 1; i < iterations; i += 1) a = createHash(digest).update(a).digest();
    parts.push(a);
    have += a.length;
    const b = Buffer.alloc(v, a);
    for (let at = 0; at < blocks.length; at += v) {
      let carry = 1;
      for (let i = v - 1; i >= 0; i -= 1) {
        carry += (blocks[at + i] ?? 0) + (b[i] ?? 0);
        blocks[at + i] = carry & 0xff;
        carry >>= 8;
      }
    }
  }
  return Buffer.concat(parts).subarray(0, length);
}

interface OldCipher {
  readonly name: string;
  readonly key: number;
  readonly iv: number;
}
const OLD_CIPHERS: Readonly<Record<string, OldCipher>> = {
  '1.2.840.113549.1.12.1.3': { name: 'des-ede3-cbc', key: 24, iv: 8 },
  '1.2.840.113549.1.12.1.4': { name: 'des-ede-cbc', key: 16, iv: 8 },
  '1.2.840.113549.1.12.1.5': { name: 'rc2-cbc', key: 16, iv: 8 },
  '1.2.840.113549.1.12.1.6': { name: 'rc2-40-cbc', key: 5, iv: 8 },
};
const CIPHERS: Readonly<Record<string, { readonly name: string; readonly key: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', key: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', key: 24 },
  [OID.aes256Cbc]: { name: 'aes-256-cbc', key: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', key: 24 },
};
const PRF: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  [OID.hmacSha256]: 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

function unsupported(what: string, cause?: unknown): VidimusError {
  return new VidimusError(
    'key.unsupported',
    `The key file is encrypted with ${what}, which this program cannot read.`,
    {
      advice:
        'Convert it: openssl pkcs12 -legacy -in OLD.p12 -nodes -out keys.pem, then openssl pkcs12 -export -in keys.pem -out NEW.p12; delete keys.pem.',
      cause,
    },
  );
}

/** Decrypts by an AlgorithmIdentifier of a PKCS#12 file. @throws VidimusError key.unsupported, Asn1Error. */
export function decryptWithPassphrase(identifier: Asn1, encrypted: Uint8Array, passphrase: string): Buffer {
  const scheme = oidOf(child(identifier, 0));
  const parameters = child(identifier, 1);
  const old = OLD_CIPHERS[scheme];
  if (old) {
    const salt = child(parameters, 0).value;
    const iterations = smallInteger(child(parameters, 1));
    const password = bmpPassphrase(passphrase);
    const key = pkcs12Key('sha1', password, salt, iterations, 1, old.key);
    const iv = pkcs12Key('sha1', password, salt, iterations, 2, old.iv);
    return decipher(old.name, key, iv, encrypted);
  }
  if (scheme !== OID.pbes2) throw unsupported(`the scheme ${scheme}`);
  const derivation = child(parameters, 0);
  const cipher = child(parameters, 1);
  if (oidOf(child(derivation, 0)) !== OID.pbkdf2)
    throw unsupported(`the key derivation ${oidOf(child(derivation, 0))}`);
  const settings = child(derivation, 1);
  const iterations = smallInteger(child(settings, 1, 0x02));
  if (iterations < 1 || iterations > MAX_ITERATIONS) throw new Asn1Error('the number of iterations is out of range');
  const last = settings.children.at(-1);
  const prf = last?.tag === 0x30 ? PRF[oidOf(child(last, 0))] : 'sha1';
  const found = CIPHERS[oidOf(child(cipher, 0))];
  if (prf === undefined || found === undefined) throw unsupported(`the cipher ${oidOf(child(cipher, 0))}`);
  const key = pbkdf2Sync(passphrase, child(settings, 0, 0x04).value, iterations, found.key, prf);
  return decipher(found.name, key, child(cipher, 1, 0x04).value, encrypted);
}

function decipher(name: string, key: Uint8Array, iv: Uint8Array, encrypted: Uint8Array): Buffer {
  let cipher: ReturnType<typeof createDecipheriv>;
  try {
    // An older OpenSSL calls two-key triple DES by the three-key name as well; RC2 is not in every build.
    cipher = createDecipheriv(name, key, iv);
  } catch (cause) {
    throw unsupported(name.toUpperCase(), cause);
  }
  try {
    const plain = Buffer.concat([cipher.update(encrypted), cipher.final()]);
    readAsn1(plain);
    return plain;
  } catch (cause) {
    throw new VidimusError('key.passphrase', 'The pass phrase does not open the key file.', { cause });
  }
}
