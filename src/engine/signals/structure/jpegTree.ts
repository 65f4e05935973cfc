/** The tree of JPEG markers for display, and what in their order is unusual. */
import type { StructureNode } from '../../../contract/result.ts';
import type { Finding } from './findings.ts';
import type { JpegMarkers, JpegSegment } from './jpeg.ts';
import type { ByteSource } from './source.ts';
import { printable, type TreeBuilder } from './tree.ts';

/** Builds the tree; the root carries the tables' hashes and the signature. */
export function jpegTree(source: ByteSource, jpeg: JpegMarkers, builder: TreeBuilder): StructureNode | null {
  const root = builder.node('file', 0, source.size);
  if (root === null) return null;
  builder.field(root, 'signature', jpeg.signature);
  for (const warning of jpeg.warnings) builder.field(root, 'warning', warning);
  for (const segment of jpeg.segments) {
    const node = builder.node(segment.name, segment.offset, segment.size);
    if (node === null) return root;
    addFields(source, jpeg, segment, node, builder);
    root.children.push(node);
  }
  if (jpeg.trailer !== null) {
    const node = builder.node('after the end', jpeg.trailer.offset, jpeg.trailer.size);
    if (node !== null) {
      builder.field(node, 'kind', jpeg.trailer.kind);
      root.children.push(node);
    }
  }
  return root;
}

function addFields(
  source: ByteSource,
  jpeg: JpegMarkers,
  segment: JpegSegment,
  node: StructureNode,
  builder: TreeBuilder,
): void {
  for (const table of jpeg.quantisation.filter((item) => item.offset === segment.offset)) {
    builder.field(node, `table ${table.id} (${table.bits} bit)`, Array.from(table.values).join(' '));
    builder.field(node, `table ${table.id} SHA-256`, table.sha256);
  }
  for (const table of jpeg.huffman.filter((item) => item.offset === segment.offset)) {
    builder.field(
      node,
      `${table.class} ${table.id}`,
      `${table.standard ? 'standard' : 'own'}, SHA-256 ${table.sha256}`,
    );
  }
  if (segment.name.startsWith('SOF') && jpeg.frame !== null) {
    const { precision, width, height, components } = jpeg.frame;
    builder.field(node, 'size', `${width} x ${height}, ${precision} bit`);
    builder.field(node, 'sampling', components.map((c) => `${c.id}: ${c.h}x${c.v} table ${c.table}`).join(', '));
  }
  if (segment.name === 'COM') builder.field(node, 'text', commentText(source, segment));
}

const commentText = (source: ByteSource, segment: JpegSegment): string =>
  source.read(segment.body, Math.min(segment.bodySize, 1_000)).toString('latin1').replace(/\0+$/, '');

/** What is unusual for a file as a camera writes it; docs/methods/jpeg-structure.md explains each. */
export function jpegFindings(source: ByteSource, jpeg: JpegMarkers): Finding[] {
  const found: Finding[] = [];
  const add = (type: string, severity: Finding['severity'], description: string, bytes?: [number, number]): void => {
    found.push({ type: `jpeg.${type}`, severity, description, ...(bytes === undefined ? {} : { where: { bytes } }) });
  };
  const names = jpeg.segments.map((segment) => segment.name);
  if (!jpeg.complete) add('cut-off', 'medium', 'The end-of-image marker is missing: the file is cut off or damaged.');
  const odd = jpeg.warnings.filter((text) => !text.includes('end-of-image'));
  if (odd.length > 0) add('irregular', 'low', `Irregular structure: ${odd.slice(0, 5).join('; ')}.`);
  if (jpeg.trailer !== null) {
    const { kind, offset, size } = jpeg.trailer;
    // Multi-picture files, motion photos and Samsung's trailers put data there by design.
    const expected = kind === 'samsung' || kind === 'zeros' || (kind === 'jpeg' && names.includes('APP2 MPF'));
    const severity = expected ? 'low' : kind === 'unknown' ? 'medium' : 'low';
    add(
      'data-after-end',
      severity,
      `${size} bytes (${kind}) follow the end of the picture. Some cameras store previews, depth or video there.`,
      [offset, offset + size],
    );
  }
  for (const segment of jpeg.segments.filter((item) => item.name === 'COM').slice(0, 3)) {
    const text = commentText(source, segment);
    if (/gd-jpeg|Lavc|Photoshop|GIMP|ImageMagick|Intel\(R\)|LEAD Technologies|Optimized|Compressed/i.test(text)) {
      add('writer-comment', 'low', `A comment names the program that wrote the file: "${printable(text, 120)}".`);
    }
  }
  const adobe = names.filter((name) => /^(APP12 Ducky|APP13 Photoshop|APP14 Adobe)$/.test(name));
  if (adobe.length > 0) {
    add(
      'editor-segments',
      'low',
      `Segments that Adobe programs write: ${[...new Set(adobe)].join(', ')}. News agencies and other programs write them too.`,
    );
  }
  if (jpeg.frame?.kind === 'SOF2' && names.includes('APP1 Exif')) {
    add(
      'progressive-with-exif',
      'low',
      'Progressive coding with EXIF: cameras write baseline files, so a program wrote this one again.',
    );
  }
  return found;
}
