/** PKCS#12 files (RFC 7292): an examiner's key with their certificate, read from any program and written by ours. */
import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  type KeyObject,
  pbkdf2Sync,
  randomBytes,
  timingSafeEqual,
  X509Certificate,
} from 'node:crypto';
import { VidimusError } from '../../contract/errors.ts';
import {
  type Asn1,
  algorithm,
  child,
  der,
  integer,
  NULL,
  octetString,
  octets,
  oid,
  oidOf,
  readAsn1,
  sequence,
  setOf,
  smallInteger,
} from '../sign/der.ts';
import { DIGESTS, OID } from '../sign/oids.ts';
import { bmpPassphrase, decryptWithPassphrase, pkcs12Key } from './passphraseKeys.ts';

/** Who signs: the private key, its certificate, and certificates that lead from it towards a root. */
export interface Identity {
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
  readonly chain: readonly X509Certificate[];
}

/**
 * Reads a key file. @throws VidimusError key.passphrase, key.unsupported (an old cipher that this build lacks),
 * key.damaged (not PKCS#12, no key, no certificate that fits it).
 */
export function readPkcs12(bytes: Uint8Array, passphrase: string): Identity {
  try {
    return parse(bytes, passphrase);
  } catch (thrown) {
    if (thrown instanceof VidimusError) throw thrown;
    throw new VidimusError('key.damaged', 'The file is not a PKCS#12 key file, or it is damaged.', { cause: thrown });
  }
}

const contentOf = (info: Asn1): Asn1 => child(child(info, 1, 0xa0), 0);

function parse(bytes: Uint8Array, passphrase: string): Identity {
  const file = readAsn1(bytes);
  const info = child(file, 1, 0x30);
  if (oidOf(child(info, 0)) !== OID.data)
    throw new VidimusError('key.unsupported', 'The key file is sealed with a public key, not with a pass phrase.');
  const safe = octets(contentOf(info));
  const mac = file.children[2];
  if (mac) checkMac(mac, safe, passphrase);
  const keys: KeyObject[] = [];
  const certificates: X509Certificate[] = [];
  for (const part of readAsn1(safe).children) {
    const bags =
      oidOf(child(part, 0)) === OID.encryptedData
        ? decryptedContent(contentOf(part), passphrase)
        : octets(contentOf(part));
    for (const bag of readAsn1(bags).children) collect(bag, passphrase, keys, certificates);
  }
  for (const key of keys) {
    const certificate = certificates.find((one) => one.checkPrivateKey(key));
    if (certificate) return { key, certificate, chain: certificates.filter((one) => one !== certificate) };
  }
  throw new VidimusError(
    'key.damaged',
    keys.length === 0 ? 'The key file holds no private key.' : 'The key file holds no certificate for its key.',
  );
}

function checkMac(mac: Asn1, safe: Uint8Array, passphrase: string): void {
  const info = child(mac, 0);
  const digest = DIGESTS[oidOf(child(child(info, 0), 0))];
  if (digest === undefined)
    throw new VidimusError('key.unsupported', 'The key file is protected by an unknown digest.');
  const expected = child(info, 1).value;
  const count = mac.children[2];
  const iterations = count ? smallInteger(count) : 1;
  const salt = child(mac, 1).value;
  const key = pkcs12Key(digest, bmpPassphrase(passphrase), salt, iterations, 3, expected.length);
  const found = createHmac(digest, key).update(safe).digest();
  if (found.length !== expected.length || !timingSafeEqual(found, expected))
    throw new VidimusError('key.passphrase', 'The pass phrase does not open the key file, or the file is damaged.');
}

function decryptedContent(encryptedData: Asn1, passphrase: string): Buffer {
  const content = child(encryptedData, 1);
  const part = child(content, 2);
  return decryptWithPassphrase(child(content, 1), octets(part), passphrase);
}

function collect(bag: Asn1, passphrase: string, keys: KeyObject[], certificates: X509Certificate[]): void {
  const kind = oidOf(child(bag, 0));
  const value = child(child(bag, 1, 0xa0), 0);
  if (kind === OID.keyBag) keys.push(privateKey(value.raw));
  else if (kind === OID.shroudedKeyBag)
    keys.push(privateKey(decryptWithPassphrase(child(value, 0), octets(child(value, 1)), passphrase)));
  else if (kind === OID.certBag && oidOf(child(value, 0)) === OID.x509Certificate)
    certificates.push(new X509Certificate(octets(child(child(value, 1), 0))));
}

const privateKey = (pkcs8: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });

const PBKDF2_ITERATIONS = 210_000;
const MAC_ITERATIONS = 10_000;

/** Encrypts with AES-256-CBC under PBKDF2 with HMAC-SHA-256; returns the AlgorithmIdentifier and the bytes. */
function encrypt(plain: Uint8Array, passphrase: string): { readonly by: Buffer; readonly bytes: Buffer } {
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync(passphrase, salt, PBKDF2_ITERATIONS, 32, 'sha256'), iv);
  const bytes = Buffer.concat([cipher.update(plain), cipher.final()]);
  const derivation = algorithm(
    OID.pbkdf2,
    sequence(octetString(salt), integer(PBKDF2_ITERATIONS), algorithm(OID.hmacSha256, NULL)),
  );
  const by = algorithm(OID.pbes2, sequence(derivation, algorithm(OID.aes256Cbc, octetString(iv))));
  return { by, bytes };
}

/** Writes a key file: PBES2 with AES-256-CBC, MAC with SHA-256. @throws VidimusError key.passphrase for a short one. */
export function writePkcs12(identity: Identity, passphrase: string, name: string): Buffer {
  if ([...passphrase].length < 8)
    throw new VidimusError('key.passphrase', 'The pass phrase of a key file has at least eight characters.', {
      advice: 'Choose a longer one.',
    });
  const { key, certificate, chain } = identity;
  const id = createHash('sha256').update(certificate.raw).digest();
  const friendly = Buffer.from(name, 'utf16le').swap16();
  const attributes = setOf(0x31, [
    sequence(oid(OID.friendlyName), der(0x31, der(0x1e, friendly))),
    sequence(oid(OID.localKeyId), der(0x31, octetString(id))),
  ]);
  const shrouded = encrypt(key.export({ type: 'pkcs8', format: 'der' }), passphrase);
  const keyBag = sequence(
    oid(OID.shroudedKeyBag),
    der(0xa0, sequence(shrouded.by, octetString(shrouded.bytes))),
    attributes,
  );
  const certBag = (one: X509Certificate): Buffer => {
    const bag = [oid(OID.certBag), der(0xa0, sequence(oid(OID.x509Certificate), der(0xa0, octetString(one.raw))))];
    return sequence(...bag, ...(one === certificate ? [attributes] : []));
  };
  const hidden = encrypt(sequence(...[certificate, ...chain].map(certBag)), passphrase);
  const content = sequence(oid(OID.data), hidden.by, der(0x80, hidden.bytes));
  const safe = sequence(
    sequence(oid(OID.encryptedData), der(0xa0, sequence(integer(0), content))),
    sequence(oid(OID.data), der(0xa0, octetString(sequence(keyBag)))),
  );
  const salt = randomBytes(16);
  const macKey = pkcs12Key('sha256', bmpPassphrase(passphrase), salt, MAC_ITERATIONS, 3, 32);
  const digest = createHmac('sha256', macKey).update(safe).digest();
  return sequence(
    integer(3),
    sequence(oid(OID.data), der(0xa0, octetString(safe))),
    sequence(sequence(algorithm(OID.sha256, NULL), octetString(digest)), octetString(salt), integer(MAC_ITERATIONS)),
  );
}
