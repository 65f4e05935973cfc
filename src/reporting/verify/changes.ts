/**
 * What later revisions of a PDF did to earlier ones. Adding a signature touches the catalogue, the form and the list of
 * annotations of one page, and nothing else; any other change of an object is named.
 */
import type { PdfFile } from '../sign/pdf/file.ts';
import { catalogOf, pagesOf } from '../sign/pdf/signatures.ts';
import { type PdfDict, PdfError, type PdfValue, write } from '../sign/pdf/values.ts';

const KEPT_IN_FORM = new Set(['Fields', 'SigFlags']);

/** Sentences about changes after the first `signed` revisions that are more than further signatures. */
export function changesSince(file: PdfFile, signed: number): string[] {
  const found = new Set<string>();
  const before = file.revisions[signed - 1]?.trailer;
  const root = before?.entries.get('Root');
  const form = catalogOf(file, signed).entries.get('AcroForm');
  const pages = new Set(pagesOf(file, signed).map(({ number }) => number));
  for (let upTo = signed + 1; upTo <= file.revisions.length; upTo += 1) {
    const revision = file.revisions[upTo - 1];
    if (!revision) continue;
    const next = revision.trailer.entries.get('Root');
    if (!root || !next || write(root) !== write(next)) found.add('The catalogue was replaced.');
    for (const number of revision.freed)
      if (number !== 0 && file.object(number, signed)) found.add(`Object ${number} was taken out.`);
    for (const number of revision.offsets.keys()) {
      const old = file.object(number, signed);
      if (!old) continue;
      const now = file.object(number, upTo);
      const same = now !== null && Buffer.from(now.bytes).equals(Buffer.from(old.bytes));
      if (same) continue;
      const was = old.value;
      const is = now?.value;
      const dicts = was.kind === 'dict' && is?.kind === 'dict' && old.stream === null && now?.stream === null;
      if (dicts && root?.kind === 'ref' && number === root.number && differOnly(was, is, new Set(['AcroForm']))) {
        continue;
      } else if (dicts && pages.has(number) && differOnly(was, is, new Set(['Annots']))) {
        if (onlySignaturesAdded(file, was.entries.get('Annots'), is.entries.get('Annots'), signed, upTo)) continue;
      } else if (dicts && form?.kind === 'ref' && number === form.number && differOnly(was, is, KEPT_IN_FORM)) {
        if (onlySignaturesAdded(file, was.entries.get('Fields'), is.entries.get('Fields'), signed, upTo)) continue;
      }
      found.add(`Object ${number} was changed.`);
    }
  }
  return [...found];
}

function differOnly(was: PdfDict, is: PdfDict, allowed: ReadonlySet<string>): boolean {
  const text = (value: PdfValue | undefined): string => (value ? write(value) : '');
  return [...new Set([...was.entries.keys(), ...is.entries.keys()])].every(
    (key) => allowed.has(key) || text(was.entries.get(key)) === text(is.entries.get(key)),
  );
}

/** Whether a list keeps what it had and adds signature fields only. */
function onlySignaturesAdded(
  file: PdfFile,
  was: PdfValue | undefined,
  is: PdfValue | undefined,
  signed: number,
  upTo: number,
): boolean {
  const old = file.items(was, signed).map(write);
  const now = file.items(is, upTo);
  if (!old.every((one, i) => now[i] !== undefined && write(now[i]) === one)) return false;
  return now.slice(old.length).every((one) => {
    try {
      const type = file.dict(one, upTo).entries.get('FT');
      return type?.kind === 'name' && type.name === 'Sig';
    } catch (thrown) {
      if (thrown instanceof PdfError) return false;
      throw thrown;
    }
  });
}
