/** What the examiner switches on, off and prefers, and what analyses then use. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MediaType } from '../../src/contract/words.ts';
import {
  findPack,
  listPacks,
  type ModelRoots,
  packsForTask,
  removePack,
  setDefault,
  setEnabled,
} from '../../src/engine/inference/registry.ts';
import { chooseDetectors } from '../../src/engine/stages/choose.ts';
import { openFaceFinder } from '../../src/engine/stages/faceFinder.ts';
import { modelHandlers } from '../../src/engine/stages/modelHandlers.ts';
import { SOLO_PLAN } from '../../src/engine/stages/soloPlan.ts';
import { tinyRoots, withFolder, writePack } from '../helpers/inference.ts';

const inRoots = (use: (roots: ModelRoots) => Promise<void>): Promise<void> =>
  withFolder(async (folder) => use(await tinyRoots(folder)));

const ids = async (roots: ModelRoots, mediaType?: MediaType): Promise<string[]> =>
  (await packsForTask(roots, 'face-forgery', mediaType)).map(({ manifest }) => `${manifest.id}@${manifest.version}`);

/** Media, and whether it is the default, of every pack. */
const shown = async (roots: ModelRoots) =>
  Object.fromEntries(
    (await listPacks(roots)).packs.map(({ manifest, media, enabled, isDefault }) => {
      expect(enabled).toBe(media.length > 0);
      return [`${manifest.id}@${manifest.version}`, [media.join(' '), isDefault]];
    }),
  );

const choose = (roots: ModelRoots, mediaType: MediaType, packs: string[] | null = null) =>
  chooseDetectors({ ...SOLO_PLAN, packs }, mediaType, { video: true, sound: true }, roots);

const missingReasons = async (roots: ModelRoots, mediaType: MediaType, packs: string[] | null = null) =>
  Object.fromEntries((await choose(roots, mediaType, packs)).missing.map(({ detector, reason }) => [detector, reason]));

describe('a pack that is off for one medium', () => {
  it('is used for the others, until it is switched on again', () =>
    inRoots(async (roots) => {
      await writePack(join(roots.user, 'tiny'));
      expect(await shown(roots)).toEqual({ 'tiny@1.0.0': ['image video', false] });
      await setEnabled(roots, 'tiny', false, ['video']);
      expect(await shown(roots)).toEqual({ 'tiny@1.0.0': ['image', false] });
      expect(await ids(roots, 'image')).toEqual(['tiny@1.0.0']);
      expect(await ids(roots, 'video')).toEqual([]);
      expect(await ids(roots)).toEqual(['tiny@1.0.0']);
      await setEnabled(roots, 'tiny', false, ['image']);
      expect(await shown(roots)).toEqual({ 'tiny@1.0.0': ['', false] });
      await setEnabled(roots, 'tiny', true, ['video']);
      expect(await shown(roots)).toEqual({ 'tiny@1.0.0': ['video', false] });
      await setEnabled(roots, 'tiny', false);
      await setEnabled(roots, 'tiny', true, ['image']);
      expect(await shown(roots)).toEqual({ 'tiny@1.0.0': ['image', false] });
      await setEnabled(roots, 'tiny', true);
      expect(await shown(roots)).toEqual({ 'tiny@1.0.0': ['image video', false] });
      expect(JSON.parse(readFileSync(join(roots.user, 'state.json'), 'utf8'))).toMatchObject({ disabled: {} });
    }));

  it('cannot be switched for a medium that its task does not look at', () =>
    inRoots(async (roots) => {
      await writePack(join(roots.user, 'tiny'));
      await expect(setEnabled(roots, 'tiny', false, ['image', 'audio'])).rejects.toMatchObject({
        code: 'usage.invalid',
        message: expect.stringContaining('audio'),
      });
      expect(await shown(roots)).toEqual({ 'tiny@1.0.0': ['image video', false] });
    }));

  it('gives way to another version of it', () =>
    inRoots(async (roots) => {
      await writePack(join(roots.user, 'tiny@1.0.0'));
      await writePack(join(roots.user, 'tiny@2.0.0'), { version: '2.0.0' });
      await setEnabled(roots, 'tiny@2.0.0', false, ['video']);
      expect(await ids(roots, 'video')).toEqual(['tiny@1.0.0']);
      expect(await ids(roots, 'image')).toEqual(['tiny@2.0.0']);
    }));
});

describe('the default of a task', () => {
  it('is one pack, and follows updates unless a version was named', () =>
    inRoots(async (roots) => {
      await writePack(join(roots.builtIn, 'alpha'), { id: 'alpha' });
      await writePack(join(roots.user, 'tiny@1.0.0'));
      await setDefault(roots, 'face-forgery', 'tiny');
      await writePack(join(roots.user, 'tiny@2.0.0'), { version: '2.0.0' });
      const of = async () =>
        Object.entries(await shown(roots))
          .filter(([, [, isDefault]]) => isDefault === true)
          .map(([name]) => name);
      expect(await of()).toEqual(['tiny@2.0.0']);
      expect(await ids(roots)).toEqual(['tiny@2.0.0', 'alpha@1.0.0']);
      await setDefault(roots, 'face-forgery', 'tiny@1.0.0');
      expect(await of()).toEqual(['tiny@1.0.0']);
      expect(await ids(roots)).toEqual(['tiny@1.0.0', 'alpha@1.0.0']);
      expect((await listPacks(roots, { id: 'tiny@2.0.0' })).packs).toMatchObject([{ isDefault: false }]);
      await setDefault(roots, 'face-forgery', null);
      expect(await of()).toEqual([]);
    }));

  it('given by id stays while a version is left and goes with the last', () =>
    inRoots(async (roots) => {
      await writePack(join(roots.user, 'tiny@1.0.0'));
      await writePack(join(roots.user, 'tiny@2.0.0'), { version: '2.0.0' });
      await setDefault(roots, 'face-forgery', 'tiny');
      await setEnabled(roots, 'tiny', false, ['video']);
      await removePack(roots, 'tiny@2.0.0');
      expect(await shown(roots)).toEqual({ 'tiny@1.0.0': ['image', true] });
      await removePack(roots, 'tiny');
      expect(JSON.parse(readFileSync(join(roots.user, 'state.json'), 'utf8'))).toMatchObject({
        disabled: {},
        defaults: {},
      });
    }));
});

describe('an analysis', () => {
  it('uses the packs that are on for its medium, and says why a task has none', () =>
    inRoots(async (roots) => {
      await writePack(join(roots.user, 'tiny'));
      const neural = async (mediaType: MediaType, packs: string[] | null = null) =>
        (await choose(roots, mediaType, packs)).detectors.filter((d) => d.id.includes('tiny')).length;
      expect([await neural('image'), await neural('video')]).toEqual([1, 1]);
      await setEnabled(roots, 'tiny', false, ['video']);
      expect([await neural('image'), await neural('video')]).toEqual([1, 0]);
      expect(await missingReasons(roots, 'video')).toMatchObject({
        'face-forgery': 'switched off for video',
        'speech-spoof': 'no pack',
      });
      // Asked for by name alone it stays off; with its version it runs.
      expect(await missingReasons(roots, 'video', ['tiny'])).toMatchObject({
        'face-forgery': 'switched off for video',
      });
      expect(await neural('video', ['tiny@1.0.0'])).toBe(1);
    }));

  it('runs the version that was asked for, not the newest', () =>
    inRoots(async (roots) => {
      await writePack(join(roots.user, 'tiny@1.0.0'));
      await writePack(join(roots.user, 'tiny@2.0.0'), { version: '2.0.0' });
      await writePack(join(roots.user, 'other'), {
        id: 'other',
        task: 'image-forgery',
        input: { ...(await findPack(roots, 'tiny')).manifest.input, kind: 'image' },
      });
      const { detectors, missing } = await choose(roots, 'image', ['tiny@1.0.0']);
      expect(detectors.filter((d) => d.id.includes('tiny')).map((d) => d.version)).toEqual(['1.0.0']);
      expect(missing.find((m) => m.detector === 'image-forgery')?.reason).toContain('not among those asked for');
      await expect(choose(roots, 'image', ['absent'])).rejects.toMatchObject({ code: 'pack.missing' });
    }));

  it('finds no faces where every detector of faces is off', () =>
    inRoots(async (roots) => {
      const reason = async (mediaType: MediaType) => (await openFaceFinder(SOLO_PLAN, mediaType, roots)).reason;
      expect(await reason('video')).toContain('no pack');
      await writePack(join(roots.user, 'finder'), { id: 'finder', task: 'face-detection' });
      await setEnabled(roots, 'finder', false, ['video']);
      expect(await reason('video')).toContain('switched off for video');
    }));
});

describe('the calls of the API', () => {
  it('switch a pack off and on again, also when it is off already', () =>
    inRoots(async (roots) => {
      await writePack(join(roots.user, 'tiny'));
      const handlers = modelHandlers(roots, () => Promise.reject(new Error('no analysis here')));
      const context = { signal: new AbortController().signal, progress: () => undefined };
      const enable = (enabled: boolean, media: MediaType[] | null, version: string | null = null) =>
        handlers['models.enable']({ id: 'tiny', version, enabled, media }, context);
      expect((await enable(false, null)).packs).toMatchObject([{ enabled: false, media: [] }]);
      expect((await enable(true, ['video'])).packs).toMatchObject([{ enabled: true, media: ['video'] }]);
      expect((await enable(true, null, '1.0.0')).packs).toMatchObject([{ media: ['image', 'video'] }]);
      await expect(enable(true, null, '9.0.0')).rejects.toMatchObject({ code: 'pack.missing' });
      const prefer = (pack: { id: string; version: string | null } | null) =>
        handlers['models.default']({ task: 'face-forgery', pack }, context);
      expect((await prefer({ id: 'tiny', version: '1.0.0' })).packs).toMatchObject([{ isDefault: true }]);
      expect((await prefer(null)).packs).toMatchObject([{ isDefault: false }]);
    }));
});
