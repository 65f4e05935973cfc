/** Types that the rooms of the engine hand to each other. No logic lives here. */
import type {
  Anomaly,
  Artifact,
  Box,
  FacePoints,
  Observation,
  PackUse,
  Series,
  Structure,
} from '../contract/result.ts';
import type { Family, MediaType } from '../contract/words.ts';

/** Upright 8-bit picture: `data` holds height x width x 3 bytes, rows from the top, R G B. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A decoded frame. `index` is the number in the source from 0, `time` its presentation time in seconds. */
export interface Frame extends RgbImage {
  readonly index: number;
  readonly time: number;
  readonly key: boolean;
}

/** Mono sound, -1..1, from `time` seconds on. */
export interface PcmChunk {
  readonly time: number;
  readonly sampleRate: number;
  readonly samples: Float32Array;
}

/** A face in one frame; the box is in the frame's pixels. */
export interface Face {
  readonly box: Box;
  readonly points: FacePoints | null;
  readonly probability: number;
}

/** A face with the identity the tracker gave it. */
export interface TrackedFace extends Face {
  readonly track: number;
  readonly detected: boolean;
}

/** What a detector is shown of one frame. */
export interface AnalysedFrame {
  readonly frame: Frame;
  readonly faces: readonly TrackedFace[];
  /** Whether the frame follows a scene cut, so that change is not called an anomaly. */
  readonly sceneCut: boolean;
}

/** A PNG made by a detector; the pipeline names, hashes and writes it. */
export interface ArtifactPng {
  readonly meta: Omit<Artifact, 'sha256' | 'file' | 'detector'>;
  readonly png: Uint8Array;
}

/** What a detector leaves behind. */
export interface DetectorOutput {
  readonly observations: readonly Observation[];
  readonly series?: readonly Series[];
  readonly anomalies?: readonly Anomaly[];
  readonly artifacts?: readonly ArtifactPng[];
  readonly structures?: readonly Structure[];
  /** Packs that ran, for the record. */
  readonly packs?: readonly PackUse[];
}

/** The exhibit as detectors see it. The file is opened read-only. */
export interface EvidenceView {
  readonly path: string;
  readonly mediaType: MediaType;
  readonly evidence: import('../contract/result.ts').Evidence;
}

/** Given to every detector when an analysis starts. */
export interface DetectorContext {
  readonly exhibit: EvidenceView;
  readonly plan: import('../contract/result.ts').Plan;
  readonly signal: AbortSignal;
  /** Upright size of picture or video; null for sound. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** False where no face detector ran: an empty list of faces then says nothing. */
  readonly facesAssessed: boolean;
}

/** One detector at work on one exhibit. Calls come one after another; a returned promise holds the decoder back. */
export interface DetectorRun {
  /** The pixels are the detector's only until the promise settles: later frames are written over them. Copy what is kept. */
  frame?(frame: AnalysedFrame): void | Promise<void>;
  pcm?(chunk: PcmChunk): void | Promise<void>;
  finish(): DetectorOutput | Promise<DetectorOutput>;
  /** Called exactly once, also after failure or cancel. */
  dispose?(): void | Promise<void>;
}

/** A method that yields observations. `needs` tells the pipeline what to decode for it. */
export interface Detector {
  readonly id: string;
  readonly version: string;
  readonly family: Family;
  readonly mediaTypes: readonly MediaType[];
  readonly needs: {
    readonly frames: boolean;
    readonly faces: boolean;
    readonly pcm: boolean;
    /**
     * `native`: sound as the stream carries it, not resampled to `plan.sampleRate` (the default). A detector that
     * asks for it must still take whatever rate its chunks have and say what was lost.
     */
    readonly pcmRate?: 'plan' | 'native';
  };
  start(context: DetectorContext): DetectorRun | Promise<DetectorRun>;
}
