/** Metadata tags as ExifTool reports them, parsed into plain records. */
import * as z from 'zod';
import type { StructureNode } from '../../../../contract/result.ts';
import { printable, type TreeBuilder } from '../tree.ts';
import { type ExifToolCommand, type ExifToolOptions, runExifTool } from './exiftool.ts';

/**
 * One tag. `format` is the family (EXIF, XMP, IPTC, QuickTime, MakerNotes, …), `group` the place in it (IFD0,
 * XMP-dc, Track1, …). `value` is as people read it, `raw` as the file holds it where that differs.
 */
export interface Tag {
  readonly format: string;
  readonly group: string;
  readonly name: string;
  readonly value: string;
  readonly raw: string;
}

export interface TagDump {
  readonly version: string;
  readonly tags: readonly Tag[];
  /** What the reader complained about in the file. */
  readonly complaints: readonly string[];
  /** Set when a limit ended the reading early. */
  readonly cut: 'time' | 'size' | null;
}

/**
 * `-G0:1:4` keeps duplicates apart, JSONQ keeps long numbers as text, `-validate` adds what breaks the standards.
 * File-system times are left out: they belong to the exhibit record, and the file is seen through a link.
 */
const ARGUMENTS = [
  '-json',
  '-long',
  '-a',
  '-G0:1:4',
  '-struct',
  '-validate',
  '-all',
  '--System:all',
  '-api',
  'LargeFileSupport=1',
  '-api',
  'StructFormat=JSONQ',
];

const Entry = z.object({ val: z.unknown(), num: z.unknown().optional() });
const Dump = z.array(z.record(z.string(), z.unknown())).min(1);
const MAX_TAGS = 5_000;

/** Reads all tags of a file. */
export async function readTags(
  command: ExifToolCommand,
  path: string,
  options: ExifToolOptions = {},
): Promise<TagDump> {
  const { stdout, cut } = await runExifTool(command, path, ARGUMENTS, options);
  if (cut !== null) return { version: '', tags: [], complaints: [], cut };
  return parseDump(stdout.toString('utf8'));
}

/** Parses ExifTool's JSON; anything else is an empty dump with a complaint, because the file may have provoked it. */
export function parseDump(text: string): TagDump {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { version: '', tags: [], complaints: ['ExifTool gave no readable answer'], cut: null };
  }
  const parsed = Dump.safeParse(json);
  if (!parsed.success) return { version: '', tags: [], complaints: ['ExifTool gave no readable answer'], cut: null };
  const tags: Tag[] = [];
  const complaints: string[] = [];
  let version = '';
  for (const [key, value] of Object.entries(parsed.data[0] ?? {})) {
    const entry = Entry.safeParse(value);
    if (!entry.success) continue;
    const parts = key.split(':').filter((part) => !/^Copy\d+$/.test(part));
    const name = parts.at(-1) ?? key;
    const format = parts[0] ?? '';
    const shown = asText(entry.data.val);
    if (format === 'ExifTool') {
      if (name === 'ExifToolVersion') version = shown;
      else if (name === 'Warning' || name === 'Error') complaints.push(printable(shown, 400));
      continue;
    }
    if (tags.length >= MAX_TAGS) {
      complaints.push(`more than ${MAX_TAGS} tags; the rest is not listed`);
      break;
    }
    const raw = entry.data.num === undefined ? shown : asText(entry.data.num);
    tags.push({ format, group: parts.length > 2 ? (parts[1] ?? format) : format, name, value: shown, raw });
  }
  return { version, tags, complaints, cut: null };
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.map(String).join(', ');
  return JSON.stringify(value) ?? '';
}

/** First tag with this name, of one of these groups or formats where given. */
export function findTag(tags: readonly Tag[], name: string, ...places: readonly string[]): Tag | null {
  return (
    tags.find(
      (tag) => tag.name === name && (places.length === 0 || places.includes(tag.group) || places.includes(tag.format)),
    ) ?? null
  );
}

/** A tree of the tags by family and group. */
export function tagTree(dump: TagDump, builder: TreeBuilder): StructureNode | null {
  const root = builder.node('metadata', null, null);
  if (root === null) return null;
  builder.field(root, 'reader', `ExifTool ${dump.version}`);
  for (const complaint of dump.complaints) builder.field(root, 'warning', complaint);
  const groups = new Map<string, StructureNode>();
  for (const tag of dump.tags) {
    const key = tag.group === tag.format ? tag.format : `${tag.format} ${tag.group}`;
    let node = groups.get(key);
    if (node === undefined) {
      const made = builder.node(key, null, null);
      if (made === null) return root;
      groups.set(key, made);
      root.children.push(made);
      node = made;
    }
    builder.field(node, tag.name, tag.value);
  }
  return root;
}
