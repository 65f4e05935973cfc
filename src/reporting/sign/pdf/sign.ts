/**
 * PAdES baseline signatures (ETSI EN 319 142-1): B-B, and B-T with a time stamp. Each signature is an incremental
 * update, so that one examiner's stays valid when another signs after them.
 */
import { createHash } from 'node:crypto';
import { VidimusError } from '../../../contract/errors.ts';
import { assertMaySign, nameOf } from '../../keys/certificate.ts';
import type { Identity } from '../../keys/pkcs12.ts';
import { signatureValueOf, signDetached, withTimeStamp } from '../cms.ts';
import { tokenFrom } from '../timestamp.ts';
import { addAppearance } from './appearance.ts';
import { PdfFile } from './file.ts';
import { catalogOf, fieldNames, formOf, type PdfSignature, pagesOf, signaturesOf } from './signatures.ts';
import { PdfUpdate } from './update.ts';
import { array, dict, name, PdfError, type PdfRef, type PdfValue, raw, textString, withEntries } from './values.ts';

export interface VisibleField {
  /** From 1; -1 is the last page. */
  readonly page: number;
  /** Left, bottom, width and height in points from the lower left corner of the page. */
  readonly box: readonly [number, number, number, number];
  readonly font: Uint8Array;
}

export interface SignOptions {
  readonly identity: Identity;
  /** The clock of this computer; it stands in the signature's dictionary and is not attested. */
  readonly now: Date;
  readonly reason?: string | null;
  readonly location?: string | null;
  readonly visible?: VisibleField | null;
  /** Gives a time stamp token over the signature value, which makes the signature B-T. */
  readonly stamp?: ((signature: Uint8Array) => Promise<Uint8Array>) | null;
}

/** Bytes kept free for a time stamp, now or later by file. */
const STAMP_ROOM = 16_384;

const pdfDate = (date: Date): string => `(D:${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}+00'00')`;

/**
 * Signs a PDF; the answer is the given bytes with an update behind them.
 * @throws VidimusError signature.document, signature.timestamp, certificate.expired, certificate.not-yet-valid,
 *   certificate.usage, key.unsupported.
 */
export async function signPdf(pdf: Uint8Array, options: SignOptions): Promise<Uint8Array> {
  assertMaySign(options.identity.certificate, options.now);
  const trial = signDetached(Buffer.alloc(32), options.identity);
  const room = trial.length + 64 + STAMP_ROOM;
  const prepared = await named(() => withField(new PdfFile(pdf), options, room));
  const gapFrom = prepared.indexOf(placeholder(room), pdf.length, 'latin1');
  const gapTo = gapFrom + 2 * room + 2;
  const range = `[0 ${gapFrom} ${gapTo} ${prepared.length - gapTo}]`;
  prepared.write(range.padEnd(RANGE.length), prepared.lastIndexOf(RANGE, -1, 'latin1'), 'latin1');
  const sha256 = createHash('sha256').update(prepared.subarray(0, gapFrom)).update(prepared.subarray(gapTo)).digest();
  let cms = signDetached(sha256, options.identity);
  if (options.stamp) cms = withTimeStamp(cms, await options.stamp(signatureValueOf(cms)));
  fill(prepared, gapFrom, gapTo, cms);
  return prepared;
}

const RANGE = `[0 ${'*'.repeat(10)} ${'*'.repeat(10)} ${'*'.repeat(10)}]`;
const placeholder = (room: number): string => `<${'0'.repeat(2 * room)}>`;

async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof PdfError)) throw thrown;
    throw new VidimusError('signature.document', `The PDF cannot be signed: ${thrown.message}.`, { cause: thrown });
  }
}

function fill(pdf: Buffer, gapFrom: number, gapTo: number, cms: Uint8Array): void {
  const room = gapTo - gapFrom - 2;
  const digits = Buffer.from(cms).toString('hex');
  if (digits.length > room)
    throw new VidimusError('signature.timestamp', 'The time stamp is larger than the room kept for it.');
  pdf.write(digits.padEnd(room, '0'), gapFrom + 1, 'latin1');
}

async function withField(file: PdfFile, options: SignOptions, room: number): Promise<Buffer> {
  const { identity, visible = null, now } = options;
  const update = new PdfUpdate(file);
  const taken = fieldNames(file);
  let count = 1;
  while (taken.has(`Signature${count}`)) count += 1;
  const pages = pagesOf(file);
  const page = pages.at(visible === null ? 0 : visible.page < 0 ? visible.page : visible.page - 1);
  if (!page) throw new PdfError('there is no such page');
  const signature = update.reserve();
  const widget = update.reserve();
  update.set(
    signature,
    dict({
      Type: name('Sig'),
      Filter: name('Adobe.PPKLite'),
      SubFilter: name('ETSI.CAdES.detached'),
      Name: textString(commonName(identity)),
      M: raw(pdfDate(now)),
      ...(options.reason ? { Reason: textString(options.reason) } : {}),
      ...(options.location ? { Location: textString(options.location) } : {}),
      ByteRange: raw(RANGE),
      Contents: raw(placeholder(room)),
    }),
  );
  const [left, bottom, width, height] = visible?.box ?? [0, 0, 0, 0];
  const box = [left, bottom, left + width, bottom + height].map((n) => raw(String(n)));
  const look = visible && (await addAppearance(update, { ...linesOf(options), width, height, font: visible.font }));
  update.set(
    widget,
    dict({
      Type: name('Annot'),
      Subtype: name('Widget'),
      FT: name('Sig'),
      T: textString(`Signature${count}`),
      TU: textString(`Signature of ${commonName(identity)}`),
      V: signature,
      P: page,
      Rect: array(box),
      // Print and Locked, as PDF/A wants annotations to be printed.
      F: raw('132'),
      ...(look ? { AP: dict({ N: look }) } : {}),
    }),
  );
  const dictionary = file.dict(page);
  const annotations = [...file.items(dictionary.entries.get('Annots')), widget];
  update.set(page, withEntries(dictionary, { Annots: array(annotations) }));
  addToForm(file, update, widget);
  return update.finish();
}

function addToForm(file: PdfFile, update: PdfUpdate, widget: PdfRef): void {
  const root = file.trailer.entries.get('Root');
  if (root?.kind !== 'ref') throw new PdfError('it has no catalogue');
  const catalogue = catalogOf(file);
  const form = formOf(file) ?? dict({});
  const fields = array([...file.items(form.entries.get('Fields')), widget]);
  const place = catalogue.entries.get('AcroForm');
  const next: PdfValue = withEntries(form, { Fields: fields, SigFlags: raw('3') });
  if (place?.kind === 'ref') update.set(place, next);
  else {
    const made = update.reserve();
    update.set(made, next);
    update.set(root, withEntries(catalogue, { AcroForm: made }));
  }
}

/** The name of the signer alone. */
function commonName({ certificate }: Identity): string {
  return /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? nameOf(certificate);
}

function linesOf({ identity, now, reason }: SignOptions): { readonly lines: readonly string[] } {
  const lines = [
    `Signed by ${commonName(identity)}`,
    `${now.toISOString().slice(0, 19)}Z by the clock of this computer`,
    `SHA-256 of the certificate ${identity.certificate.fingerprint256.replaceAll(':', '').toLowerCase().slice(0, 24)}…`,
  ];
  return { lines: reason ? [...lines, reason] : lines };
}

/** The last signature, the only one that can be stamped afterwards: a later one vouches for those before it. */
export function lastSignature(pdf: Uint8Array): PdfSignature {
  let last: PdfSignature | undefined;
  try {
    last = signaturesOf(new PdfFile(pdf)).at(-1);
  } catch (thrown) {
    if (!(thrown instanceof PdfError)) throw thrown;
    throw new VidimusError('signature.document', `The signatures cannot be read: ${thrown.message}.`, {
      cause: thrown,
    });
  }
  if (!last) throw new VidimusError('signature.document', 'The PDF carries no signature that could be stamped.');
  return last;
}

/** Puts an answered time stamp into the last signature. The caller has checked the token. @throws VidimusError signature.timestamp. */
export function stampPdf(pdf: Uint8Array, answer: Uint8Array): Uint8Array {
  const signature = lastSignature(pdf);
  const stamped = Buffer.from(pdf);
  let cms: Buffer;
  try {
    cms = withTimeStamp(signature.contents, tokenFrom(answer));
  } catch (thrown) {
    if (thrown instanceof VidimusError) throw thrown;
    throw new VidimusError('signature.timestamp', 'The last signature carries a time stamp already.', {
      cause: thrown,
    });
  }
  fill(stamped, signature.gapFrom, signature.gapTo, cms);
  return stamped;
}
