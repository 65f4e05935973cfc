/**
 * Programs and devices whose way of writing ISO base media files is known to us. A match says that a file is written
 * as that writer writes; all of it can be imitated, so it is an observation and no proof of origin.
 *
 * `confidence` is how specific the marks are, from the knowledge of the field, not a measured rate: `high` for a name
 * that the writer puts into the file itself, `medium` for marks that few others share, `low` for habits of brand and
 * order that several writers share.
 */
import type { ContainerSignature } from './signature.ts';

type WriterKind = 'camera' | 'editor' | 'encoder' | 'platform';
type Confidence = 'high' | 'medium' | 'low';

interface KnownWriter {
  readonly id: string;
  readonly name: string;
  readonly kind: WriterKind;
  readonly confidence: Confidence;
  /** Every mark must be there. */
  readonly marks: readonly Mark[];
}

/** One mark and the words for it; `test` sees the signature. */
interface Mark {
  readonly says: string;
  readonly test: (signature: ContainerSignature) => boolean;
}

/** Date of the list, printed with every match. */
export const WRITERS_VERSION = '2026-11-20';

const major = (...brands: string[]): Mark => ({
  says: `major brand ${brands.join(' or ')}`,
  test: (s) => s.fileType !== null && brands.includes(s.fileType.major),
});
const minor = (value: number): Mark => ({ says: `minor version ${value}`, test: (s) => s.fileType?.minor === value });
const compatible = (...brands: string[]): Mark => ({
  says: `compatible brands ${brands.join(', ')}`,
  test: (s) => s.fileType?.compatible.join(',') === brands.join(','),
});
const order = (pattern: RegExp, says: string): Mark => ({
  says: `order of boxes ${says}`,
  test: (s) => pattern.test(s.order),
});
const handler = (pattern: RegExp): Mark => ({
  says: `handler name ${pattern.source}`,
  test: (s) => s.handlers.some((h) => pattern.test(h)),
});
const text = (pattern: RegExp): Mark => ({
  says: `text ${pattern.source}`,
  test: (s) => s.strings.some((item) => pattern.test(item.text)),
});
const without = (pattern: RegExp): Mark => ({
  says: `no text ${pattern.source}`,
  test: (s) => !s.strings.some((item) => pattern.test(item.text)),
});
const key = (name: string, pattern: RegExp): Mark => ({
  says: `${name} like ${pattern.source}`,
  test: (s) => s.strings.some((item) => item.from.endsWith(name) && pattern.test(item.text)),
});
const inside = (pattern: RegExp, says: string): Mark => ({ says, test: (s) => pattern.test(s.moov) });
const uuid = (hex: string): Mark => ({ says: `uuid box ${hex}`, test: (s) => s.uuids.includes(hex) });

const writer = (id: string, name: string, kind: WriterKind, confidence: Confidence, ...marks: Mark[]): KnownWriter => ({
  id,
  name,
  kind,
  confidence,
  marks,
});

export const KNOWN_WRITERS: readonly KnownWriter[] = [
  writer(
    'apple-camera',
    'Apple camera (iPhone, iPad)',
    'camera',
    'medium',
    major('qt  '),
    compatible('qt  '),
    order(/^ftyp\/wide\/mdat\/moov/, 'ftyp, wide, mdat, moov'),
    key('com.apple.quicktime.make', /^Apple$/),
    key('com.apple.quicktime.model', /^i(Phone|Pad|Pod)/),
  ),
  writer(
    'apple-avfoundation',
    'Apple AVFoundation export',
    'editor',
    'low',
    handler(/Core Media Video/),
    major('mp42', 'M4V ', 'isom'),
  ),
  writer('apple-quicktime', 'QuickTime or Final Cut', 'editor', 'medium', handler(/Apple Video Media Handler/)),
  writer(
    'android-mediamuxer',
    'Android camera or MediaMuxer',
    'camera',
    'medium',
    major('mp42', 'isom', '3gp4', '3gp5'),
    handler(/VideoHandle$/),
    key('com.android.version', /\d/),
  ),
  writer(
    'android-mpeg4writer',
    'Android MPEG4Writer, no version tag',
    'camera',
    'low',
    major('mp42', 'isom', '3gp4', '3gp5'),
    handler(/VideoHandle$/),
  ),
  writer('samsung', 'Samsung camera', 'camera', 'medium', inside(/\b(smrd|smta)\b/, 'smrd or smta in the user data')),
  writer('gopro', 'GoPro camera', 'camera', 'medium', handler(/GoPro (AVC|H\.26|AAC|TCD|MET)/)),
  writer('dji', 'DJI camera', 'camera', 'low', handler(/DJI[ .](AVC|HEVC|meta|dbgi)/)),
  writer('canon', 'Canon camera', 'camera', 'medium', uuid('85c0b687820f11e08111f4ce462b6a48')),
  writer('sony-xavc', 'Sony camera (XAVC)', 'camera', 'medium', major('XAVC')),
  writer('lavf', 'FFmpeg (libavformat)', 'encoder', 'high', text(/^Lavf\d/)),
  writer(
    'lavf-untagged',
    'FFmpeg (libavformat), tag removed',
    'encoder',
    'low',
    without(/^Lavf\d/),
    major('isom'),
    minor(512),
    compatible('isom', 'iso2', 'avc1', 'mp41'),
  ),
  writer('handbrake', 'HandBrake', 'encoder', 'high', text(/^HandBrake/)),
  writer('obs', 'OBS Studio', 'encoder', 'high', text(/OBS Studio|obs-output/i)),
  writer('x264', 'x264 encoder', 'encoder', 'high', text(/x264 - core/)),
  writer('x265', 'x265 encoder', 'encoder', 'high', text(/x265 \(build/)),
  writer('gpac', 'GPAC (MP4Box)', 'encoder', 'high', text(/GPAC/)),
  writer('l-smash', 'L-SMASH', 'encoder', 'high', handler(/L-SMASH/)),
  writer('bento4', 'Bento4', 'encoder', 'medium', handler(/Bento4/)),
  writer('media-foundation', 'Windows Media Foundation', 'encoder', 'medium', uuid('5ca708fb328e4205a861650eca0a9596')),
  writer(
    'mainconcept',
    'MainConcept (Adobe Premiere, Media Encoder and others)',
    'editor',
    'medium',
    handler(/Main ?[Cc]oncept/),
  ),
  writer('adobe-xmp', 'Adobe XMP packet in the container', 'editor', 'low', uuid('be7acfcb97a942e89c71999491e3afac')),
  writer('davinci', 'DaVinci Resolve', 'editor', 'medium', text(/DaVinci Resolve|Blackmagic Design/)),
  writer('capcut', 'CapCut or JianYing', 'editor', 'medium', text(/CapCut|JianYing|LemonCamera/i)),
  writer(
    'youtube',
    'YouTube or another Google service',
    'platform',
    'medium',
    handler(/ISO Media file produced by Google/),
  ),
  writer('vimeo', 'Vimeo', 'platform', 'low', handler(/Vimeo Artax/)),
  writer('whatsapp', 'WhatsApp (beam box)', 'platform', 'low', order(/\bbeam\b/, 'with beam')),
];

export interface WriterMatch {
  readonly writer: KnownWriter;
  readonly marks: readonly string[];
}

/** Writers whose every mark is in the signature, the most specific first. */
export function matchWriters(signature: ContainerSignature): WriterMatch[] {
  const rank: Readonly<Record<Confidence, number>> = { high: 0, medium: 1, low: 2 };
  return KNOWN_WRITERS.filter((known) => known.marks.every((mark) => mark.test(signature)))
    .map((known) => ({ writer: known, marks: known.marks.map((mark) => mark.says) }))
    .sort((a, b) => rank[a.writer.confidence] - rank[b.writer.confidence]);
}
