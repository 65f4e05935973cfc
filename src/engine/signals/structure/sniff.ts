/** Tells the format of a file from its first bytes; names are never trusted. */
import type { ByteSource } from './source.ts';

/** Formats whose structure can be walked or validated here. */
type Sniffed =
  | 'jpeg'
  | 'png'
  | 'gif'
  | 'tiff'
  | 'webp'
  | 'avi'
  | 'wav'
  | 'riff'
  | 'bmff'
  | 'ebml'
  | 'flv'
  | 'mp3'
  | 'flac'
  | 'ogg'
  | 'unknown';

/** The format by signature, `unknown` when none fits. Never throws on content. */
export function sniffFormat(source: ByteSource): Sniffed {
  const head = source.read(0, 16);
  const ascii = head.toString('latin1');
  if (head.length >= 3 && head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'jpeg';
  if (ascii.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (ascii.startsWith('GIF87a') || ascii.startsWith('GIF89a')) return 'gif';
  if (ascii.startsWith('II*\0') || ascii.startsWith('MM\0*') || ascii.startsWith('II+\0')) return 'tiff';
  if (/^(RIFF|RIFX|RF64)/.test(ascii)) {
    const form = ascii.slice(8, 12);
    if (form === 'WEBP') return 'webp';
    if (form === 'AVI ') return 'avi';
    return form === 'WAVE' ? 'wav' : 'riff';
  }
  if (/^(ftyp|moov|mdat|wide|free|skip|pnot|styp|moof)$/.test(ascii.slice(4, 8))) return 'bmff';
  if (ascii.startsWith('\x1a\x45\xdf\xa3')) return 'ebml';
  if (ascii.startsWith('FLV\x01')) return 'flv';
  if (ascii.startsWith('ID3') || (head[0] === 0xff && ((head[1] ?? 0) & 0xe6) === 0xe2)) return 'mp3';
  if (ascii.startsWith('fLaC')) return 'flac';
  return ascii.startsWith('OggS') ? 'ogg' : 'unknown';
}
