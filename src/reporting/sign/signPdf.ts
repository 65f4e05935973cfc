/**
 * PAdES signatures (ETSI EN 319 142-1, baseline B-B and B-T) as incremental updates: nothing that was there is touched,
 * so that a second signature leaves the first one whole.
 */
import { VidimusError } from '../../contract/errors.ts';
import { sha256, signatureValue, signDigest, withTimeStamp } from './cms.ts';
import { assertMaySign, type Credential, subjectOf } from './credential.ts';
import { dictionary, PdfDocument } from './pdfObjects.ts';

export interface SignOptions {
  readonly credential: Credential;
  /** When it is signed, by the clock of this machine. */
  readonly time: Date;
  readonly reason?: string;
  readonly place?: string;
  /** Answers a time stamp token over the bytes of the signature (RFC 3161); absent: none is added. */
  readonly stamp?: (signature: Uint8Array) => Promise<Uint8Array>;
}

/** Room for the signature in bytes: certificates of a chain and a time stamp token fit with ease. */
const ROOM = 24_576;
/** Annotation that prints and is locked, as PDF/A wants; nothing is seen of it because it has no area. */
const PRINT_AND_LOCKED = 132;

/** A text string in UTF-16 (ISO 32000-1, 7.9.2.2), written in hexadecimal. */
const textString = (text: string): string => {
  const units = Buffer.from(text, 'utf16le').swap16();
  return `<FEFF${units.toString('hex').toUpperCase()}>`;
};

/** A date (ISO 32000-1, 7.9.4) in UTC. */
const dateString = (time: Date): string => `(D:${time.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z)`;

/**
 * The document with one more signature over all of it.
 * @throws VidimusError signing.certificate, signing.key, signing.document, signing.timestamp
 */
export async function signPdf(pdf: Uint8Array, options: SignOptions): Promise<Uint8Array> {
  const { credential, time, stamp } = options;
  assertMaySign(credential, time);
  const { bytes, contents } = prepare(pdf, options);
  const [from, to] = contents;
  const digest = sha256(bytes.subarray(0, from), bytes.subarray(to));
  let cms = signDigest(digest, credential);
  if (stamp !== undefined) cms = withTimeStamp(cms, await stamp(signatureValue(cms)));
  return place(bytes, contents, cms);
}

/** Writes the signature into the room that was left for it. */
function place(bytes: Uint8Array, [from, to]: readonly [number, number], cms: Uint8Array): Uint8Array {
  const room = to - from - 2;
  const hex = Buffer.from(cms).toString('hex');
  if (hex.length > room)
    throw new VidimusError('signing.document', 'The signature is larger than the room left for it.');
  bytes.set(Buffer.from(`<${hex.padEnd(room, '0')}>`, 'latin1'), from);
  return bytes;
}

/**
 * Puts a token that was made elsewhere beside the newest signature; the signed bytes stay as they are.
 * @throws VidimusError signing.document, signing.timestamp
 */
export function addTimeStamp(pdf: Uint8Array, token: Uint8Array): Uint8Array {
  const [last] = findSignatures(pdf).slice(-1);
  if (last === undefined) throw new VidimusError('signing.document', 'The document is not signed.');
  const { range, cms } = last;
  return place(new Uint8Array(pdf), [range[1], range[2]], withTimeStamp(cms, token));
}

/** The document with an empty signature: the room for it lies at `contents`, brackets included. */
function prepare(
  pdf: Uint8Array,
  { credential, time, reason, place: where }: SignOptions,
): { readonly bytes: Uint8Array; readonly contents: readonly [number, number] } {
  const document = new PdfDocument(pdf);
  const root = document.reference(document.trailer.get('Root'), 'catalogue');
  const catalogue = document.object(root);
  const page = document.firstPage();
  const pageEntries = document.object(page);
  const size = Number(document.trailer.get('Size'));
  const [signature, widget] = [size, size + 1];
  let next = size + 2;

  const objects = new Map<number, string>();
  const form = catalogue.get('AcroForm');
  const formNumber = form === undefined || form.startsWith('<<') ? next++ : document.reference(form, 'form');
  const fields = form === undefined || form.startsWith('<<') ? new Map<string, string>() : document.object(formNumber);
  if (form?.startsWith('<<'))
    throw new VidimusError('signing.document', 'This PDF has a form of its own that is not an object.');
  const listed = fields.get('Fields') ?? '[]';
  const count = [...listed.matchAll(/\d+\s+\d+\s+R/g)].length;
  fields.set('Fields', `${listed.slice(0, -1)} ${widget} 0 R]`);
  // Bit 1: signatures exist; bit 2: append only.
  fields.set('SigFlags', '3');
  objects.set(formNumber, dictionary(fields));
  if (form === undefined) objects.set(root, dictionary(catalogue.set('AcroForm', `${formNumber} 0 R`)));

  const annotations = pageEntries.get('Annots') ?? '[]';
  if (!annotations.startsWith('['))
    throw new VidimusError('signing.document', 'The annotations of the first page are not written in it.');
  objects.set(page, dictionary(pageEntries.set('Annots', `${annotations.slice(0, -1)} ${widget} 0 R]`)));
  objects.set(
    widget,
    dictionary(
      new Map([
        ['Type', '/Annot'],
        ['Subtype', '/Widget'],
        ['FT', '/Sig'],
        ['T', textString(`Signature ${count + 1}`)],
        ['TU', textString(`Signature of ${subjectOf(credential.certificate)}`)],
        ['V', `${signature} 0 R`],
        ['P', `${page} 0 R`],
        ['F', String(PRINT_AND_LOCKED)],
        ['Rect', '[0 0 0 0]'],
      ]),
    ),
  );
  const number = '0000000000';
  const empty = `[0 ${number} ${number} ${number}]`;
  objects.set(
    signature,
    dictionary(
      new Map([
        ['Type', '/Sig'],
        ['Filter', '/Adobe.PPKLite'],
        ['SubFilter', '/ETSI.CAdES.detached'],
        ['Name', textString(subjectOf(credential.certificate))],
        ['M', dateString(time)],
        ...(reason === undefined ? [] : [['Reason', textString(reason)] as const]),
        ...(where === undefined ? [] : [['Location', textString(where)] as const]),
        ['ByteRange', empty],
        ['Contents', `<${'0'.repeat(ROOM * 2)}>`],
      ]),
    ),
  );
  const bytes = append(document, objects, next);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + pdf.length, bytes.length - pdf.length).toString('latin1');
  const from = pdf.length + text.indexOf('/Contents <') + '/Contents '.length;
  const to = from + ROOM * 2 + 2;
  const range = `[0 ${[from, to, bytes.length - to].map((value) => String(value).padEnd(number.length, ' ')).join(' ')}]`;
  bytes.set(Buffer.from(range, 'latin1'), pdf.length + text.indexOf(empty));
  return { bytes, contents: [from, to] };
}

/** The document followed by new or changed objects, their table and a trailer. */
function append(document: PdfDocument, objects: ReadonlyMap<number, string>, size: number): Uint8Array {
  const parts: string[] = [document.bytes.at(-1) === 0x0a ? '' : '\n'];
  let at = document.bytes.length + (parts[0]?.length ?? 0);
  const places = new Map<number, number>();
  const put = (text: string): void => {
    parts.push(text);
    at += text.length;
  };
  const numbers = [...objects.keys()].sort((a, b) => a - b);
  for (const number of numbers) {
    places.set(number, at);
    put(`${number} 0 obj\n${objects.get(number)}\nendobj\n`);
  }
  const table = at;
  put('xref\n');
  for (let i = 0; i < numbers.length; ) {
    let end = i + 1;
    while (end < numbers.length && numbers[end] === (numbers[end - 1] ?? 0) + 1) end++;
    put(`${numbers[i]} ${end - i}\n`);
    for (; i < end; i++) put(`${String(places.get(numbers[i] ?? 0)).padStart(10, '0')} 00000 n \n`);
  }
  const trailer = new Map(document.trailer);
  trailer.set('Size', String(size));
  trailer.set('Prev', String(document.startXref));
  put(`trailer\n${dictionary(trailer)}\nstartxref\n${table}\n%%EOF\n`);
  const added = Buffer.from(parts.join(''), 'latin1');
  const bytes = new Uint8Array(document.bytes.length + added.length);
  bytes.set(document.bytes);
  bytes.set(added, document.bytes.length);
  return bytes;
}

/** A signature as it lies in a file: the four numbers of ByteRange as `[start, gapStart, gapEnd, end]`, and its CMS. */
export interface FoundSignature {
  readonly range: readonly [number, number, number, number];
  readonly cms: Uint8Array;
  /** Claimed time of signing (M), as it is written. */
  readonly claimedTime: string | null;
}

const BYTE_RANGE = /\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/g;

/**
 * All signatures of a PDF in the order of their reach.
 * @throws VidimusError signing.document for a range that does not fit its contents
 */
export function findSignatures(pdf: Uint8Array): FoundSignature[] {
  const text = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength).toString('latin1');
  const found: FoundSignature[] = [];
  for (const match of text.matchAll(BYTE_RANGE)) {
    const [start = 0, length = 0, second = 0, rest = 0] = match.slice(1).map(Number);
    const gap = text.slice(length, second);
    const hex = /^<([0-9A-Fa-f]*)>$/.exec(gap)?.[1];
    if (start !== 0 || hex === undefined || second + rest > pdf.length)
      throw new VidimusError('signing.document', 'A signature says that it covers bytes that it cannot cover.');
    const around = text.slice(Math.max(0, (match.index ?? 0) - 4096), match.index);
    found.push({
      range: [start, length, second, second + rest],
      cms: trimmed(Buffer.from(hex, 'hex')),
      claimedTime: [...around.matchAll(/\/M\s*\(([^)]*)\)/g)].at(-1)?.[1] ?? null,
    });
  }
  return found.sort((a, b) => a.range[3] - b.range[3]);
}

/** DER says how long it is; what follows is the rest of the room. */
function trimmed(bytes: Uint8Array): Uint8Array {
  const [, first = 0] = bytes;
  if (first < 0x80) return bytes.subarray(0, 2 + first);
  let length = 0;
  for (let i = 0; i < (first & 0x7f); i++) length = length * 256 + (bytes[2 + i] ?? 0);
  return bytes.subarray(0, 2 + (first & 0x7f) + length);
}
