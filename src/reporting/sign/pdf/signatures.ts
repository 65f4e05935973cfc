/** The signatures of a PDF, as their fields name them. */
import type { PdfFile } from './file.ts';
import { type PdfDict, PdfError, type PdfRef, type PdfValue, stringBytes, textOf } from './values.ts';

/** A filled signature field. Offsets count from the start of the file. */
export interface PdfSignature {
  readonly field: string;
  readonly number: number;
  readonly subFilter: string;
  readonly reason: string | null;
  /** The time that the signer's computer gave, as PDF writes it. */
  readonly claimedTime: string | null;
  /** What is signed is 0 to `gapFrom` and `gapTo` to `to`; between lies the signature in hexadecimal. */
  readonly gapFrom: number;
  readonly gapTo: number;
  readonly to: number;
  readonly contents: Uint8Array;
  /** Whether what follows the signature in its gap is zeros, and it is written in small letters. */
  readonly tidy: boolean;
}

/** Pages in their order. */
export function pagesOf(file: PdfFile, upTo = file.revisions.length): PdfRef[] {
  const pages: PdfRef[] = [];
  const seen = new Set<number>();
  const walk = (value: PdfValue | undefined): void => {
    if (value?.kind !== 'ref' || seen.has(value.number)) throw new PdfError('its pages are not a tree');
    seen.add(value.number);
    const node = file.dict(value, upTo);
    const kids = node.entries.get('Kids');
    if (kids) for (const kid of file.items(kids, upTo)) walk(kid);
    else pages.push(value);
  };
  walk(catalogOf(file, upTo).entries.get('Pages'));
  return pages;
}

export const catalogOf = (file: PdfFile, upTo = file.revisions.length): PdfDict =>
  file.dict(file.revisions[upTo - 1]?.trailer.entries.get('Root'), upTo);

export const formOf = (file: PdfFile, upTo = file.revisions.length): PdfDict | null => {
  const form = catalogOf(file, upTo).entries.get('AcroForm');
  return form === undefined ? null : file.dict(form, upTo);
};

/** Names of the fields that are taken. */
export const fieldNames = (file: PdfFile): Set<string> =>
  new Set(
    file
      .items(formOf(file)?.entries.get('Fields'))
      .map((field) => file.dict(field).entries.get('T'))
      .flatMap((title) => (title ? [textOf(title)] : [])),
  );

/** Every filled signature field, oldest signature first. @throws PdfError for one that is malformed. */
export function signaturesOf(file: PdfFile): PdfSignature[] {
  const found: PdfSignature[] = [];
  const walk = (value: PdfValue, prefix: string, inherited: string | null, depth: number): void => {
    if (depth > 16) throw new PdfError('its form is nested too deep');
    const field = file.dict(value);
    const title = field.entries.get('T');
    const path = [prefix, title ? textOf(title) : ''].filter((part) => part !== '').join('.');
    const type = file.resolve(field.entries.get('FT'));
    const kind = type?.kind === 'name' ? type.name : inherited;
    const filled = field.entries.get('V');
    if (kind === 'Sig' && filled?.kind === 'ref') found.push(signatureOf(file, path, filled));
    else if (kind === 'Sig' && filled) throw new PdfError('a signature does not stand for itself');
    else for (const kid of file.items(field.entries.get('Kids'))) walk(kid, path, kind, depth + 1);
  };
  for (const field of file.items(formOf(file)?.entries.get('Fields'))) walk(field, '', null, 0);
  return found.sort((a, b) => a.to - b.to);
}

function signatureOf(file: PdfFile, field: string, at: PdfRef): PdfSignature {
  const object = file.object(at.number);
  if (object?.value.kind !== 'dict') throw new PdfError(`the signature "${field}" is missing`);
  const { entries } = object.value;
  const range = file
    .items(entries.get('ByteRange'))
    .map((item) => (item.kind === 'raw' && /^\d{1,12}$/.test(item.text) ? Number(item.text) : Number.NaN));
  const [start = -1, gapFrom = -1, gapTo = -1, rest = -1] = range;
  const contents = entries.get('Contents');
  const written = contents?.kind === 'raw' ? contents.text : '';
  const inside = file.bytes.byteOffset - object.bytes.byteOffset;
  const within = gapFrom + inside > 0 && gapTo + inside < object.bytes.length;
  if (range.length !== 4 || start !== 0 || !within || written[0] !== '<' || file.text.slice(gapFrom, gapTo) !== written)
    throw new PdfError(`the ByteRange of the signature "${field}" does not leave out exactly its own value`);
  const to = gapTo + rest;
  if (to > file.bytes.length) throw new PdfError(`the ByteRange of the signature "${field}" reaches beyond the file`);
  const padded = stringBytes(contents);
  const length = derLength(padded);
  const subFilter = entries.get('SubFilter');
  const reason = entries.get('Reason');
  const time = entries.get('M');
  return {
    field,
    number: at.number,
    subFilter: subFilter?.kind === 'name' ? subFilter.name : '',
    reason: reason ? textOf(reason) : null,
    claimedTime: time ? textOf(time) : null,
    gapFrom,
    gapTo,
    to,
    contents: padded.subarray(0, length),
    tidy: /^<[0-9a-f]*>$/.test(written) && padded.subarray(length).every((byte) => byte === 0),
  };
}

/** Length of the DER value at the start of padded bytes. */
function derLength(bytes: Uint8Array): number {
  const first = bytes[1] ?? 0;
  if (first < 0x80) return Math.min(bytes.length, 2 + first);
  let length = 0;
  for (let i = 0; i < (first & 0x7f); i += 1) length = length * 256 + (bytes[2 + i] ?? 0);
  return Math.min(bytes.length, 2 + (first & 0x7f) + length);
}
