/** The command line of the one forward pass, and the words in which the result states it. */
import { randomBytes } from 'node:crypto';
import type { AudioStream, VideoStream } from '../../contract/result.ts';
import type { Parameters } from '../../contract/words.ts';
import type { FrameIndex } from './frame-index.ts';
import { type Sampling, samplingText, selectExpression } from './sampling.ts';
import { atLeast, type Ffmpeg, inputArguments } from './tools.ts';

/** What is wanted of the pictures. */
export interface FrameRequest {
  readonly sampling: Sampling;
  /**
   * Most pixels a frame may have; larger frames are scaled down, keeping their shape. Absent: native size.
   * Positions found in scaled frames are scaled back with {@link VideoGeometry}.
   */
  readonly maxPixels?: number;
  /** Filter of the scaling: `area` averages (no aliasing), `bicubic` keeps more detail. Default `area`. */
  readonly scaler?: 'area' | 'bicubic';
}

/** What is wanted of the sound. */
export interface SoundRequest {
  /** Hertz. */
  readonly sampleRate: number;
  /** Length of a chunk in seconds; all but the last have it exactly. Default 0.5. */
  readonly chunkSeconds?: number;
}

/** Upright size of the source and of the frames that come out. */
export interface VideoGeometry {
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  readonly width: number;
  readonly height: number;
}

/** Size of a stream turned upright; only quarter turns change it. */
export function uprightSize(stream: VideoStream): { width: number; height: number } {
  const turned = stream.rotation % 180 === 90;
  return turned ? { width: stream.height, height: stream.width } : { width: stream.width, height: stream.height };
}

/** The size of frames under a pixel budget. */
export function geometry(stream: VideoStream, maxPixels: number | undefined): VideoGeometry {
  const { width, height } = uprightSize(stream);
  const factor = maxPixels === undefined ? 1 : Math.min(1, Math.sqrt(maxPixels / (width * height)));
  return {
    sourceWidth: width,
    sourceHeight: height,
    width: Math.max(1, Math.floor(width * factor)),
    height: Math.max(1, Math.floor(height * factor)),
  };
}

/** Everything the reader of the output needs to know about the command. */
export interface DecodeCommand {
  readonly path: string;
  readonly args: readonly string[];
  readonly video: {
    readonly stream: VideoStream;
    readonly geometry: VideoGeometry;
    /** Log name of the filter that sees every decoded frame, and of the one that sees the picked frames. */
    readonly all: string;
    readonly picked: string | null;
    /** Only key frames are decoded: numbers come from the index, not from counting. */
    readonly keyOnly: boolean;
  } | null;
  readonly sound: {
    readonly stream: AudioStream;
    readonly log: string;
    readonly sampleRate: number;
    /** Samples in a chunk. */
    readonly chunk: number;
  } | null;
  /** For `run.decode` of the result. */
  readonly parameters: Parameters;
}

/** Builds the command. Frames leave on stdout as RGB24, sound on descriptor 3 (or stdout alone) as 32 bit floats. */
export function decodeCommand(
  tool: Ffmpeg,
  input: { readonly path: string; readonly demuxer: string; readonly maxPixels: number },
  video: { stream: VideoStream; index: FrameIndex | null; request: FrameRequest } | null,
  sound: { stream: AudioStream; request: SoundRequest } | null,
): DecodeCommand {
  // Texts inside a hostile file reach ffmpeg's log; names that it cannot guess keep it from forging time stamps.
  const nonce = randomBytes(8).toString('hex');
  const v = video === null ? null : videoPart(video.stream, video.index, video.request, nonce);
  const s = sound === null ? null : soundPart(tool, sound.stream, sound.request, nonce);
  const sync = atLeast(tool, 5, 1) ? '-fps_mode' : '-vsync';
  const args = ['-copyts'];
  if (v?.plan.keyOnly === true) args.push('-skip_frame', 'nokey');
  args.push(...inputArguments(input.path, input.demuxer, input.maxPixels));
  if (v !== null) {
    args.push('-map', `0:${v.plan.stream.index}`, '-vf', v.filter, sync, 'passthrough', '-f', 'rawvideo', 'pipe:1');
  }
  if (s !== null) {
    args.push('-map', `0:${s.plan.stream.index}`, '-af', s.filter, '-c:a', 'pcm_f32le', '-f', 'f32le');
    args.push(v === null ? 'pipe:1' : 'pipe:3');
  }
  return {
    path: input.path,
    args,
    video: v?.plan ?? null,
    sound: s?.plan ?? null,
    parameters: { decoder: `ffmpeg ${tool.version}`, ...v?.parameters, ...s?.parameters },
  };
}

function videoPart(stream: VideoStream, index: FrameIndex | null, request: FrameRequest, nonce: string) {
  const size = geometry(stream, request.maxPixels);
  const scaled = size.width !== size.sourceWidth || size.height !== size.sourceHeight;
  const scaler = request.scaler ?? 'area';
  const expression = selectExpression(request.sampling, index?.count ?? 0);
  const all = `showinfo@all${nonce}`;
  const picked = expression === null ? null : `showinfo@picked${nonce}`;
  const chain = [
    `${all}=checksum=0`,
    ...(expression === null ? [] : [`select='${expression}'`, `${picked}=checksum=0`]),
    // Always present: should the size change half way, frames still leave in the size that was announced.
    `scale=${size.width}:${size.height}:flags=${scaled ? scaler : 'bicubic'}`,
    'format=rgb24',
  ];
  const { sampling } = request;
  return {
    filter: chain.join(','),
    plan: { stream, geometry: size, all, picked, keyOnly: sampling.kind === 'key' && index?.times != null },
    parameters: {
      frames: samplingText(sampling),
      frameSize: `${size.width}x${size.height}`,
      scaling: scaled ? scaler : 'none',
      rotation: stream.rotation,
      pixels:
        `8 bit RGB by swscale, matrix ${stream.colorSpace ?? 'unmarked, taken as BT.601'}, ` +
        `range ${stream.colorRange ?? 'unmarked, taken as limited unless the pixel format says full'}`,
      timestamps: 'presentation time stamps of the container, no frame repeated or dropped',
    },
  };
}

/** More channels than ffmpeg's pan filter can name are mixed by its own matrix. */
const PAN_CHANNELS = 64;

function soundPart(tool: Ffmpeg, stream: AudioStream, request: SoundRequest, nonce: string) {
  const log = `ashowinfo@sound${nonce}`;
  const { channels } = stream;
  // Mixed in floating point: ffmpeg's default would mix 16 bit sound in integers and may exceed full scale.
  const chain = [log, 'aformat=sample_fmts=fltp'];
  const panned = channels > 1 && channels <= PAN_CHANNELS;
  if (panned) {
    const sum = Array.from({ length: channels }, (_, i) => `${1 / channels}*c${i}`).join('+');
    chain.push(`pan=mono|c0=${sum}`);
  } else if (channels > 1) {
    chain.push('aformat=channel_layouts=mono');
  }
  const resampled = stream.sampleRate !== request.sampleRate;
  // Precision 20 is soxr's "high quality", the setting of librosa's soxr_hq.
  const quality = tool.resampler === 'soxr' ? ':resampler=soxr:precision=20' : ':filter_size=64:phase_shift=10';
  // The rate is named also where it fits, for streams that change it half way.
  chain.push(`aresample=${request.sampleRate}${quality}`, 'aformat=sample_fmts=flt');
  return {
    filter: chain.join(','),
    plan: {
      stream,
      log,
      sampleRate: request.sampleRate,
      chunk: Math.max(1, Math.round(request.sampleRate * (request.chunkSeconds ?? 0.5))),
    },
    parameters: {
      sampleRate: request.sampleRate,
      resampler: resampled ? `${tool.resampler} from ${stream.sampleRate} Hz` : 'none',
      downmix:
        channels === 1
          ? 'none'
          : panned
            ? `mean of ${channels} channels (${stream.layout ?? 'no layout'})`
            : `ffmpeg's mix of ${channels} channels`,
    },
  };
}
