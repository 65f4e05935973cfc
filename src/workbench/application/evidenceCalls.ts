/** Calls for looking at an exhibit, and the files that stand behind evidence:// addresses. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { artifactPath } from '../../casework/evidence/artifacts.ts';
import { bytesOf } from '../../casework/evidence/verify.ts';
import { listAnalyses, readResult } from '../../casework/records/analyses.ts';
import { getExhibit } from '../../casework/records/exhibits.ts';
import type { EVIDENCE_API, EvidenceView } from '../../contract/apiEvidence.ts';
import { VidimusError } from '../../contract/errors.ts';
import { makePlan } from '../plans.ts';
import type { Workbench } from '../workbench.ts';
import type { Handlers } from './calls.ts';
import type { OpenCases } from './openCases.ts';

type EvidenceName = keyof typeof EVIDENCE_API;

/** A file to be shown, and what it is. */
export interface Shown {
  readonly path: string;
  readonly mime: string;
}

/** Frames are made in runs: stepping through them then waits once per run. */
const RUN = 16;
const THUMBNAIL = 160;
/** Frames of one exhibit that are kept; beyond, the oldest run is thrown away. */
const RUNS_KEPT = 24;

interface Opened {
  readonly view: EvidenceView;
  readonly handle: string;
  readonly path: string;
  readonly caseFolder: string;
  readonly folder: string;
  sound: Promise<{ file: string; sampleRate: number }> | null;
  readonly runs: Map<string, Promise<void>>;
  /** Stops what is being made for the eye when the case is closed. */
  readonly closing: AbortController;
}

/** Exhibits under view. What is made for the eye lies in a folder of its own that goes away at the end. */
export class EvidenceRoom {
  readonly #open: OpenCases;
  readonly #workbench: Pick<Workbench, 'call'>;
  readonly #opened = new Map<string, Opened>();
  readonly #byExhibit = new Map<string, Promise<EvidenceView>>();
  #root: Promise<string> | null = null;
  readonly #limits = ((plan) => ({ maxPixels: plan.maxPixels, timeLimitSeconds: plan.timeLimitSeconds }))(makePlan());

  constructor(open: OpenCases, workbench: Pick<Workbench, 'call'>) {
    this.#open = open;
    this.#workbench = workbench;
  }

  /** Handlers of the contract. */
  calls(): Handlers<EvidenceName> {
    const db = (handle: string) => this.#open.get(handle).target.db;
    return {
      'analysis.list': ({ case: handle, exhibit }) => listAnalyses(db(handle), exhibit),
      'analysis.read': ({ case: handle, analysis }) => readResult(db(handle), analysis),
      'evidence.open': ({ case: handle, exhibit }) => {
        const key = `${handle}/${exhibit}`;
        const known = this.#byExhibit.get(key);
        if (known !== undefined) return known;
        const view: Promise<EvidenceView> = this.#view(handle, exhibit).then(async (made) => {
          if (this.#byExhibit.get(key) === view) return made;
          // The case was closed while the exhibit was being opened.
          await this.#forget(made.id);
          throw new VidimusError('case.unknown', 'The case was closed meanwhile.');
        });
        this.#byExhibit.set(key, view);
        view.catch(() => this.#byExhibit.delete(key));
        return view;
      },
      'evidence.waveform': async ({ id, from, to, points }, { signal }) => {
        const sound = await this.#soundOf(this.#get(id));
        return this.#workbench.call('view.waveform', { sound, from, to, points }, { signal });
      },
      'evidence.spectrogram': async ({ id, wish }, { signal }) => {
        const sound = await this.#soundOf(this.#get(id));
        return this.#workbench.call('view.spectrogram', { sound, wish }, { signal });
      },
    };
  }

  /**
   * The file behind `<id>/<what>`; null where there is none. Frames are decoded by the engine when they are asked for.
   * @throws VidimusError evidence.*, case.unknown
   */
  async file(id: string, what: string): Promise<Shown | null> {
    const opened = this.#get(id);
    if (what === 'media') return { path: opened.path, mime: opened.view.mime };
    if (what === 'thumbnail.png') return this.#frame(opened, 0, THUMBNAIL);
    const frame = /^frame\/(\d{1,9})\.png$/.exec(what);
    if (frame !== null) return this.#frame(opened, Number(frame[1]), null);
    const artifact = /^artifact\/([0-9a-f]{64})\.png$/.exec(what);
    if (artifact === null) return null;
    return inside(opened.caseFolder, join(opened.caseFolder, artifactPath(artifact[1] ?? '')));
  }

  /** Forgets what is open of a case; what is still being made of it is stopped first. */
  async closeCase(handle: string): Promise<void> {
    for (const key of this.#byExhibit.keys()) if (key.startsWith(`${handle}/`)) this.#byExhibit.delete(key);
    const own = [...this.#opened].filter(([, opened]) => opened.handle === handle);
    await Promise.all(own.map(([id]) => this.#forget(id)));
  }

  async #forget(id: string): Promise<void> {
    const opened = this.#opened.get(id);
    if (opened === undefined) return;
    this.#opened.delete(id);
    opened.closing.abort();
    // A folder cannot be removed while an engine writes into it.
    await Promise.allSettled([...opened.runs.values(), opened.sound]);
    await rm(opened.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async close(): Promise<void> {
    this.#opened.clear();
    this.#byExhibit.clear();
    if (this.#root !== null) await rm(await this.#root, { recursive: true, force: true });
  }

  #get(id: string): Opened {
    const opened = this.#opened.get(id);
    if (opened === undefined)
      throw new VidimusError('case.unknown', 'This exhibit is not open for viewing.', { advice: 'Open it again.' });
    return opened;
  }

  async #view(handle: string, exhibitId: string): Promise<EvidenceView> {
    const { target } = this.#open.get(handle);
    const exhibit = getExhibit(target.db, exhibitId);
    const path = bytesOf(target.folder, exhibit);
    const said = await this.#workbench.call('view.open', { path, limits: this.#limits });
    this.#root ??= mkdtemp(join(tmpdir(), 'vidimus-view-'));
    const id = randomBytes(16).toString('hex');
    const folder = join(await this.#root, id);
    await mkdir(folder);
    // The name a copy has in the store says nothing to anybody.
    const view = { ...said, id, name: exhibit.originalName };
    const room = { sound: null, runs: new Map<string, Promise<void>>(), closing: new AbortController() };
    this.#opened.set(id, { view, handle, path, caseFolder: target.folder, folder, ...room });
    return view;
  }

  #soundOf(opened: Opened): Promise<{ file: string; sampleRate: number }> {
    const file = join(opened.folder, 'sound.f32');
    const made = async () => {
      const args = { path: opened.path, limits: this.#limits, out: file };
      const { sampleRate } = await this.#workbench.call('view.sound', args, { signal: opened.closing.signal });
      return { file, sampleRate };
    };
    opened.sound ??= made();
    opened.sound.catch(() => {
      opened.sound = null;
    });
    return opened.sound;
  }

  async #frame(opened: Opened, index: number, maxSide: number | null): Promise<Shown | null> {
    const { view, folder, path, runs, closing } = opened;
    if (view.width === null) return null;
    const count = maxSide === null && view.mediaType === 'video' ? RUN : 1;
    const from = index - (index % count);
    const out = join(folder, maxSide === null ? 'frames' : `small-${maxSide}`);
    const file = join(out, `${index}.png`);
    const key = `${out}/${from}`;
    if (!existsSync(file)) {
      let run = runs.get(key);
      if (run === undefined) {
        const args = { path, limits: this.#limits, from, count, maxSide, out };
        run = this.#workbench.call('view.frames', args, { signal: closing.signal }).then(() => undefined);
        runs.set(key, run);
        run.catch(() => runs.delete(key));
        void this.#trim(opened, count);
      }
      await run;
    }
    return existsSync(file) ? { path: file, mime: 'image/png' } : null;
  }

  async #trim({ runs }: Opened, count: number): Promise<void> {
    for (const [key, run] of runs) {
      if (runs.size <= RUNS_KEPT) return;
      runs.delete(key);
      await run.catch(() => undefined);
      const cut = key.lastIndexOf('/');
      const [out, from] = [key.slice(0, cut), Number(key.slice(cut + 1))];
      for (let i = from; i < from + count; i++) await rm(join(out, `${i}.png`), { force: true });
    }
  }
}

/** The file if it really lies inside the folder, whatever links say. */
async function inside(folder: string, path: string): Promise<Shown | null> {
  const real = await realpath(path).catch(() => null);
  if (real === null) return null;
  const way = relative(await realpath(folder), real);
  return way.startsWith('..') || isAbsolute(way) ? null : { path: real, mime: 'image/png' };
}
