/** One picture of an exhibit or artefact for print: decoded here, in the child process, scaled, and written as PNG or JPEG. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { ApiArgs, ApiResult } from '../../contract/api.ts';
import { VidimusError } from '../../contract/errors.ts';
import { openMedia } from '../media/media.ts';
import type { Frame } from '../types.ts';

/**
 * Frame `frame` of a video (counted from 0) or the first page of a picture, upright, at most `maxSide` pixels on its
 * longer side. The answer names the SHA-256 of the file that was read, so that the caller can tell that it is the
 * exhibit, and the size before scaling.
 *
 * @throws VidimusError evidence.*, output.failed, cancelled
 */
export async function picture(
  request: ApiArgs<'media.picture'>,
  signal: AbortSignal,
): Promise<ApiResult<'media.picture'>> {
  const { path, frame, maxSide, format, out, plan } = request;
  const media = await openMedia(path, { plan, signal });
  if (media.size === null) throw new VidimusError('evidence.no-content', `“${media.evidence.name}” has no picture.`);
  const source = media.size;
  const sampling = { kind: 'range', from: frame, count: 1 } as const;
  let found: Frame | null = null;
  for await (const item of media.decode({ frames: { sampling } }, { signal })) {
    if (item.kind !== 'frame') continue;
    found = item.frame;
    break;
  }
  if (found === null)
    throw new VidimusError('evidence.no-content', `“${media.evidence.name}” has no frame with the number ${frame}.`);
  await media.verifyUnchanged({ signal });
  const raw = sharp(found.data, { raw: { width: found.width, height: found.height, channels: 3 } }).resize({
    width: maxSide,
    height: maxSide,
    fit: 'inside',
    withoutEnlargement: true,
  });
  const encoded =
    format === 'png' ? raw.png({ compressionLevel: 9 }) : raw.jpeg({ quality: 90, chromaSubsampling: '4:4:4' });
  const { data, info } = await encoded.toBuffer({ resolveWithObject: true });
  await writeFile(out, data, { flag: 'wx' }).catch((cause: unknown) => {
    throw new VidimusError('output.failed', `A picture could not be written to ${out}.`, { cause });
  });
  return {
    sha256: createHash('sha256').update(data).digest('hex'),
    width: info.width,
    height: info.height,
    sourceSha256: media.evidence.sha256,
    sourceWidth: source.width,
    sourceHeight: source.height,
    frame: found.index,
    seconds: found.time,
  };
}
