/**
 * The report as PDF: tagged (ISO 32000-1, 14.7), meant to conform to PDF/A-3b (ISO 19005-3), with the report model and
 * every result as attached files. The same model, fonts and pictures give the same bytes; signatures come afterwards.
 */
import PDFDocument from 'pdfkit';
import type { ReportAttachment, ReportModel } from '../../contract/report.ts';
import { bare, visible } from '../figures/text.ts';
import type { Block, Composition } from '../templates/blocks.ts';
import { chart, timeline } from './blocks/charts.ts';
import { pictureHeight, pictures } from './blocks/pictures.ts';
import { table } from './blocks/table.ts';
import { fields, heading, list, paragraph } from './blocks/words.ts';
import { type Entry, frontPage, reserveContents } from './front.ts';
import { margins } from './margins.ts';
import { type Document, MARGIN, newPage, noteItem, type Sheet } from './sheet.ts';
import { distinctFonts, type FontFiles, fontChains } from './text/fonts.ts';

export interface PdfAssets {
  readonly fonts: FontFiles;
  /** Bytes of the figures by SHA-256. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
  readonly attachments: readonly ReportAttachment[];
}

/** What XMP and the document information may hold: pdfkit writes both from one text and does not escape it for XML. */
const plainText = (text: string): string => visible(text).replace(/[<>&]/g, (c) => ({ '<': '‹', '>': '›' })[c] ?? '+');

/** Sets the report. @throws VidimusError output.failed where fonts are missing or unreadable. */
export async function renderPdf(model: ReportModel, composition: Composition, assets: PdfAssets): Promise<Uint8Array> {
  const chains = fontChains(assets.fonts);
  const stored = new Date(model.prepared.utc);
  const doc = new PDFDocument({
    size: model.template.paper === 'A4' ? 'A4' : 'LETTER',
    // Our own pen breaks the pages; with margins pdfkit would do it as well.
    margins: { top: 0, bottom: 0, left: 0, right: 0 },
    pdfVersion: '1.7',
    subset: 'PDF/A-3b',
    tagged: true,
    lang: composition.lang,
    displayTitle: true,
    bufferPages: true,
    autoFirstPage: false,
    // No standard font: PDF/A wants every font inside the file.
    font: '',
    info: {
      Title: plainText(composition.title),
      Author: plainText(model.template.laboratory.name || model.preparedBy),
      Subject: plainText(`${composition.words.caseLabel} ${model.case.number}`),
      Creator: `${model.program.name} ${model.program.version}`,
      Producer: `${model.program.name} ${model.program.version}, pdfkit`,
      CreationDate: stored,
      ModDate: stored,
    },
  });
  const bytes = collected(doc);
  for (const font of distinctFonts(assets.fonts)) doc.registerFont(font.sha256, Buffer.from(font.bytes));
  for (const file of assets.attachments) {
    // The published types of pdfkit do not know `relationship` (AFRelationship of ISO 32000-2) yet.
    const options = {
      name: file.name,
      type: file.mime,
      description: file.description,
      relationship: file.relationship,
      creationDate: stored,
      modifiedDate: stored,
    };
    doc.file(Buffer.from(file.bytes), options);
  }
  draw(doc, chains, model, composition, assets);
  doc.end();
  return bytes;
}

function collected(doc: Document): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  return new Promise((resolve, reject) => {
    doc.on('data', (part: Buffer) => parts.push(part));
    doc.on('end', () => resolve(Buffer.concat(parts)));
    doc.on('error', reject);
  });
}

function draw(
  doc: Document,
  chains: Sheet['chains'],
  model: ReportModel,
  composition: Composition,
  assets: PdfAssets,
): void {
  const root = doc.struct('Document');
  doc.addStructure(root);
  doc.addPage();
  const sheet: Sheet = {
    doc,
    root,
    chains,
    accent: model.template.accent,
    left: MARGIN.left,
    width: doc.page.width - MARGIN.left - MARGIN.right,
    bottom: doc.page.height - MARGIN.bottom,
    y: MARGIN.top,
    itemsOnPage: new Map(),
    item: null,
    page: 0,
    missing: new Set(),
  };
  const { laboratory, notice } = model.template;
  const lines = [laboratory.name, laboratory.address, laboratory.contact, laboratory.accreditation];
  const shown = lines.flatMap((line) => (line ? [visible(line, true)] : []));
  frontPage(sheet, composition, shown, logoOf(model), notice === null ? null : visible(notice, true));
  const entryCount = composition.blocks.filter((b) => b.kind === 'heading' && b.listed).length + 1;
  const contents = reserveContents(sheet, composition.words.contents, entryCount);
  newPage(sheet);
  const entries = drawBlocks(sheet, composition, assets.pictures);
  entries.push({ level: 1, ...typesetting(sheet, composition, assets.fonts) });
  contents.fill(entries);
  margins(sheet, composition, {
    header: visible(model.template.header ?? (laboratory.name === '' ? composition.title : laboratory.name)),
    footer: visible(model.template.footer ?? `${model.program.name} ${model.program.version}`),
    caseNumber: visible(model.case.number),
    items: model.exhibits.map(({ exhibit }) => visible(exhibit.itemNumber)),
    preview: model.state === 'preview',
  });
  root.end();
}

function logoOf(model: ReportModel): { readonly bytes: Uint8Array; readonly alt: string } | null {
  const data = model.template.logo?.split(',', 2)[1];
  return data === undefined
    ? null
    : { bytes: Buffer.from(data, 'base64'), alt: model.template.laboratory.name || 'Logo' };
}

/** Whether a picture may share a row: those of the exhibit itself stand alone. */
const abreast = (block: Block | undefined): block is Extract<Block, { kind: 'figure' }> =>
  block?.kind === 'figure' && block.figure.kind !== 'exhibit' && block.figure.kind !== 'faces';

/** Room that what follows a heading needs on the same page. */
function following(sheet: Sheet, block: Block | undefined): number {
  if (block?.kind === 'figure') return Math.min(pictureHeight(sheet, block.figure), 230) + 40;
  return block?.kind === 'chart' || block?.kind === 'timeline' ? 160 : 54;
}

function drawBlocks(sheet: Sheet, composition: Composition, bytesOf: PdfAssets['pictures']): Entry[] {
  const { blocks, words } = composition;
  const { outline } = sheet.doc;
  const entries: Entry[] = [];
  let chapter = outline;
  for (let i = 0; i < blocks.length; i += 1) {
    const block = blocks[i];
    switch (block?.kind) {
      case 'heading': {
        const page = heading(sheet, block.level, block.text, following(sheet, blocks[i + 1]));
        if (block.level === 1) chapter = outline.addItem(bare(block.text));
        else if (block.level === 2) chapter.addItem(bare(block.text));
        if (block.listed) entries.push({ level: block.level === 1 ? 1 : 2, text: block.text, page });
        break;
      }
      case 'paragraph':
        paragraph(sheet, block.text, block.look, block.lang);
        break;
      case 'list':
        list(sheet, block.items, block.lang);
        break;
      case 'fields':
        fields(sheet, block.rows);
        break;
      case 'table':
        table(sheet, block.caption, block.columns, block.rows);
        break;
      case 'figure': {
        const next = blocks[i + 1];
        const row = abreast(block) && abreast(next) ? [block, next] : [block];
        i += row.length - 1;
        pictures(
          sheet,
          row.map((one) => ({ ...one, bytes: bytesOf.get(one.figure.sha256) })),
          words.pictureMissing,
        );
        break;
      }
      case 'chart':
        chart(sheet, block.chart, block.caption, block.alt, words.threshold);
        break;
      case 'timeline':
        timeline(sheet, block.timeline, block.caption, block.alt, words.lanes);
        break;
      case 'exhibit':
        sheet.item = block.item;
        noteItem(sheet);
        break;
      case 'page':
        // A chapter that is looked up begins on top, unless that would leave most of a page empty.
        if (sheet.y > MARGIN.top + (sheet.bottom - MARGIN.top) * 0.45) newPage(sheet);
        break;
    }
  }
  sheet.item = null;
  return entries;
}

/** The last words: which fonts the pages are set in, and which characters they lack. */
function typesetting(sheet: Sheet, composition: Composition, files: FontFiles): { text: string; page: number } {
  const { words } = composition;
  const page = heading(sheet, 1, words.typesetting);
  sheet.doc.outline.addItem(words.typesetting);
  list(
    sheet,
    distinctFonts(files).map(({ name, sha256 }) => `${name}, SHA-256 ${sha256}`),
    undefined,
  );
  if (sheet.missing.size > 0) {
    const all = [...sheet.missing].map(
      (c) => `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
    );
    const more = all.length > 40 ? ` … (${all.length})` : '';
    paragraph(sheet, words.missingCharacters(all.slice(0, 40).join(', ') + more), 'small', undefined);
  }
  return { text: words.typesetting, page };
}
