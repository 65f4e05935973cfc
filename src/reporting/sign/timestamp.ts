/** Time stamps (RFC 3161): requests, answers, and a server on the laboratory's own network. */
import { createHash, randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIPv6 } from 'node:net';
import { asVidimusError, VidimusError } from '../../contract/errors.ts';
import {
  type Asn1,
  algorithm,
  child,
  integer,
  NULL,
  octetString,
  oidOf,
  readAsn1,
  sequence,
  smallInteger,
  TRUE,
} from './der.ts';
import { OID } from './oids.ts';

const bad = (message: string, cause?: unknown): VidimusError =>
  new VidimusError('signature.timestamp', message, { cause });

/** A request for a token over `bytes`: SHA-256, with a nonce, asking for the server's certificate. */
export function stampRequest(bytes: Uint8Array): { readonly request: Buffer; readonly nonce: Buffer } {
  const random = randomBytes(8);
  random[0] = ((random[0] ?? 0) & 0x7f) | 0x40;
  const nonce = integer(random);
  const imprint = sequence(algorithm(OID.sha256, NULL), octetString(createHash('sha256').update(bytes).digest()));
  return { request: sequence(integer(1), imprint, nonce, TRUE), nonce };
}

/** The token in an answer (.tsr), or the bare token. @throws VidimusError signature.timestamp. */
export function tokenFrom(answer: Uint8Array): Uint8Array {
  let token: Asn1;
  try {
    const node = readAsn1(answer);
    const first = child(node, 0);
    if (first.tag === 0x06) token = node;
    else {
      const status = smallInteger(child(first, 0, 0x02));
      if (status > 1) throw bad(`The time stamp server refused (status ${status}).`);
      token = child(node, 1, 0x30);
    }
    if (oidOf(child(token, 0)) !== OID.signedData) throw new Error('no signed data');
  } catch (thrown) {
    if (thrown instanceof VidimusError) throw thrown;
    throw bad('This is not the answer of a time stamp server.', thrown);
  }
  return token.raw;
}

/** Addresses that do not leave a house: loopback, private, link-local (RFC 1918, 3927, 4193, 4291). */
const HOUSE = new BlockList();
for (const [net, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const)
  HOUSE.addSubnet(net, bits, 'ipv4');
HOUSE.addAddress('::1', 'ipv6');
HOUSE.addSubnet('fc00::', 7, 'ipv6');
HOUSE.addSubnet('fe80::', 10, 'ipv6');

const MAX_ANSWER = 1 << 20;
const TIMEOUT_MS = 20_000;

/**
 * Asks a server for a token over `bytes`. Only the hash leaves this computer, and only to an address of the
 * laboratory's own network.
 * @throws VidimusError signature.timestamp.
 */
export async function fetchStamp(server: string, bytes: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
  const { request, nonce } = stampRequest(bytes);
  const answer = await post(server, request, signal).catch((thrown: unknown) => {
    const error = asVidimusError(thrown);
    if (error.code === 'cancelled' || error.code === 'signature.timestamp') throw error;
    throw bad(`The time stamp server ${server} cannot be reached: ${error.message}`, thrown);
  });
  const token = tokenFrom(answer);
  if (!Buffer.from(token).includes(nonce)) throw bad('The token answers another request: its nonce differs.');
  return token;
}

async function post(server: string, body: Buffer, signal: AbortSignal | undefined): Promise<Buffer> {
  if (!URL.canParse(server)) throw bad(`"${server}" is not the address of a server.`);
  const url = new URL(server);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw bad('A time stamp server speaks http or https.');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const { address } = await lookup(host);
  if (!HOUSE.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))
    throw bad(`${host} is not on the laboratory’s network: nothing was sent.`);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const limits = signal
      ? AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
      : AbortSignal.timeout(TIMEOUT_MS);
    const outgoing = send(
      {
        host: address,
        servername: host,
        port: url.port || (url.protocol === 'https:' ? 443 : 80),
        path: `${url.pathname}${url.search}`,
        method: 'POST',
        headers: { host: url.host, 'content-type': 'application/timestamp-query', 'content-length': body.length },
        signal: limits,
      },
      (incoming) => {
        const parts: Buffer[] = [];
        let size = 0;
        incoming.on('data', (part: Buffer) => {
          size += part.length;
          if (size > MAX_ANSWER) outgoing.destroy(bad('The time stamp server answered with too much.'));
          else parts.push(part);
        });
        incoming.on('error', reject);
        incoming.on('end', () => {
          if (incoming.statusCode === 200) resolve(Buffer.concat(parts));
          else reject(bad(`The time stamp server answered with status ${incoming.statusCode}.`));
        });
      },
    );
    outgoing.on('error', (error) =>
      reject(limits.aborted && !signal?.aborted ? bad('The time stamp server did not answer in time.', error) : error),
    );
    outgoing.end(body);
  });
}
