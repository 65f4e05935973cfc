/**
 * The type of a file from its bytes. The name is only ever compared with what the bytes say.
 *
 * The sniffed format also names the one demuxer ffmpeg may use, so that a file cannot be read as something else than
 * what is reported (play lists and scripts that point at other files are never opened).
 */

/** A format this workstation reads. `medium` is what the format can carry; the probe settles what it does carry. */
export interface FileFormat {
  readonly id: FormatId;
  /** The container in the words of the result. */
  readonly container: string;
  readonly mime: string;
  readonly medium: 'image' | 'movie' | 'sound';
  /** Lower-case extensions without the dot that fit the format. */
  readonly extensions: readonly string[];
  /** ffmpeg's demuxer; null where ffmpeg is not used. */
  readonly demuxer: string | null;
}

const format = <T extends string>(
  id: T,
  container: string,
  mime: string,
  medium: FileFormat['medium'],
  demuxer: string | null,
  extensions: readonly string[],
) => ({ id, container, mime, medium, demuxer, extensions });

const TABLE = [
  format('jpeg', 'JPEG', 'image/jpeg', 'image', null, ['jpg', 'jpeg', 'jpe', 'jfif']),
  format('png', 'PNG', 'image/png', 'image', null, ['png', 'apng']),
  format('gif', 'GIF', 'image/gif', 'image', null, ['gif']),
  format('bmp', 'BMP', 'image/bmp', 'image', 'bmp_pipe', ['bmp', 'dib']),
  format('tiff', 'TIFF', 'image/tiff', 'image', null, ['tif', 'tiff']),
  format('webp', 'WebP', 'image/webp', 'image', null, ['webp']),
  format('heic', 'HEIF (HEVC)', 'image/heic', 'image', null, ['heic', 'heif', 'hif', 'heics', 'heifs']),
  format('avif', 'HEIF (AV1)', 'image/avif', 'image', null, ['avif', 'avifs', 'heif']),
  format('mp4', 'MP4', 'video/mp4', 'movie', 'mov', ['mp4', 'm4v', 'mp4v', 'm4a', 'm4b', '3gp', '3g2', 'f4v']),
  format('m4a', 'MP4 (M4A)', 'audio/mp4', 'movie', 'mov', ['m4a', 'm4b', 'm4p', 'mp4', 'aac']),
  format('mov', 'QuickTime', 'video/quicktime', 'movie', 'mov', ['mov', 'qt']),
  format('avi', 'AVI', 'video/x-msvideo', 'movie', 'avi', ['avi', 'divx']),
  format('matroska', 'Matroska', 'video/x-matroska', 'movie', 'matroska', ['mkv', 'mka', 'mk3d']),
  format('webm', 'WebM', 'video/webm', 'movie', 'matroska', ['webm', 'weba']),
  format('flv', 'FLV', 'video/x-flv', 'movie', 'flv', ['flv', 'f4v']),
  format('asf', 'ASF', 'video/x-ms-asf', 'movie', 'asf', ['wmv', 'wma', 'asf']),
  format('mpeg-ps', 'MPEG program stream', 'video/mpeg', 'movie', 'mpeg', ['mpg', 'mpeg', 'vob', 'mpe', 'm2p']),
  format('mpeg-es', 'MPEG video elementary stream', 'video/mpeg', 'movie', 'mpegvideo', ['mpg', 'mpeg', 'm1v', 'm2v']),
  format('mpeg-ts', 'MPEG transport stream', 'video/mp2t', 'movie', 'mpegts', ['ts', 'mts', 'm2ts', 'm2t', 'mpg']),
  format('ogg', 'Ogg', 'audio/ogg', 'movie', 'ogg', ['ogg', 'oga', 'ogv', 'ogx', 'spx', 'opus']),
  format('opus', 'Ogg (Opus)', 'audio/ogg', 'movie', 'ogg', ['opus', 'ogg', 'oga']),
  format('wav', 'WAV', 'audio/wav', 'sound', 'wav', ['wav', 'wave', 'bwf']),
  format('rf64', 'RF64', 'audio/wav', 'sound', 'wav', ['wav', 'rf64', 'wave', 'bwf']),
  format('w64', 'Wave64', 'audio/x-w64', 'sound', 'w64', ['w64']),
  format('aiff', 'AIFF', 'audio/aiff', 'sound', 'aiff', ['aif', 'aiff', 'aifc']),
  format('caf', 'CAF', 'audio/x-caf', 'sound', 'caf', ['caf']),
  format('amr', 'AMR', 'audio/amr', 'sound', 'amr', ['amr', 'awb']),
  format('mp3', 'MP3', 'audio/mpeg', 'sound', 'mp3', ['mp3', 'mp2', 'mpga']),
  format('flac', 'FLAC', 'audio/flac', 'sound', 'flac', ['flac', 'fla']),
  format('adts', 'AAC (ADTS)', 'audio/aac', 'sound', 'aac', ['aac', 'adts']),
] as const;

export type FormatId = (typeof TABLE)[number]['id'];

const BY_ID: ReadonlyMap<FormatId, FileFormat> = new Map(TABLE.map((entry) => [entry.id, entry]));

/** Every format this build recognises, in the order of the table above. */
export const FORMATS: readonly FileFormat[] = TABLE;

function byId(id: FormatId): FileFormat {
  const found = BY_ID.get(id);
  if (found === undefined) throw new RangeError(`no format ${id}`);
  return found;
}

/** Reads up to `length` bytes at `offset`; fewer at the end of the file. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;

const ascii = (bytes: Uint8Array, at: number, text: string): boolean => {
  if (at + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
};
const starts = (bytes: Uint8Array, ...values: number[]): boolean =>
  bytes.length >= values.length && values.every((value, i) => bytes[i] === value);
const u32 = (b: Uint8Array, at: number): number =>
  ((b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3]) >>> 0;

/** Enough for two transport stream packets with a margin, an EBML header and the first Ogg pages. */
const HEAD = 4096;

/**
 * The format of a file, or null where it is none that we read.
 *
 * @param readAt access to the file's bytes; a few kilobytes at the start (and behind an ID3 tag) are read.
 */
export async function sniff(readAt: ReadAt): Promise<FileFormat | null> {
  const head = await readAt(0, HEAD);
  const id = sniffImage(head) ?? sniffMovie(head) ?? sniffSound(head) ?? (await behindId3(head, readAt));
  return id === null ? null : byId(id);
}

function sniffImage(b: Uint8Array): FormatId | null {
  if (starts(b, 0xff, 0xd8, 0xff)) return 'jpeg';
  if (starts(b, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png';
  if (ascii(b, 0, 'GIF87a') || ascii(b, 0, 'GIF89a')) return 'gif';
  if (starts(b, 0x49, 0x49, 0x2a, 0) || starts(b, 0x4d, 0x4d, 0, 0x2a)) return 'tiff';
  if (starts(b, 0x49, 0x49, 0x2b, 0) || starts(b, 0x4d, 0x4d, 0, 0x2b)) return 'tiff';
  if (ascii(b, 0, 'RIFF') && ascii(b, 8, 'WEBP')) return 'webp';
  if (ascii(b, 0, 'BM') && isBmp(b)) return 'bmp';
  return null;
}

/** "BM" alone is two letters of any text, so the size of the DIB header must be one that exists. */
function isBmp(b: Uint8Array): boolean {
  if (b.length < 18) return false;
  const dib = b[14] | (b[15] << 8) | (b[16] << 16);
  return b[17] === 0 && [12, 16, 40, 52, 56, 64, 108, 124].includes(dib);
}

const TOP_BOXES = ['moov', 'mdat', 'wide', 'skip', 'free', 'pnot', 'moof'];

function sniffMovie(b: Uint8Array): FormatId | null {
  if (ascii(b, 4, 'ftyp')) return isoBrand(b);
  if (TOP_BOXES.some((box) => ascii(b, 4, box)) && (u32(b, 0) >= 8 || u32(b, 0) <= 1)) return 'mov';
  if (ascii(b, 0, 'RIFF') && (ascii(b, 8, 'AVI ') || ascii(b, 8, 'AVIX'))) return 'avi';
  if (starts(b, 0x1a, 0x45, 0xdf, 0xa3)) return ebmlDocType(b);
  if (ascii(b, 0, 'FLV') && b[3] === 1) return 'flv';
  if (starts(b, 0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11)) return 'asf';
  if (starts(b, 0, 0, 1, 0xba)) return 'mpeg-ps';
  if (starts(b, 0, 0, 1, 0xb3)) return 'mpeg-es';
  if (ascii(b, 0, 'OggS')) return ascii(b, 28, 'OpusHead') ? 'opus' : 'ogg';
  if (isTransportStream(b)) return 'mpeg-ts';
  return null;
}

function isoBrand(b: Uint8Array): FormatId | null {
  const end = Math.min(Math.max(u32(b, 0), 16), b.length, 256);
  const brands: string[] = [];
  // The minor version (bytes 12 to 15) lies between the major and the compatible brands.
  for (let at = 8; at + 4 <= end; at += at === 8 ? 8 : 4) {
    brands.push(String.fromCharCode(b[at], b[at + 1], b[at + 2], b[at + 3]));
  }
  const major = brands[0] ?? '';
  if (major === 'avif' || major === 'avis') return 'avif';
  if (/^(heic|heix|heim|heis|hevc|hevx|hevm|hevs)$/.test(major)) return 'heic';
  if (major === 'mif1' || major === 'msf1') return brands.includes('avif') ? 'avif' : 'heic';
  if (major === 'qt  ') return 'mov';
  if (/^M4[ABP] $/.test(major)) return 'm4a';
  return 'mp4';
}

function ebmlDocType(b: Uint8Array): FormatId | null {
  for (let at = 4; at + 12 < Math.min(b.length, 128); at++) {
    if (b[at] !== 0x42 || b[at + 1] !== 0x82) continue;
    return ascii(b, at + 3, 'webm') ? 'webm' : ascii(b, at + 3, 'matroska') ? 'matroska' : null;
  }
  return null;
}

/** Sync bytes of several packets in a row; packets of 192 bytes (M2TS) carry four bytes of time stamp first. */
function isTransportStream(b: Uint8Array): boolean {
  for (const [size, first] of [
    [188, 0],
    [192, 4],
    [204, 0],
  ]) {
    const packets = Math.min(5, Math.floor((b.length - first - 1) / size) + 1);
    if (packets < 2) continue;
    let all = true;
    for (let i = 0; i < packets; i++) all &&= b[first + i * size] === 0x47;
    if (all) return true;
  }
  return false;
}

function sniffSound(b: Uint8Array): FormatId | null {
  if (ascii(b, 0, 'RIFF') && ascii(b, 8, 'WAVE')) return 'wav';
  if ((ascii(b, 0, 'RF64') || ascii(b, 0, 'BW64')) && ascii(b, 8, 'WAVE')) return 'rf64';
  if (ascii(b, 0, 'riff') && starts(b.subarray(4), 0x2e, 0x91, 0xcf, 0x11)) return 'w64';
  if (ascii(b, 0, 'FORM') && (ascii(b, 8, 'AIFF') || ascii(b, 8, 'AIFC'))) return 'aiff';
  if (ascii(b, 0, 'caff')) return 'caf';
  if (ascii(b, 0, '#!AMR')) return 'amr';
  return sniffBareSound(b);
}

/** Formats without a container, as they also follow an ID3 tag. */
function sniffBareSound(b: Uint8Array): FormatId | null {
  if (ascii(b, 0, 'fLaC')) return 'flac';
  if (b.length < 4 || b[0] !== 0xff || (b[1] & 0xe0) !== 0xe0) return null;
  // Layer bits 00 mark ADTS (ISO/IEC 13818-7), others an MPEG audio layer (ISO/IEC 11172-3).
  if ((b[1] & 0xf6) === 0xf0) {
    const length = ((b[3] & 3) << 11) | (b[4] << 3) | (b[5] >> 5);
    return ((b[2] >> 2) & 15) < 13 && length >= 7 && nextFrame(b, length, 0xf6, 0xf0) ? 'adts' : null;
  }
  const version = (b[1] >> 3) & 3;
  const layer = (b[1] >> 1) & 3;
  if (version === 1 || layer === 0 || b[2] >> 4 === 15 || ((b[2] >> 2) & 3) === 3) return null;
  const length = mpegAudioFrame(version, layer, b[2]);
  return length === 0 || nextFrame(b, length, 0xfe, b[1] & 0xfe) ? 'mp3' : null;
}

/** Two bytes are a weak witness; where the next frame lies within reach it must begin like this one. */
function nextFrame(b: Uint8Array, length: number, mask: number, want: number): boolean {
  return length + 1 >= b.length || (b[length] === 0xff && (b[length + 1] & mask) === want);
}

const LAYER3_V1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const LAYER3_V2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const RATES = [44100, 48000, 32000];

/** Length in bytes of a layer III frame; 0 where it is free format or another layer. */
function mpegAudioFrame(version: number, layer: number, third: number): number {
  if (layer !== 1) return 0;
  const v1 = version === 3;
  const kbps = (v1 ? LAYER3_V1 : LAYER3_V2)[third >> 4] ?? 0;
  const rate = RATES[(third >> 2) & 3] / (v1 ? 1 : version === 2 ? 2 : 4);
  return kbps === 0 ? 0 : Math.floor(((v1 ? 144 : 72) * kbps * 1000) / rate) + ((third >> 1) & 1);
}

/** ID3v2 tags may hold megabytes of cover picture before the first frame of sound. */
async function behindId3(head: Uint8Array, readAt: ReadAt): Promise<FormatId | null> {
  let at = 0;
  let b = head;
  for (let tags = 0; tags < 4 && ascii(b, 0, 'ID3') && b.length >= 10; tags++) {
    const size = ((b[6] & 127) << 21) | ((b[7] & 127) << 14) | ((b[8] & 127) << 7) | (b[9] & 127);
    at += 10 + size + ((b[5] & 0x10) === 0 ? 0 : 10);
    b = await readAt(at, HEAD);
  }
  if (at === 0) return null;
  // Writers pad between tag and sound; what carries an ID3 tag and no other signature is MP3 by convention.
  let pad = 0;
  while (pad < b.length && b[pad] === 0) pad++;
  return sniffBareSound(b.subarray(pad)) ?? (b.length === 0 ? null : 'mp3');
}

/** Whether a file name's extension fits the format; a name without extension does not lie. */
export function extensionFits(name: string, found: FileFormat): boolean {
  const dot = name.lastIndexOf('.');
  if (dot <= 0 || dot === name.length - 1) return true;
  return found.extensions.includes(name.slice(dot + 1).toLowerCase());
}
