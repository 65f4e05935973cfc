/** Single frames for the eye: exact by number, upright, lossless. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { VidimusError } from '../../contract/errors.ts';
import type { EngineArgs, EngineResult } from '../protocol.ts';
import { openForViewing } from './opened.ts';

/** What a viewer must know before it asks for frames or sound. */
export async function viewOpen(
  { path, limits }: EngineArgs<'view.open'>,
  signal: AbortSignal,
): Promise<EngineResult<'view.open'>> {
  const media = await openForViewing(path, limits, signal);
  return {
    name: media.evidence.name,
    mediaType: media.mediaType,
    mime: media.evidence.mime,
    width: media.size?.width ?? null,
    height: media.size?.height ?? null,
    frames: media.size === null ? null : media.totalFrames,
    fps: media.frameRate === null || media.frameRate <= 0 ? null : media.frameRate,
    duration: media.evidence.duration,
    sampleRate: media.audio?.sampleRate ?? null,
  };
}

/**
 * Decodes forward from the start and writes the frames asked for. Seeking would be faster and would not be exact in
 * every container; callers ask for runs of frames and keep them.
 * @throws VidimusError evidence.*, output.failed, cancelled
 */
export async function viewFrames(
  { path, limits, from, count, maxSide, out }: EngineArgs<'view.frames'>,
  signal: AbortSignal,
): Promise<EngineResult<'view.frames'>> {
  const media = await openForViewing(path, limits, signal);
  if (media.size === null) throw new VidimusError('evidence.no-content', `“${media.evidence.name}” has no picture.`);
  const small = maxSide !== null && media.mediaType === 'video' ? { maxPixels: maxSide * maxSide } : {};
  const written: { index: number; time: number }[] = [];
  const sampling = { kind: 'range', from, count } as const;
  for await (const item of media.decode({ frames: { sampling, ...small } }, { signal })) {
    if (item.kind !== 'frame') continue;
    const { width, height, data, index, time } = item.frame;
    const picture = sharp(data, { raw: { width, height, channels: 3 } });
    if (maxSide !== null) picture.resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true });
    await store(out, `${index}.png`, await picture.png({ compressionLevel: 1 }).toBuffer());
    written.push({ index, time });
    if (written.length >= count) break;
  }
  return written;
}

/** Whole or not at all: a reader may ask at any moment. */
async function store(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `.${name}.part`), bytes);
    await rename(join(folder, `.${name}.part`), join(folder, name));
  } catch (cause) {
    throw new VidimusError('output.failed', `A frame could not be written to ${folder}.`, { cause });
  }
}
