/** Makes signed Content Credentials for tests: certificates by openssl, the COSE signature by hand (RFC 9052). */
import { execFileSync } from 'node:child_process';
import { createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import initialise, { WasmBuilder } from '@contentauth/c2pa-wasm';

import { SourceBlob, SourceReaderSync } from '../../src/engine/signals/structure/credentials/fileBlob.ts';
import { memorySource } from '../../src/engine/signals/structure/source.ts';

/** A signing certificate under a root of its own. `rootPem` is what a trust list would hold. */
export interface TestSigner {
  readonly rootPem: string;
  readonly chain: readonly Buffer[];
  readonly keyPem: string;
}

/** Whether openssl is at hand; where it is not, the reason goes to stderr. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('skipped: openssl is not at hand to make test certificates');
    return false;
  }
}

const EXTENSIONS = `[root]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
[leaf]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,emailProtection
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid:always
`;

/** Makes a root and a leaf certificate (P-256) in `folder`. */
export function makeSigner(folder: string): TestSigner {
  mkdirSync(folder, { recursive: true });
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'ignore' });
  };
  writeFileSync(at('ext.cnf'), EXTENSIONS);
  for (const who of ['root', 'leaf']) {
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', at(`${who}.key`));
    openssl(
      'req',
      '-new',
      '-key',
      at(`${who}.key`),
      '-subj',
      `/C=DE/O=Vidimus test/CN=Vidimus test ${who}`,
      '-out',
      at(`${who}.csr`),
    );
  }
  const issue = ['x509', '-req', '-days', '3650', '-extfile', at('ext.cnf')];
  openssl(...issue, '-in', at('root.csr'), '-signkey', at('root.key'), '-extensions', 'root', '-out', at('root.pem'));
  openssl(
    ...issue,
    '-in',
    at('leaf.csr'),
    '-CA',
    at('root.pem'),
    '-CAkey',
    at('root.key'),
    '-CAcreateserial',
    '-extensions',
    'leaf',
    '-out',
    at('leaf.pem'),
  );
  const rootPem = readFileSync(at('root.pem'), 'utf8');
  const leafPem = readFileSync(at('leaf.pem'), 'utf8');
  return {
    rootPem,
    chain: [leafPem, rootPem].map((pem) => new X509Certificate(pem).raw),
    keyPem: readFileSync(at('leaf.key'), 'utf8'),
  };
}

/** Definite-length CBOR head (RFC 8949). */
function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  const long = Buffer.from([(major << 5) | 25, 0, 0]);
  long.writeUInt16BE(value, 1);
  return long;
}
const bytes = (data: Uint8Array): Buffer => Buffer.concat([head(2, data.length), data]);
const text = (value: string): Buffer => Buffer.concat([head(3, value.length), Buffer.from(value)]);

/** COSE_Sign1 with ES256, the chain in the protected header, padded to exactly `size` bytes. */
function coseSign1(signer: TestSigner, claim: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const chain = Buffer.concat([head(4, signer.chain.length), ...signer.chain.map(bytes)]);
  const protectedHeader = Buffer.concat([head(5, 2), head(0, 1), head(1, 6), head(0, 33), chain]);
  const toSign = Buffer.concat([
    head(4, 4),
    text('Signature1'),
    bytes(protectedHeader),
    bytes(Buffer.alloc(0)),
    bytes(claim),
  ]);
  const signature = sign('sha256', toSign, { key: createPrivateKey(signer.keyPem), dsaEncoding: 'ieee-p1363' });
  const build = (pad: number): Buffer =>
    Buffer.concat([
      Buffer.from([0xd2]),
      head(4, 4),
      bytes(protectedHeader),
      Buffer.concat([head(5, 1), text('pad'), bytes(Buffer.alloc(pad))]),
      Buffer.from([0xf6]),
      bytes(signature),
    ]);
  const padded = build(size - build(1_000).length + 1_000);
  if (padded.length !== size) throw new Error(`the signature has ${padded.length} bytes instead of ${size}`);
  return Uint8Array.from(padded);
}

/** Signs a media file with a manifest definition; the answer is the signed file. */
export async function signWithCredentials(
  signer: TestSigner,
  mime: string,
  media: Uint8Array<ArrayBuffer>,
  manifest: object,
): Promise<Uint8Array> {
  const wasm = createRequire(import.meta.url).resolve('@contentauth/c2pa-wasm/c2pa.wasm');
  await initialise({ module_or_path: readFileSync(wasm) });
  const size = 10_000;
  const builder = WasmBuilder.fromJson(
    JSON.stringify(manifest),
    JSON.stringify({ verify: { verify_after_sign: false } }),
  );
  const definition = {
    alg: 'es256',
    reserveSize: size,
    sign: async (claim: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => coseSign1(signer, claim, size),
  };
  Object.assign(globalThis, { FileReaderSync: SourceReaderSync });
  return await builder.sign(definition, [], mime, new SourceBlob(memorySource(media), mime));
}
