/** Walks files made of chunks: RIFF (AVI, WAV, WebP) and PNG. */
import { crc32 } from 'node:zlib';
import type { StructureNode } from '../../../contract/result.ts';
import type { ByteSource } from './source.ts';
import { fourCc, type OpenNode, printable, type TreeBuilder } from './tree.ts';

/** Lists whose members are media data: counted, not shown. */
const DATA_LISTS = new Set(['movi', 'rec ']);
const CRC_LIMIT = 8 * 1024 * 1024;

/** Chunks of a RIFF file (RIFX and RF64 included). Any input gives a tree; irregularities go to the builder. */
export function riffTree(source: ByteSource, builder: TreeBuilder): StructureNode | null {
  const root = builder.node('file', 0, source.size);
  if (root === null) return null;
  const big = source.read(0, 4).toString('latin1') === 'RIFX';
  const level = (parent: OpenNode, start: number, end: number, depth: number): void => {
    let at = start;
    while (at + 8 <= end) {
      const head = source.read(at, 12);
      const id = fourCc(head);
      let size = big ? head.readUInt32BE(4) : head.readUInt32LE(4);
      if (id === 'RF64' && size === 0xffffffff) size = end - at - 8;
      if (size > end - at - 8) {
        builder.warn(`${id} at ${at} claims ${size} bytes, ${end - at - 8} are left`);
        size = end - at - 8;
      }
      const node = builder.node(id, at, 8 + size);
      if (node === null) return;
      parent.children.push(node);
      if (/^(RIFF|RIFX|RF64|LIST)$/.test(id) && size >= 4 && head.length >= 12) {
        const form = fourCc(head, 8);
        builder.field(node, 'form', form);
        if (DATA_LISTS.has(form)) builder.field(node, 'content', 'media data, not listed');
        else if (depth < 8) level(node, at + 12, at + 8 + size, depth + 1);
        else builder.truncated = true;
      } else if (/^(I[A-Z]{3}|ISFT|IDIT|strn)$/.test(id)) {
        builder.field(
          node,
          'text',
          source
            .read(at + 8, Math.min(size, 1_000))
            .toString('latin1')
            .replace(/\0+$/, ''),
        );
      }
      at += 8 + size + (size & 1);
    }
    if (at < end) builder.warn(`${end - at} stray bytes at ${at}`);
  };
  level(root, 0, source.size, 0);
  return root;
}

/** Chunks of a PNG file (ISO/IEC 15948) with their checksums; the chunks inside are shown up to the end. */
export function pngTree(source: ByteSource, builder: TreeBuilder): StructureNode | null {
  const root = builder.node('file', 0, source.size);
  if (root === null) return null;
  let at = 8;
  let ended = false;
  while (at + 12 <= source.size && !ended) {
    const head = source.read(at, 8);
    const type = fourCc(head, 4);
    const size = head.readUInt32BE(0);
    const node = builder.node(type, at, Math.min(size + 12, source.size - at));
    if (node === null) return root;
    root.children.push(node);
    if (at + 12 + size > source.size) {
      builder.warn(`${type} at ${at} is cut off by the end of the file`);
      return root;
    }
    if (size <= CRC_LIMIT) {
      const body = source.read(at + 4, size + 4);
      const stored = source.read(at + 8 + size, 4).readUInt32BE(0);
      if (crc32(body) !== stored) {
        builder.field(node, 'checksum', 'wrong');
        builder.warn(`the checksum of ${type} at ${at} is wrong`);
      }
      addPngFields(type, body.subarray(4), node, builder);
    }
    ended = type === 'IEND';
    at += 12 + size;
  }
  if (!ended) builder.warn('the end chunk IEND is missing');
  else if (at < source.size) builder.warn(`${source.size - at} bytes follow the end of the picture at ${at}`);
  return root;
}

function addPngFields(type: string, body: Buffer, node: StructureNode, builder: TreeBuilder): void {
  if (type === 'IHDR' && body.length >= 13) {
    builder.field(node, 'width', body.readUInt32BE(0));
    builder.field(node, 'height', body.readUInt32BE(4));
    builder.field(node, 'bit depth', body[8]);
    builder.field(node, 'colour type', body[9]);
    builder.field(node, 'interlace', body[12]);
  } else if (/^(tEXt|zTXt|iTXt|iCCP)$/.test(type)) {
    const zero = body.indexOf(0);
    builder.field(node, 'keyword', printable(body.toString('latin1', 0, zero < 0 ? 79 : Math.min(zero, 79)), 80));
    if (type === 'tEXt' && zero >= 0) builder.field(node, 'text', body.toString('latin1', zero + 1, zero + 1_500));
  } else if (type === 'tIME' && body.length >= 7) {
    const [month, day, hour, minute, second] = body.subarray(2, 7);
    builder.field(node, 'time', `${body.readUInt16BE(0)}-${month}-${day} ${hour}:${minute}:${second}`);
  }
}
