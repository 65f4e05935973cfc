/**
 * Altered working copies of an exhibit: the re-encodings, scales, crops and band limits that pictures and sound meet on
 * their way through messengers and platforms. The set is fixed, so that two stress tests can be compared.
 */
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { VidimusError } from '../../contract/errors.ts';
import type { Evidence, Plan } from '../../contract/result.ts';
import type { MediaType, Parameters } from '../../contract/words.ts';
import { runFfmpeg } from '../media/child.ts';
import { parseLogLine } from '../media/log.ts';
import { openMedia } from '../media/media.ts';
import { FORMATS } from '../media/sniff.ts';
import { findFfmpeg, inputArguments } from '../media/tools.ts';
import type { RgbImage } from '../types.ts';

/** One kind of working copy. `write` makes the file in `folder` and answers its path. */
export interface Variant {
  readonly id: string;
  readonly title: string;
  readonly parameters: Parameters;
  readonly write: (folder: string) => Promise<string>;
}

/** What copies are made of. The exhibit is only read. */
export interface StressSource {
  readonly path: string;
  readonly mediaType: MediaType;
  readonly evidence: Evidence;
  readonly plan: Plan;
  readonly signal: AbortSignal;
}

/** The fixed set for the medium. @throws VidimusError where the exhibit cannot be decoded again */
export async function variantsOf(source: StressSource): Promise<Variant[]> {
  if (source.mediaType === 'image') return pictureVariants(await firstPicture(source));
  const visual = source.mediaType === 'video' ? videoVariants(source) : [];
  const heard = source.evidence.streams.some((s) => s.kind === 'audio');
  return [...visual, ...(source.mediaType === 'audio' || heard ? soundVariants(source) : [])];
}

async function firstPicture({ path, plan, signal }: StressSource): Promise<RgbImage> {
  const media = await openMedia(path, { plan, signal, onProgress: () => undefined });
  for await (const item of media.decode({ frames: { sampling: { kind: 'all' } }, sound: null }, { signal })) {
    if (item.kind === 'frame') return item.frame;
  }
  throw new VidimusError('evidence.damaged', 'The picture could not be decoded again for the stress test.');
}

/** Standard deviation of the added noise in steps of 8 bits: visible on flat areas, harmless to the content. */
const NOISE_SD = 4;

function pictureVariants(image: RgbImage): Variant[] {
  const { width, height } = image;
  const open = (data: Uint8Array = image.data): Sharp => sharp(data, { raw: { width, height, channels: 3 } });
  const variant = (id: string, title: string, parameters: Parameters, make: () => Sharp, ending = 'png'): Variant => ({
    id,
    title,
    parameters,
    write: async (folder) => {
      const path = join(folder, `${id}.${ending}`);
      await make().toFile(path);
      return path;
    },
  });
  const jpeg = (quality: number): Variant =>
    variant(`jpeg-${quality}`, `JPEG, quality ${quality}`, { quality }, () => open().jpeg({ quality }), 'jpg');
  const scale = (percent: number): Variant => {
    const size = { width: Math.max(1, Math.round((width * percent) / 100)), kernel: 'lanczos3' };
    return variant(`scale-${percent}`, `scaled to ${percent} %`, size, () =>
      open().resize(size.width, Math.max(1, Math.round((height * percent) / 100)), { kernel: 'lanczos3', fit: 'fill' }),
    );
  };
  const [x, y] = [Math.floor(width * 0.05), Math.floor(height * 0.05)];
  const crop = { left: x, top: y, width: Math.max(1, width - 2 * x), height: Math.max(1, height - 2 * y) };
  return [
    jpeg(90),
    jpeg(70),
    jpeg(50),
    variant('webp-75', 'WebP, quality 75', { quality: 75 }, () => open().webp({ quality: 75 }), 'webp'),
    scale(50),
    scale(75),
    scale(150),
    variant('crop-90', 'cropped to the middle 90 %', crop, () => open().extract(crop)),
    variant('noise-4', 'noise added', { standardDeviation: NOISE_SD, seed: 1 }, () => open(noisy(image.data))),
  ];
}

/** Seeded normal noise added to every channel: the sum of four uniform numbers is near enough to normal. */
function noisy(data: Uint8Array): Uint8Array {
  const out = new Uint8ClampedArray(data.length);
  let state = 1;
  const uniform = (): number => {
    // Marsaglia's xorshift with 32 bits.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296 - 0.5;
  };
  // Four uniform numbers of variance 1/12 have variance 1/3 together.
  const gain = NOISE_SD * Math.sqrt(3);
  for (let i = 0; i < data.length; i++) out[i] = data[i] + gain * (uniform() + uniform() + uniform() + uniform());
  return new Uint8Array(out.buffer);
}

const X264 = (crf: number): string[] => ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', String(crf)];
/** H.264 in 4:2:0 needs even sides. */
const EVEN = 'trunc(iw/2)*2:trunc(ih/2)*2';

function videoVariants(source: StressSource): Variant[] {
  const copy = ['-map', '0:v:0', '-map', '0:a:0?', '-c:a', 'copy', '-pix_fmt', 'yuv420p'];
  const make = (id: string, title: string, filter: string, crf: number): Variant =>
    byFfmpeg(source, id, title, { filter, encoder: 'libx264', crf }, 'mkv', [...copy, '-vf', filter, ...X264(crf)]);
  return [
    make('h264-28', 'H.264, CRF 28', `scale=${EVEN}`, 28),
    make('h264-36', 'H.264, CRF 36', `scale=${EVEN}`, 36),
    make('scale-50', 'scaled to 50 %', 'scale=trunc(iw/4)*2:trunc(ih/4)*2:flags=lanczos', 18),
    make('crop-90', 'cropped to the middle 90 %', 'crop=trunc(iw*0.45)*2:trunc(ih*0.45)*2', 18),
    make('noise-8', 'noise added', `scale=${EVEN},noise=all_seed=1:alls=8:allf=t`, 18),
  ];
}

function soundVariants(source: StressSource): Variant[] {
  // A video keeps its pictures untouched while its sound is altered.
  const pictures = source.mediaType === 'video' ? ['-map', '0:v:0', '-c:v', 'copy'] : [];
  const ending = source.mediaType === 'video' ? 'mkv' : null;
  const make = (id: string, title: string, parameters: Parameters, args: readonly string[], own: string): Variant =>
    byFfmpeg(source, id, title, parameters, ending ?? own, [...pictures, '-map', '0:a:0', ...args]);
  const flac = ['-c:a', 'flac'];
  const limit = (filter: string): string[] => ['-af', filter, ...flac];
  const noise = 'aeval=val(ch)+0.003*(random(0)+random(1)-1):c=same';
  return [
    make('mp3-64', 'MP3, 64 kbit/s', { codec: 'mp3', bitRate: 64_000 }, ['-c:a', 'libmp3lame', '-b:a', '64k'], 'mp3'),
    make('aac-48', 'AAC, 48 kbit/s', { codec: 'aac', bitRate: 48_000 }, ['-c:a', 'aac', '-b:a', '48k'], 'm4a'),
    make('opus-24', 'Opus, 24 kbit/s', { codec: 'opus', bitRate: 24_000 }, ['-c:a', 'libopus', '-b:a', '24k'], 'ogg'),
    make('band-telephone', 'band 300 to 3,400 Hz', { low: 300, high: 3400 }, limit(TELEPHONE), 'flac'),
    make('band-7000', 'low-pass at 7 kHz', { high: 7000 }, limit('lowpass=f=7000:p=2,lowpass=f=7000:p=2'), 'flac'),
    make('noise-sound', 'noise added', { filter: noise }, limit(noise), 'flac'),
  ];
}

/** Two second-order sections at either edge: 24 dB per octave, as steep as telephone filters. */
const TELEPHONE = 'highpass=f=300:p=2,highpass=f=300:p=2,lowpass=f=3400:p=2,lowpass=f=3400:p=2';

function byFfmpeg(
  source: StressSource,
  id: string,
  title: string,
  parameters: Parameters,
  ending: string,
  args: readonly string[],
): Variant {
  const { path, evidence, plan, signal } = source;
  return {
    id,
    title,
    parameters,
    write: async (folder) => {
      const demuxer = FORMATS.find((f) => f.container === evidence.container)?.demuxer;
      if (!demuxer) throw new VidimusError('evidence.unsupported', `${evidence.container} cannot be re-encoded.`);
      const out = join(folder, `${id}.${ending}`);
      const input = inputArguments(path, demuxer, plan.maxPixels);
      let last = '';
      const code = await runFfmpeg(
        await findFfmpeg(),
        [...input, ...args, '-map_metadata', '-1', '-fflags', '+bitexact', '-y', `file:${out}`],
        {
          signal,
          timeLimitSeconds: plan.timeLimitSeconds,
          onLine: (line) => {
            const parsed = parseLogLine(line);
            if (parsed !== null && (parsed.level === 'error' || parsed.level === 'fatal')) last = parsed.text;
          },
        },
      );
      if (code !== 0) throw new VidimusError('evidence.unsupported', `ffmpeg could not make this copy: ${last}`);
      return out;
    },
  };
}
