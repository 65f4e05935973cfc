/** Labelled folders: labels that do not match, copies under both labels, sources and systems from folders. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../src/workbench/evaluate/dataset.ts';
import { parseLabels } from '../../src/workbench/evaluate/labels.ts';
import { type Judged, measure, type Subject } from '../../src/workbench/evaluate/measure.ts';
import { plotsOf, renderPlot } from '../../src/workbench/evaluate/plots.ts';
import { freshFolder } from '../helpers/cli.ts';
import { gaussian } from '../helpers/sound.ts';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = freshFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

describe('labels.csv', () => {
  it('reads quotes, line ends, a byte order mark and either spelling of labels', () => {
    const text = '\uFEFFLabel,path,SOURCE,system\r\nreal,"a, b.png",cam,\r\n\r\n1,.\\dir\\c.png,,"say ""hi"""\n';
    expect(parseLabels(text)).toEqual([
      { path: 'a, b.png', fake: false, source: 'cam', system: null },
      { path: 'dir/c.png', fake: true, source: null, system: 'say "hi"' },
    ]);
  });

  it.each([
    ['', 'empty'],
    ['path\nx.png', 'path and label'],
    ['path,label,colour\nx,real,red', 'no column "colour"'],
    ['path,label\nx.png,maybe', 'line 2 has the label "maybe"'],
    ['path,label\nx.png', 'line 2 has 1 cells'],
    ['path,label\nx.png,real\nx.png,fake', 'twice (line 3)'],
    ['path,label\n"x.png,real', 'never closed'],
  ])('refuses %j', (text, message) => {
    expect(() => parseLabels(text)).toThrow(message);
  });
});

describe('a labelled folder', () => {
  it('takes sources and systems from sub-folders, and files without one as sources of their own', async () => {
    const folder = folderWith({
      'real/phone/1.png': 'a',
      'real/2.png': 'b',
      'fake/gan/deep/3.png': 'c',
      'other/4.png': 'd',
      'real/.DS_Store': 'x',
      'labels.csv': 'path,label,source,system\nother/4.png,fake,scene 7,diffusion\nreal/2.png,real,phone two,\n',
    });
    const { files, notes } = await readDataset(folder);
    expect(files.map(({ path, fake, source, system }) => [path, fake, source, system])).toEqual([
      ['fake/gan/deep/3.png', true, 'fake/gan', 'gan'],
      ['other/4.png', true, 'scene 7', 'diffusion'],
      ['real/2.png', false, 'phone two', null],
      ['real/phone/1.png', false, 'real/phone', null],
    ]);
    expect(notes).toEqual([]);
  });

  it('refuses the same bytes under both labels and counts copies once', async () => {
    const folder = folderWith({ 'real/1.png': 'same', 'real/2.png': 'same', 'fake/3.png': 'other', 'x.txt': '' });
    const { files, notes } = await readDataset(folder);
    expect(files).toHaveLength(2);
    expect(notes).toEqual([
      'x.txt is neither in real/, in fake/ nor in labels.csv and was left out.',
      'real/2.png holds the same bytes as real/1.png and was counted once.',
    ]);
    copyFileSync(join(folder, 'real/1.png'), join(folder, 'fake/9.png'));
    await expect(readDataset(folder)).rejects.toMatchObject({ code: 'evaluation.duplicate' });
  });

  it('refuses one kind, labels that contradict the folder, rows without a file, and no folder', async () => {
    const code = (folder: string) =>
      readDataset(folder).then(
        () => 'fine',
        (e: { code?: string }) => e.code,
      );
    expect(await code(folderWith({ 'real/1.png': 'a' }))).toBe('evaluation.one-class');
    const both = { 'real/1.png': 'a', 'fake/2.png': 'b' };
    expect(await code(folderWith({ ...both, 'labels.csv': 'path,label\nreal/1.png,fake' }))).toBe('evaluation.labels');
    expect(await code(folderWith({ ...both, 'labels.csv': 'path,label\nreal/7.png,real' }))).toBe('evaluation.labels');
    expect(await code(join(freshFolder(), 'none'))).toBe('evidence.not-found');
  });
});

describe('measuring a judge', () => {
  const subject: Subject = {
    name: 'd',
    kind: 'detector',
    family: 'temporal',
    pack: 'd@1.0.0',
    packSha256: null,
    threshold: 0.5,
    silent: 2,
  };
  const noise = gaussian(1);
  const list = Array.from({ length: 80 }, (_, i): Judged => {
    const fake = i % 2 === 0;
    return {
      fake,
      source: `${fake}${i % 14}`,
      score: 1 / (1 + Math.exp(-((fake ? 1.2 : -1.2) + noise()))),
      log10Lr: null,
      groups: fake ? { system: i % 4 === 0 ? 'gan' : 'diffusion' } : {},
    };
  });
  const options = { replicates: 100, seed: 1 };

  it('gives figures with intervals, held-out ratios, curves and systems each against all real files', () => {
    const { judge, fit } = measure(subject, list, options);
    expect(judge.error).toBeNull();
    expect(fit).not.toBeNull();
    expect(judge.ratios).toBe('held-out');
    const { auc, cllr, cllrMin } = judge.figures ?? {};
    expect(auc?.value ?? 0).toBeGreaterThan(0.85);
    expect(auc?.low ?? 2).toBeLessThan(auc?.value ?? 0);
    expect(cllr?.value ?? 9).toBeLessThan(1);
    expect(cllrMin?.value ?? 9).toBeLessThanOrEqual(cllr?.value ?? 0);
    expect(judge.subgroups.map((s) => [s.by, s.value, s.real, s.fake])).toEqual([
      ['system', 'diffusion', 40, 20],
      ['system', 'gan', 40, 20],
    ]);
    expect(measure(subject, list, options).judge).toEqual(judge);
  });

  it('bounds an error that never happened by three over n', () => {
    const clear = list.map((f) => ({ ...f, score: f.fake ? 0.9 + f.score / 20 : 0.1 - f.score / 20 }));
    const { judge } = measure(subject, clear, options);
    expect(judge.figures?.fpr).toEqual({ value: 0, low: 0, high: 3 / 40 });
  });

  it('answers one class, constant and broken scores with an error and no figure', () => {
    const codeOf = (files: readonly Judged[]) => measure(subject, files, options).judge.error?.code;
    expect(codeOf([])).toBe('evaluation.too-few');
    expect(codeOf(list.filter((f) => f.fake))).toBe('evaluation.one-class');
    expect(codeOf(list.map((f) => ({ ...f, score: 0.5 })))).toBe('evaluation.constant');
    expect(codeOf(list.map((f, i) => (i === 3 ? { ...f, score: Number.NaN } : f)))).toBe('evaluation.not-finite');
  });

  it('measures five files, and says what that is worth', () => {
    const five = list.slice(0, 5);
    const { judge, fit } = measure(subject, five, options);
    expect(fit).toBeNull();
    expect(judge.figures?.auc.value).not.toBeNull();
    expect(judge.figures?.cllr.value).toBeNull();
    expect(judge.notes.join(' ')).toMatch(/can be chance.*Not calibrated: A calibration needs at least 20/s);
    expect(JSON.stringify(judge)).not.toContain('null,null,null,null,null,null');
  });

  it('draws every plot as PNG and SVG', () => {
    const { judge } = measure(subject, list, options);
    const plots = judge.curves === null ? [] : plotsOf(judge, judge.curves);
    expect(plots.map((p) => p.kind)).toEqual(['roc', 'pav', 'reliability', 'det', 'tippett', 'ece']);
    for (const plot of plots) {
      const { png, svg } = renderPlot(plot);
      expect(Buffer.from(png).subarray(1, 4).toString()).toBe('PNG');
      expect(Buffer.from(png).readUInt32BE(16)).toBe(720);
      const text = Buffer.from(svg).toString();
      expect(text).toContain('<svg');
      // chart.js draws ticks, grid and line: far more than the empty canvas holds.
      expect(text.match(/<path/g)?.length ?? 0).toBeGreaterThan(20);
    }
  });
});
