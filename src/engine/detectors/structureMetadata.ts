/** Detector `metadata`: all tags of a file, and what in them contradicts itself or the picture. */

import type { Finding } from '../signals/structure/findings.ts';
import { dateFindings } from '../signals/structure/metadata/dateRules.ts';
import { type ExifToolCommand, findExifTool, runExifTool } from '../signals/structure/metadata/exiftool.ts';
import { decodeGrey } from '../signals/structure/metadata/grey.ts';
import { originFindings } from '../signals/structure/metadata/originRules.ts';
import {
  dimensionFindings,
  THUMBNAIL_DIFFERS,
  THUMBNAIL_OTHER,
  THUMBNAIL_PART,
  thumbnailFindings,
} from '../signals/structure/metadata/pixelRules.ts';
import { findTag, readTags, type TagDump, tagTree } from '../signals/structure/metadata/tags.ts';
import { compareThumbnail, type ThumbnailComparison } from '../signals/structure/metadata/thumbnail.ts';
import { TreeBuilder } from '../signals/structure/tree.ts';
import type { Detector, DetectorContext, DetectorOutput } from '../types.ts';
import { measured, notAssessed, type Speaker, toAnomalies, toStructure } from './structureSupport.ts';

const TIMEOUT_MS = 30_000;

const speaker: Speaker = {
  id: 'metadata',
  version: '1.0.0',
  family: 'structure',
  method: 'docs/methods/metadata.md',
  parameters: {
    thumbnailDiffers: THUMBNAIL_DIFFERS,
    thumbnailOther: THUMBNAIL_OTHER,
    thumbnailPart: THUMBNAIL_PART,
    timeoutMs: TIMEOUT_MS,
  },
};

/** Detector over ExifTool; where that cannot run, everything is not assessed with the reason. */
export const metadataDetector: Detector = {
  id: speaker.id,
  version: speaker.version,
  family: speaker.family,
  mediaTypes: ['image', 'video', 'audio'],
  needs: { frames: false, faces: false, pcm: false },
  start: (context) => ({ finish: () => examine(context) }),
};

const refuse = (reason: string): DetectorOutput => ({
  observations: [
    notAssessed(speaker, 'contradictions in metadata', 'count', reason),
    notAssessed(speaker, 'declarations of synthesis', 'count', reason),
  ],
});

async function examine(context: DetectorContext): Promise<DetectorOutput> {
  const tool = findExifTool();
  if (!tool.ok) return refuse(tool.reason);
  const { exhibit, plan, signal } = context;
  const timeoutMs = Math.min(TIMEOUT_MS, plan.timeLimitSeconds * 1_000);
  const dump = await readTags(tool.command, exhibit.path, { signal, timeoutMs });
  if (dump.cut !== null) return refuse(dump.cut === 'time' ? 'ExifTool took too long' : 'the metadata is too large');
  if (dump.tags.length === 0) return refuse(dump.complaints[0] ?? 'ExifTool found nothing to read');

  const thumbnail =
    exhibit.mediaType === 'image'
      ? await examineThumbnail(tool.command, context, dump)
      : ({ ok: false, reason: 'only pictures carry thumbnails that can be compared' } as const);
  const findings: Finding[] = [
    ...dateFindings(dump.tags, exhibit.evidence.modified),
    ...originFindings(dump.tags),
    ...dimensionFindings(dump.tags, storedSize(dump)),
    ...(thumbnail.ok ? thumbnailFindings(thumbnail.comparison) : []),
  ];
  const declared = findings.filter((finding) => finding.type.startsWith('metadata.ai-')).length;
  const tool_ = { exiftool: dump.version };
  const builder = new TreeBuilder();
  return {
    observations: [
      measured(
        speaker,
        'contradictions in metadata',
        findings.length - declared,
        'count',
        'higher-more-manipulated',
        tool_,
      ),
      measured(speaker, 'declarations of synthesis', declared, 'count', 'higher-more-manipulated', tool_),
      measured(speaker, 'tags', dump.tags.length, 'count', 'none', tool_),
      measured(speaker, 'departures from the format standards', dump.complaints.length, 'count', 'none', tool_),
      ...(thumbnail.ok
        ? [
            measured(
              speaker,
              'correlation of thumbnail and picture',
              thumbnail.comparison.correlation,
              'ratio',
              'lower-more-manipulated',
            ),
            measured(
              speaker,
              'largest local difference of thumbnail and picture',
              thumbnail.comparison.largestPart,
              'grey levels',
              'higher-more-manipulated',
            ),
          ]
        : [notAssessed(speaker, 'correlation of thumbnail and picture', 'ratio', thumbnail.reason)]),
    ],
    anomalies: toAnomalies(speaker, findings),
    structures: toStructure(speaker, 'exif', 'Metadata (ExifTool)', tagTree(dump, builder), builder),
  };
}

/** Size of the picture as stored, from the codestream rather than from metadata. */
function storedSize(dump: TagDump): { width: number; height: number } | null {
  const type = findTag(dump.tags, 'FileType', 'File')?.value ?? '';
  // Elsewhere "File" dimensions come from the very tags they would be held against.
  const place = type === 'JPEG' ? 'File' : type === 'PNG' ? 'PNG' : type === 'WEBP' ? 'RIFF' : null;
  if (place === null) return null;
  const width = Number(findTag(dump.tags, 'ImageWidth', place)?.raw);
  const height = Number(findTag(dump.tags, 'ImageHeight', place)?.raw);
  return width > 0 && height > 0 ? { width, height } : null;
}

type ThumbnailResult =
  | { readonly ok: true; readonly comparison: ThumbnailComparison }
  | { readonly ok: false; readonly reason: string };

async function examineThumbnail(
  command: ExifToolCommand,
  context: DetectorContext,
  dump: TagDump,
): Promise<ThumbnailResult> {
  if (findTag(dump.tags, 'ThumbnailImage') === null) return { ok: false, reason: 'the file holds no thumbnail' };
  const { exhibit, plan, signal } = context;
  const { stdout, cut } = await runExifTool(command, exhibit.path, ['-b', '-ThumbnailImage'], {
    signal,
    timeoutMs: TIMEOUT_MS,
    maxOutput: 4 * 1024 * 1024,
  });
  if (cut !== null || stdout.length === 0) return { ok: false, reason: 'the thumbnail could not be taken out' };
  const small = await decodeGrey(stdout, plan.maxPixels);
  const picture = await decodeGrey(exhibit.path, plan.maxPixels);
  if (small === null) return { ok: false, reason: 'the thumbnail could not be decoded' };
  if (picture === null) return { ok: false, reason: 'the picture could not be decoded for the comparison' };
  const comparison = compareThumbnail(picture, small);
  return comparison === null
    ? { ok: false, reason: 'thumbnail or picture has no contrast to compare' }
    : { ok: true, comparison };
}
