/**
 * The one door of this room: {@link openMedia} takes an exhibit in, describes it, and decodes it.
 *
 * ```
 * const media = await openMedia(path, { plan, signal });
 * const pass = media.decode({ frames: { sampling: plan.frames }, sound: { sampleRate: plan.sampleRate } });
 * for await (const item of pass) item.kind === 'frame' ? … item.frame : … item.chunk;
 * await media.verifyUnchanged();
 * const evidence = media.evidenceAfter(pass);
 * ```
 */
import { VidimusError } from '../../contract/errors.ts';
import type {
  AudioStream,
  Evidence,
  FrameSampling,
  Plan,
  Progress,
  Stream,
  VideoStream,
} from '../../contract/result.ts';
import type { MediaType } from '../../contract/words.ts';
import { bmpSize, readHead } from './bmp.ts';
import { type Decoding, decodeMedia } from './decode.ts';
import {
  decodeCommand,
  type FrameRequest,
  geometry,
  type SoundRequest,
  uprightSize,
  type VideoGeometry,
} from './decode-command.ts';
import { type FrameIndex, readFrameIndex } from './frame-index.ts';
import { decodePicture, openPicture, type PictureFile, pictureParameters, refuseTooLarge } from './image.ts';
import { type Identity, intake, verifyUnchanged } from './intake.ts';
import { mergeWarnings } from './log.ts';
import { pictureDecoding } from './picture-decoding.ts';
import { type MovieProbe, probeMovie } from './probe.ts';
import { sampledCount } from './sampling.ts';
import { type Ffmpeg, findFfmpeg } from './tools.ts';

export interface OpenOptions {
  readonly plan: Pick<Plan, 'maxPixels' | 'timeLimitSeconds'>;
  readonly signal?: AbortSignal | undefined;
  /** Name of the exhibit where the file has another. */
  readonly name?: string | undefined;
  /** Progress of intake (bytes) and probe (steps). */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What to decode. What the exhibit does not have is left out of the pass; asking for nothing it has is a bug. */
export interface DecodeRequest {
  readonly frames?: FrameRequest | null;
  readonly sound?: SoundRequest | null;
}

/** An exhibit that was taken in. */
export interface Media {
  readonly identity: Identity;
  readonly mediaType: MediaType;
  /** Identity and description for the result; warnings are those known before decoding. */
  readonly evidence: Evidence;
  /** Upright native size of picture or video; null for sound. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** The streams that are examined: the first video that is no cover picture, the first sound. */
  readonly video: VideoStream | null;
  readonly audio: AudioStream | null;
  /** Frames (or pages) in the exhibit as its container counts them; null where it cannot be told, 0 for sound. */
  readonly totalFrames: number | null;
  /** Frames per second, measured from the time stamps; null where there are none. */
  readonly frameRate: number | null;
  /** Packets of the video in the order in which they are shown; null for pictures and sound. */
  readonly frameIndex: FrameIndex | null;
  /** Frames a sampling will give, for progress; null where the total cannot be told. */
  expectedFrames(sampling: FrameSampling): number | null;
  /** Size of the frames a request would give; null where there is no video or picture. */
  geometry(frames: FrameRequest): VideoGeometry | null;
  /** Starts nothing until the pass is read. May be called again for another pass. */
  decode(request: DecodeRequest, options?: { readonly signal?: AbortSignal }): Decoding;
  /** The evidence with the warnings of a finished pass added. */
  evidenceAfter(...passes: readonly Decoding[]): Evidence;
  /** See {@link verifyUnchanged} in intake; call it when the analysis ends. */
  verifyUnchanged(options?: { readonly rehash?: boolean; readonly signal?: AbortSignal }): Promise<void>;
}

/**
 * Takes an exhibit in: hashes it, sniffs its type, reads headers and, for video, the packet times.
 *
 * @throws VidimusError of the family `evidence.*`, tool.missing (no ffmpeg for video or sound), cancelled
 */
export async function openMedia(path: string, options: OpenOptions): Promise<Media> {
  const { plan, signal, onProgress, name } = options;
  const identity = await intake(path, {
    signal,
    name,
    onProgress: (done, total) => onProgress?.({ stage: 'intake', done, total, unit: 'bytes' }),
  });
  onProgress?.({ stage: 'probe', done: 0, total: 1, unit: 'steps' });
  const { format } = identity;
  const media =
    format.demuxer === null
      ? pictureMedia(identity, await openPicture(identity, plan.maxPixels), options)
      : await movieMedia(identity, format.demuxer, options);
  onProgress?.({ stage: 'probe', done: 1, total: 1, unit: 'steps' });
  return media;
}

/** What is the same for every kind of exhibit. */
function common(identity: Identity, mediaType: MediaType, duration: number | null, streams: Stream[], said: string[]) {
  const { format } = identity;
  const warnings = identity.extensionMatches
    ? said
    : [`The name ends like another format; by its bytes the file is ${format.container}.`, ...said];
  const evidence: Evidence = {
    name: identity.name,
    bytes: identity.bytes,
    sha256: identity.sha256,
    sha512: identity.sha512,
    md5: identity.md5,
    modified: identity.modified,
    container: format.container,
    // Containers for both are named by what they hold.
    mime: mediaType === 'image' ? format.mime : format.mime.replace(/^(video|audio)\//, `${mediaType}/`),
    extensionMatches: identity.extensionMatches,
    duration,
    streams,
    warnings,
  };
  return {
    identity,
    mediaType,
    evidence,
    evidenceAfter: (...passes: readonly Decoding[]): Evidence => ({
      ...evidence,
      warnings: mergeWarnings(warnings, ...passes.map((pass) => pass.report().warnings)),
    }),
    verifyUnchanged: (o: { readonly rehash?: boolean; readonly signal?: AbortSignal } = {}) =>
      verifyUnchanged(identity, o),
  };
}

function pictureMedia(identity: Identity, file: PictureFile, options: OpenOptions): Media {
  const { size, stream } = file;
  return {
    ...common(identity, 'image', file.duration, [stream], [...file.warnings]),
    size,
    video: null,
    audio: null,
    totalFrames: stream.pages,
    frameRate: null,
    frameIndex: null,
    expectedFrames: (sampling) => sampledCount(sampling, stream.pages, stream.pages),
    geometry: () => ({ sourceWidth: size.width, sourceHeight: size.height, ...size }),
    decode: (request, o) => {
      if (request.frames == null) throw new VidimusError('bug', 'A picture was opened and no frames were asked for.');
      const { sampling } = request.frames;
      return pictureDecoding(pictureParameters(file, sampling), (warn) =>
        decodePicture(file, sampling, warn, o?.signal ?? options.signal),
      );
    },
  };
}

async function movieMedia(identity: Identity, demuxer: string, options: OpenOptions): Promise<Media> {
  const { plan, signal } = options;
  const picture = identity.format.medium === 'image';
  if (picture) {
    const size = bmpSize(await readHead(identity.path));
    refuseTooLarge(identity.name, size.width, size.height, plan.maxPixels);
  }
  const tool = await findFfmpeg();
  const probe = await probeMovie(tool, identity, demuxer, signal);
  const videos = probe.streams.filter((s): s is VideoStream => s.kind === 'video' && !s.attachedPicture);
  const sounds = probe.streams.filter((s): s is AudioStream => s.kind === 'audio');
  const video = videos[0] ?? null;
  const audio = sounds[0] ?? null;
  const warnings = [...probe.warnings];
  if (video === null && audio === null) {
    throw new VidimusError(
      'evidence.no-content',
      `“${identity.name}” holds no video and no sound that can be decoded.`,
    );
  }
  if (videos.length > 1) warnings.push(`The file has ${videos.length} video streams; the first is examined.`);
  if (sounds.length > 1) warnings.push(`The file has ${sounds.length} sound tracks; the first is examined.`);
  if (video !== null) refuseTooLarge(identity.name, video.width, video.height, plan.maxPixels);
  const index =
    video === null || picture
      ? null
      : await readFrameIndex(tool, identity.path, demuxer, video.index, {
          signal,
          timeLimitSeconds: plan.timeLimitSeconds,
        });
  warnings.push(...(index?.warnings ?? []));
  const described = video === null ? null : withIndex(video, index);
  const found: Found = { tool, probe, demuxer, video: described, audio, index, picture };
  const streams: Stream[] = probe.streams.map((s) => (s === video && described !== null ? described : s));
  return {
    ...common(
      identity,
      picture ? 'image' : video === null ? 'audio' : 'video',
      picture ? null : probe.duration,
      picture && described !== null ? [asImage(described)] : streams,
      mergeWarnings(warnings),
    ),
    size: described === null ? null : uprightSize(described),
    video: picture ? null : described,
    audio,
    totalFrames: picture ? 1 : video === null ? 0 : (index?.count ?? null),
    frameRate: picture ? null : (index?.frameRate ?? described?.frameRate ?? null),
    frameIndex: index,
    expectedFrames: (sampling) =>
      described === null
        ? 0
        : picture
          ? 1
          : index === null
            ? null
            : sampledCount(sampling, index.count, index.keyFrames.length),
    geometry: (frames) => (described === null ? null : geometry(described, frames.maxPixels)),
    decode: (request, o) => decodeMovie(identity, found, request, options, o?.signal),
  };
}

interface Found {
  readonly tool: Ffmpeg;
  readonly probe: MovieProbe;
  readonly demuxer: string;
  readonly video: VideoStream | null;
  readonly audio: AudioStream | null;
  readonly index: FrameIndex | null;
  readonly picture: boolean;
}

function decodeMovie(
  identity: Identity,
  found: Found,
  request: DecodeRequest,
  { plan, signal }: OpenOptions,
  ownSignal: AbortSignal | undefined,
): Decoding {
  const { tool, probe, demuxer, video, audio, index } = found;
  const frames = video === null ? null : (request.frames ?? null);
  const sound = audio === null ? null : (request.sound ?? null);
  if (frames === null && sound === null) {
    throw new VidimusError('bug', 'Nothing of what the exhibit holds was asked for.');
  }
  const command = decodeCommand(
    tool,
    { path: identity.path, demuxer, maxPixels: plan.maxPixels },
    video === null || frames === null ? null : { stream: video, index, request: frames },
    audio === null || sound === null ? null : { stream: audio, request: sound },
  );
  return decodeMedia(tool, command, index, probe.start, {
    signal: ownSignal ?? signal,
    timeLimitSeconds: plan.timeLimitSeconds,
  });
}

/** Measured values go before what the container claims. */
function withIndex(video: VideoStream, index: FrameIndex | null): VideoStream {
  if (index?.times == null) return video;
  const [numerator, denominator] = index.timeBase;
  const ticks = (index.times[index.count - 1] ?? 0) - (index.times[0] ?? 0);
  const frameRate = index.frameRate ?? video.frameRate;
  return {
    ...video,
    frameRate,
    variableFrameRate: index.variable,
    // The last frame is shown for as long as the others on average.
    duration: (ticks * numerator) / denominator + (frameRate === null ? 0 : 1 / frameRate),
  };
}

function asImage(video: VideoStream): Stream {
  const alpha = /^(rgba|bgra|argb|abgr)/.test(video.pixelFormat ?? '');
  return {
    kind: 'image',
    index: 0,
    codec: video.codec,
    width: video.width,
    height: video.height,
    channels: alpha ? 4 : video.pixelFormat?.startsWith('gray') === true ? 1 : 3,
    bitDepth: '8 bit',
    pages: 1,
    orientation: 1,
    colorSpace: 'srgb',
    hasAlpha: alpha,
    hasProfile: false,
  };
}
