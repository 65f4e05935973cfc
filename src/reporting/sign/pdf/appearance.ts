/** What a visible signature shows: a few lines in an embedded font, taken over from a page that pdfkit sets. */
import PDFDocument from 'pdfkit';
import { PdfFile } from './file.ts';
import { pagesOf } from './signatures.ts';
import type { PdfUpdate } from './update.ts';
import { array, name, PdfError, type PdfRef, type PdfValue, raw, withEntries } from './values.ts';

export interface Look {
  readonly lines: readonly string[];
  /** Points. */
  readonly width: number;
  readonly height: number;
  /** A TrueType or OpenType font; PDF/A wants every font in the file. */
  readonly font: Uint8Array;
}

/** Adds the form that is drawn in the field. @throws PdfError. */
export async function addAppearance(update: PdfUpdate, look: Look): Promise<PdfRef> {
  const page = new PdfFile(await setPage(look));
  const [only] = pagesOf(page);
  const entries = page.dict(only).entries;
  const contents = entries.get('Contents');
  const stream = contents?.kind === 'ref' ? page.object(contents.number) : null;
  if (!stream?.stream || stream.value.kind !== 'dict') throw new PdfError('the appearance has no content');
  const copied = new Map<number, PdfRef>();
  const copy = (value: PdfValue): PdfValue => {
    switch (value.kind) {
      case 'array':
        return array(value.items.map(copy));
      case 'dict':
        return { kind: 'dict', entries: new Map([...value.entries].map(([key, one]) => [key, copy(one)])) };
      case 'ref': {
        const known = copied.get(value.number);
        if (known) return known;
        const object = page.object(value.number);
        if (!object) return raw('null');
        const made = update.reserve();
        copied.set(value.number, made);
        update.set(made, copy(object.value), object.stream);
        return made;
      }
      default:
        return value;
    }
  };
  const form = update.reserve();
  const box = array([0, 0, look.width, look.height].map((n) => raw(String(n))));
  const resources = entries.get('Resources') ?? raw('<<>>');
  update.set(
    form,
    withEntries(stream.value, {
      Length: raw(String(stream.stream.length)),
      Type: name('XObject'),
      Subtype: name('Form'),
      BBox: box,
      Resources: copy(resources),
    }),
    stream.stream,
  );
  return form;
}

function setPage({ lines, width, height, font }: Look): Promise<Buffer> {
  const doc = new PDFDocument({ size: [width, height], margin: 0, font: '' });
  doc.registerFont('body', Buffer.from(font));
  const parts: Buffer[] = [];
  return new Promise((resolve, reject) => {
    doc.on('data', (part: Buffer) => parts.push(part));
    doc.on('end', () => resolve(Buffer.concat(parts)));
    doc.on('error', reject);
    doc
      .lineWidth(0.5)
      .rect(0.5, 0.5, width - 1, height - 1)
      .stroke('#444444');
    const size = Math.min(9, (height - 8) / (lines.length * 1.3));
    doc.font('body').fontSize(size).fillColor('#000000');
    for (const [i, line] of lines.entries())
      doc.text(line, 5, 4 + i * size * 1.3, {
        width: width - 10,
        height: size * 1.3,
        lineBreak: false,
        ellipsis: true,
      });
    doc.end();
  });
}
