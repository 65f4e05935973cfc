/** Detector `container-structure`: boxes or chunks of a file, its writer, its clocks, edit lists and frame times. */
import type { Observation, Series, Structure } from '../../contract/result.ts';
import { findBox, walkBoxes } from '../signals/structure/bmff/boxes.ts';
import {
  clockFindings,
  editFindings,
  HIDDEN_SECONDS,
  summariseEdits,
  tableFindings,
  walkFindings,
  writerFindings,
} from '../signals/structure/bmff/containerRules.ts';
import { readTimes } from '../signals/structure/bmff/fields.ts';
import { containerSignature } from '../signals/structure/bmff/signature.ts';
import { readTracks } from '../signals/structure/bmff/tracks.ts';
import { boxTree } from '../signals/structure/bmff/tree.ts';
import { matchWriters, WRITERS_VERSION } from '../signals/structure/bmff/writers.ts';
import { pngTree, riffTree } from '../signals/structure/chunks.ts';
import { walkEbmlAsync } from '../signals/structure/ebml.ts';
import type { Finding } from '../signals/structure/findings.ts';
import { jsonTree } from '../signals/structure/jsonTree.ts';
import { readMediaInfo } from '../signals/structure/mediainfo.ts';
import { sniffFormat } from '../signals/structure/sniff.ts';
import { type ByteSource, withSource } from '../signals/structure/source.ts';
import { examineTiming, REGULAR_SHARE, REGULAR_TOLERANCE } from '../signals/structure/timing.ts';
import { intervalSeries, timingFindings } from '../signals/structure/timingRules.ts';
import { TreeBuilder } from '../signals/structure/tree.ts';
import { videoFrameTimes } from '../signals/structure/videoFrames.ts';
import type { Detector, DetectorContext, DetectorOutput } from '../types.ts';
import { measured, notAssessed, type Speaker, toAnomalies, toStructure } from './structureSupport.ts';

const speaker: Speaker = {
  id: 'container-structure',
  version: '1.0.0',
  family: 'structure',
  method: 'docs/methods/container-structure.md',
  parameters: {
    writersList: WRITERS_VERSION,
    hiddenSeconds: HIDDEN_SECONDS,
    regularShare: REGULAR_SHARE,
    regularTolerance: REGULAR_TOLERANCE,
  },
};

export const containerStructureDetector: Detector = {
  id: speaker.id,
  version: speaker.version,
  family: speaker.family,
  mediaTypes: ['image', 'video', 'audio'],
  needs: { frames: false, faces: false, pcm: false },
  start: (context) => ({ finish: () => examine(context) }),
};

/** What one part of the examination adds; the parts are joined at the end. */
interface Part {
  readonly observations: Observation[];
  readonly findings: Finding[];
  readonly series: Series[];
  readonly structures: Structure[];
  /** Why the boxes or chunks themselves could not be examined. */
  readonly refused?: string;
}

async function examine(context: DetectorContext): Promise<DetectorOutput> {
  return await withSource(context.exhibit.path, async (source) => {
    const parts = [await examineTree(source, context)];
    if (context.exhibit.mediaType === 'video') parts.push(await examineTimes(source, context.signal));
    if (context.exhibit.mediaType !== 'image') parts.push(await examineMediaInfo(context));
    const findings = parts.flatMap((part) => part.findings);
    const quantity = 'irregularities of the container';
    const { refused } = parts[0];
    return {
      observations: [
        refused === undefined
          ? measured(speaker, quantity, findings.length, 'count', 'higher-more-manipulated')
          : notAssessed(speaker, quantity, 'count', refused, 'not-assessed', 'higher-more-manipulated'),
        ...parts.flatMap((part) => part.observations),
      ],
      anomalies: toAnomalies(speaker, findings),
      series: parts.flatMap((part) => part.series),
      structures: parts.flatMap((part) => part.structures),
    };
  });
}

async function examineTree(source: ByteSource, context: DetectorContext): Promise<Part> {
  const format = sniffFormat(source);
  const builder = new TreeBuilder();
  if (format === 'bmff') return examineBoxes(source, context, builder);
  if (format === 'ebml') {
    const walk = await walkEbmlAsync(source, builder, context.signal);
    return chunkPart('Matroska elements', walk.tree, builder);
  }
  if (format === 'png') return chunkPart('PNG chunks', pngTree(source, builder), builder);
  if (format === 'webp' || format === 'avi' || format === 'wav' || format === 'riff') {
    return chunkPart('RIFF chunks', riffTree(source, builder), builder);
  }
  const reason =
    format === 'jpeg'
      ? 'see jpeg-structure'
      : `the structure of ${format === 'unknown' ? 'this format' : `${format} files`} is not walked`;
  return { observations: [], findings: [], series: [], structures: [], refused: reason };
}

function chunkPart(title: string, tree: Structure['tree'] | null, builder: TreeBuilder): Part {
  for (const warning of builder.warnings.slice(0, 50)) if (tree !== null) builder.field(tree, 'warning', warning);
  const findings: Finding[] =
    builder.warnings.length === 0
      ? []
      : [
          {
            type: 'container.irregular',
            severity: 'low',
            description: `Irregular structure: ${builder.warnings.slice(0, 5).join('; ')}.`,
          },
        ];
  return { observations: [], findings, series: [], structures: toStructure(speaker, 'chunks', title, tree, builder) };
}

function examineBoxes(source: ByteSource, context: DetectorContext, builder: TreeBuilder): Part {
  const walk = walkBoxes(source);
  const moov = findBox(walk.boxes, 'moov');
  const tracks = moov === null ? [] : readTracks(source, moov);
  const signature = containerSignature(source, walk.boxes, tracks);
  const matches = matchWriters(signature);
  const tree = boxTree(source, walk.boxes, builder);
  builder.field(tree, 'signature', signature.text);
  builder.field(tree, 'signature SHA-256', signature.sha256);
  for (const { writer, marks } of matches) {
    builder.field(
      tree,
      `written as by ${writer.name}`,
      `${writer.confidence} confidence, no proof: ${marks.join('; ')}`,
    );
  }
  for (const item of signature.strings) builder.field(tree, `text in ${item.from}`, item.text);
  for (const warning of walk.warnings) builder.field(tree, 'warning', warning);
  builder.truncated ||= walk.truncated;

  const findings = [...walkFindings(walk), ...writerFindings(matches)];
  const observations = [
    measured(speaker, 'known writers that the file resembles', matches.length, 'count', 'none', {
      writers: matches.map(({ writer }) => `${writer.id} (${writer.confidence})`),
      signature: signature.sha256,
    }),
  ];
  const header = moov === null ? null : findBox(moov.children, 'mvhd');
  if (header !== null) {
    const times = readTimes(source, header);
    const timescale = times.rest.uint(4) ?? 0;
    findings.push(...clockFindings({ times, timescale }, tracks, context.exhibit.evidence.modified));
    const edits = tracks.map((track) => summariseEdits(track, timescale));
    for (const [i, track] of tracks.entries()) findings.push(...editFindings(track, edits[i]), ...tableFindings(track));
    const hidden = Math.max(0, ...edits.map((edit) => edit.hiddenSeconds));
    const pieces = Math.max(0, ...edits.map((edit) => edit.playing));
    observations.push(
      measured(speaker, 'media that no edit plays', hidden, 'seconds', 'higher-more-manipulated'),
      measured(speaker, 'pieces in the edit list', pieces, 'count', 'higher-more-manipulated'),
    );
  }
  return {
    observations,
    findings,
    series: [],
    structures: toStructure(speaker, 'boxes', 'ISO base media boxes', tree, builder),
  };
}

async function examineTimes(source: ByteSource, signal: AbortSignal): Promise<Part> {
  const quantity = 'frames missing by the times in the container';
  const refuse = (reason: string): Part => ({
    observations: [notAssessed(speaker, quantity, 'frames', reason, 'not-assessed', 'higher-more-manipulated')],
    findings: [],
    series: [],
    structures: [],
  });
  const times = await videoFrameTimes(source, signal);
  if (!times.ok) return refuse(times.reason);
  if (times.frames.clock === 'nominal') return refuse('the container states no time per frame, only a nominal rate');
  const report = examineTiming(times.frames.times);
  if (report === null) return refuse('too few frames');
  const points = intervalSeries(times.frames);
  const series: Series = {
    id: 'frame-interval',
    detector: speaker.id,
    quantity: 'time since the frame before',
    unit: 'ms',
    direction: 'none',
    axis: 'seconds',
    ...points,
  };
  const regular = measured(speaker, 'share of regular frame intervals', report.regular, 'ratio', 'none', {
    interval: report.interval,
  });
  if (!report.constantRate) {
    const reason = `the frame rate varies (${(report.regular * 100).toFixed(0)} % of the intervals are regular), so a gap means nothing`;
    const part = refuse(reason);
    return { ...part, observations: [regular, ...part.observations], series: [series] };
  }
  return {
    observations: [
      regular,
      measured(speaker, quantity, report.missing, 'frames', 'higher-more-manipulated'),
      measured(speaker, 'frames within half an interval', report.close.length, 'frames', 'higher-more-manipulated'),
    ],
    findings: timingFindings(report, times.frames),
    series: [series],
    structures: [],
  };
}

async function examineMediaInfo({ exhibit, signal }: DetectorContext): Promise<Part> {
  const result = await readMediaInfo(exhibit.path, { signal });
  if (!result.ok) {
    const gap = notAssessed(speaker, 'streams seen by MediaInfo', 'count', result.reason);
    return { observations: [gap], findings: [], series: [], structures: [] };
  }
  const { version, tracks } = result.summary;
  const builder = new TreeBuilder();
  const tree = builder.node('MediaInfo', null, null);
  if (tree !== null) builder.field(tree, 'version', version);
  for (const track of tracks) {
    const node = jsonTree(track.type, track.values, builder);
    if (tree !== null && node !== null) tree.children.push(node);
  }
  const streams = tracks.filter((track) => track.type !== 'General').length;
  return {
    observations: [measured(speaker, 'streams seen by MediaInfo', streams, 'count', 'none', { mediainfo: version })],
    findings: [],
    series: [],
    structures: toStructure(speaker, 'mediainfo', 'Streams (MediaInfo)', tree, builder),
  };
}
