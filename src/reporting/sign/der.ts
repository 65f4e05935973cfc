/**
 * The part of ASN.1 (ITU-T X.690) that certificates, signatures and key files are written in. Reading takes BER as
 * well, because key files of other programs use it; writing is DER. Raw bytes are kept: they are what gets signed.
 */

/** One value. `raw` is the whole of it, `value` what follows the length; constructed values have `children`. */
export interface Asn1 {
  readonly tag: number;
  readonly raw: Uint8Array;
  readonly value: Uint8Array;
  readonly children: readonly Asn1[];
}

/** Thrown for bytes that are not ASN.1; callers turn it into the error of what they read. */
export class Asn1Error extends Error {}

const MAX_DEPTH = 40;

function readAt(bytes: Uint8Array, at: number, depth: number): { readonly node: Asn1; readonly next: number } {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || depth > MAX_DEPTH) throw new Asn1Error('the structure ends early');
  if ((tag & 0x1f) === 0x1f) throw new Asn1Error('a long tag is not expected here');
  const constructed = (tag & 0x20) !== 0;
  let from = at + 2;
  let to: number;
  if (first === 0x80) {
    if (!constructed) throw new Asn1Error('a plain value has no length');
    const children: Asn1[] = [];
    while (!(bytes[from] === 0 && bytes[from + 1] === 0)) {
      const { node, next } = readAt(bytes, from, depth + 1);
      children.push(node);
      from = next;
    }
    const next = from + 2;
    return { node: { tag, raw: bytes.subarray(at, next), value: bytes.subarray(at + 2, from), children }, next };
  }
  if (first < 0x80) to = from + first;
  else {
    const count = first & 0x7f;
    if (count > 6) throw new Asn1Error('a length is out of range');
    let length = 0;
    for (let i = 0; i < count; i += 1) length = length * 256 + (bytes[from + i] ?? 0);
    from += count;
    to = from + length;
  }
  if (to > bytes.length) throw new Asn1Error('the structure ends early');
  const children: Asn1[] = [];
  for (let inner = from; constructed && inner < to; ) {
    const { node, next } = readAt(bytes.subarray(0, to), inner, depth + 1);
    children.push(node);
    inner = next;
  }
  return { node: { tag, raw: bytes.subarray(at, to), value: bytes.subarray(from, to), children }, next: to };
}

/** Reads one value that fills `bytes`. @throws Asn1Error. */
export function readAsn1(bytes: Uint8Array): Asn1 {
  const { node, next } = readAt(bytes, 0, 0);
  if (next !== bytes.length) throw new Asn1Error('bytes follow the structure');
  return node;
}

/** Child number `index`. @throws Asn1Error where it is missing or not of the tag. */
export function child(node: Asn1 | undefined, index: number, tag?: number): Asn1 {
  const found = node?.children[index];
  if (!found || (tag !== undefined && found.tag !== tag)) throw new Asn1Error('a field is missing');
  return found;
}

/** Bytes of an OCTET STRING, also one in parts. */
export const octets = (node: Asn1): Uint8Array =>
  node.children.length > 0 ? Buffer.concat(node.children.map(octets)) : node.value;

/** An OBJECT IDENTIFIER in dotted form. */
export function oidOf(node: Asn1): string {
  if (node.tag !== 0x06) throw new Asn1Error('an object identifier was expected');
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of node.value) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (arcs.length === 0) {
      const root = Math.min(2, Math.floor(arc / 40));
      arcs.push(root, arc - 40 * root);
    } else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}

/** A small whole number. */
export const smallInteger = (node: Asn1): number => node.value.reduce((sum, byte) => sum * 256 + byte, 0);

/** UTCTime or GeneralizedTime in UTC. @throws Asn1Error. */
export function timeOf(node: Asn1): Date {
  const text = Buffer.from(node.value).toString('latin1');
  const short = /^(\d\d)(\d{10})Z$/.exec(text);
  const full =
    node.tag === 0x17 && short ? `${Number(short[1]) < 50 ? '20' : '19'}${short[1] ?? ''}${short[2] ?? ''}Z` : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d+)?Z$/.exec(full);
  if (!parts) throw new Asn1Error('a time is not in UTC');
  const [, year, month, day, hour, minute, second, fraction = ''] = parts;
  const found = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}Z`);
  if (Number.isNaN(found.getTime())) throw new Asn1Error('a time is not a time');
  return found;
}

/** A value of `tag` around its parts. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = [tag];
  if (length < 0x80) head.push(length);
  else {
    const digits: number[] = [];
    for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
    head.push(0x80 | digits.length, ...digits);
  }
  return Buffer.concat([Buffer.from(head), ...parts]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
/** A SET OF in the order that DER asks for. */
export const setOf = (tag: number, parts: readonly Uint8Array[]): Buffer => der(tag, ...parts.toSorted(Buffer.compare));
export const octetString = (bytes: Uint8Array): Buffer => der(0x04, bytes);
export const bitString = (bytes: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.from([unused]), bytes);
export const NULL = der(0x05);
export const TRUE = der(0x01, Buffer.from([0xff]));

/** An INTEGER from a small number, or from the bytes of a positive one. */
export function integer(value: number | Uint8Array): Buffer {
  let bytes = typeof value === 'number' ? Buffer.from(value.toString(16).padStart(8, '0'), 'hex') : Buffer.from(value);
  while (bytes.length > 1 && bytes[0] === 0) bytes = bytes.subarray(1);
  return der(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left % 128) | 0x80);
    bytes.push(...digits);
  }
  return der(0x06, Buffer.from(bytes));
}

export const algorithm = (dotted: string, parameters?: Uint8Array): Buffer =>
  parameters ? sequence(oid(dotted), parameters) : sequence(oid(dotted));

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}
