/** Pictures of a report: the exhibit itself through the engine, artefacts from the store, all small enough for print. */
import { createHash, randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { artifactPath } from '../../casework/evidence/artifacts.ts';
import { bytesOf } from '../../casework/evidence/verify.ts';
import type { Exhibit } from '../../contract/case.ts';
import { asVidimusError, VidimusError } from '../../contract/errors.ts';
import type { FaceBox, ReportFigure } from '../../contract/report.ts';
import type { AnalysisResult, Artifact, Track } from '../../contract/result.ts';
import type { Workbench } from '../workbench.ts';

/** Longest side of a printed picture in pixels: 230 dots per inch over the width of a page. */
const MOST_SIDE = 1600;

export interface Figures {
  readonly figures: ReportFigure[];
  readonly leftOut: number;
  /** Pictures that should be here and are not, each as a sentence. */
  readonly problems: string[];
}

export interface FigureContext {
  readonly folder: string;
  readonly workbench: Pick<Workbench, 'call'>;
  readonly signal?: AbortSignal | undefined;
  /** Receives the bytes of every figure by SHA-256. */
  readonly pictures: Map<string, Uint8Array>;
}

/** Figures of one analysis, at most `most`: the exhibit with its faces, then artefacts, every method once before any twice. */
export async function figuresOf(
  context: FigureContext,
  exhibit: Exhibit,
  result: AnalysisResult,
  most: number,
): Promise<Figures> {
  const figures: ReportFigure[] = [];
  const problems: string[] = [];
  const artifacts = inTurn(result.artifacts.filter(({ file }) => file !== null));
  const wanted = result.mediaType === 'audio' ? artifacts.length : artifacts.length + 1;
  if (result.mediaType !== 'audio' && most > 0) {
    const made = await exhibitFigure(context, exhibit, result).catch((thrown: unknown) => said(thrown, problems));
    if (made) figures.push(made);
  }
  for (const artifact of artifacts) {
    if (figures.length + problems.length >= most) break;
    const made = await artifactFigure(context, artifact, result).catch((thrown: unknown) => said(thrown, problems));
    if (made) figures.push(made);
  }
  return { figures, leftOut: Math.max(0, wanted - figures.length - problems.length), problems };
}

/** A picture that cannot be had is said in the report; a cancel, a bug or bytes that changed end the work. */
function said(thrown: unknown, problems: string[]): null {
  const error = asVidimusError(thrown);
  if (error.family !== 'expected' || error.code === 'integrity.mismatch') throw error;
  problems.push(`A picture could not be printed: ${error.message}`);
  return null;
}

/** The same artefacts, those of the same detector apart from each other as far as can be. */
function inTurn(artifacts: readonly Artifact[]): Artifact[] {
  const seen = new Map<string, number>();
  return artifacts
    .map((artifact) => {
      const turn = seen.get(artifact.detector) ?? 0;
      seen.set(artifact.detector, turn + 1);
      return { artifact, turn };
    })
    .toSorted((a, b) => a.turn - b.turn)
    .map(({ artifact }) => artifact);
}

/** The frame that shows the most faces at once, the first of those. */
function telling(tracks: readonly Track[]): { readonly frame: number; readonly faces: FaceBox[] } {
  const byFrame = new Map<number, FaceBox[]>();
  for (const track of tracks)
    for (const { frame, box } of track.boxes) {
      const faces = byFrame.get(frame) ?? [];
      faces.push({ track: track.id, box });
      byFrame.set(frame, faces);
    }
  let best: { frame: number; faces: FaceBox[] } = { frame: 0, faces: [] };
  for (const [frame, faces] of byFrame)
    if (faces.length > best.faces.length || (faces.length === best.faces.length && frame < best.frame))
      best = { frame, faces };
  return best;
}

async function exhibitFigure(context: FigureContext, exhibit: Exhibit, result: AnalysisResult): Promise<ReportFigure> {
  const { frame, faces } = telling(result.tracks);
  const made = await smaller(context, bytesOf(context.folder, exhibit), frame, 'jpeg', result);
  if (made.sourceSha256 !== exhibit.sha256)
    throw new VidimusError('integrity.mismatch', `Exhibit ${exhibit.itemNumber} is not as it was taken in.`);
  const moving = result.mediaType === 'video';
  return {
    kind: faces.length > 0 ? 'faces' : 'exhibit',
    title: exhibit.originalName,
    detector: null,
    sha256: made.sha256,
    mime: 'image/jpeg',
    width: made.width,
    height: made.height,
    original: { sha256: exhibit.sha256, width: made.sourceWidth, height: made.sourceHeight },
    frame: moving ? made.frame : null,
    seconds: moving ? made.seconds : null,
    faces,
    parameters: {},
  };
}

async function artifactFigure(
  context: FigureContext,
  artifact: Artifact,
  result: AnalysisResult,
): Promise<ReportFigure> {
  const path = join(context.folder, artifactPath(artifact.sha256));
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new VidimusError('evidence.not-found', `The picture “${artifact.title}” is not in the store.`, { cause });
  });
  if (createHash('sha256').update(bytes).digest('hex') !== artifact.sha256)
    throw new VidimusError('integrity.mismatch', `The stored picture “${artifact.title}” was changed.`);
  const figure: ReportFigure = {
    kind: artifact.kind,
    title: artifact.title,
    detector: artifact.detector,
    sha256: artifact.sha256,
    mime: artifact.mime,
    width: artifact.width,
    height: artifact.height,
    original: null,
    frame: artifact.where?.frames?.[0] ?? null,
    seconds: artifact.where?.seconds?.[0] ?? null,
    faces: [],
    parameters: artifact.parameters,
  };
  if (Math.max(artifact.width, artifact.height) <= MOST_SIDE) {
    context.pictures.set(artifact.sha256, bytes);
    return figure;
  }
  const made = await smaller(context, path, 0, 'png', result);
  const { sha256, width, height } = made;
  return {
    ...figure,
    sha256,
    width,
    height,
    original: { sha256: artifact.sha256, width: artifact.width, height: artifact.height },
  };
}

/** A picture through the engine. Its bytes are kept in the context. */
async function smaller(
  context: FigureContext,
  path: string,
  frame: number,
  format: 'png' | 'jpeg',
  result: AnalysisResult,
) {
  const out = join(tmpdir(), `vidimus-${randomUUID()}.${format}`);
  const { maxPixels, timeLimitSeconds } = result.run.plan;
  const request = { path, frame, maxSide: MOST_SIDE, format, out, plan: { maxPixels, timeLimitSeconds } };
  try {
    const { signal } = context;
    const made = await context.workbench.call('media.picture', request, signal ? { signal } : {});
    context.pictures.set(made.sha256, await readFile(out));
    return made;
  } finally {
    await rm(out, { force: true });
  }
}
