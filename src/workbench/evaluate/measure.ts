/** All figures of one judge (a detector, or the opinion as a whole) from what it said of labelled files. */
import { toWire, VidimusError } from '../../contract/errors.ts';
import type { Figure, FigureName, Figures, Judge, Subgroup } from '../../contract/evaluation.ts';
import { bootstrap, type Metrics, type Sourced, sourcesOf } from './bootstrap.ts';
import { calibrate, type Fit } from './calibrate.ts';
import { curvesOf } from './curves.ts';
import { confusionOf, ratesOf } from './decisions.ts';
import { calibrationErrorOf, cllrMinOf, cllrOf, reliabilityOf } from './likelihood.ts';
import { aucOf, eerOf, tprAtFpr } from './roc.ts';
import { checkScores, type Tally, tallyOf, uncheckedTally } from './tally.ts';

/** One file that the judge spoke to. `log10Lr` is what an installed calibration reported. */
export interface Judged extends Sourced {
  readonly log10Lr: number | null;
  readonly groups: Readonly<Partial<Record<Subgroup['by'], string>>>;
}

export interface Subject {
  readonly name: string;
  readonly kind: Judge['kind'];
  readonly family: Judge['family'];
  readonly pack: string | null;
  readonly packSha256: string | null;
  readonly threshold: number;
  /** Files to which it did not speak. */
  readonly silent: number;
}

export interface MeasureOptions {
  readonly replicates: number;
  readonly seed: number;
}

const BELOW_THIS_SAY_SO = 10;
const FEW_SOURCES = 5;

/** A judge with, where the set allowed one, the calibration fitted on the way. */
export interface Measured {
  readonly judge: Judge;
  readonly fit: Fit | null;
}

/** Measures a judge. What cannot be measured becomes the judge's `error`; nothing is thrown for bad scores. */
export function measure(subject: Subject, list: readonly Judged[], options: MeasureOptions): Measured {
  const { silent, ...identity } = subject;
  const base = {
    ...identity,
    counts: {
      real: list.filter((f) => !f.fake).length,
      fake: list.filter((f) => f.fake).length,
      realSources: sourcesOf(list, false),
      fakeSources: sourcesOf(list, true),
      silent,
    },
  };
  try {
    checkScores(list);
  } catch (thrown) {
    const { detail: _, ...error } = toWire(thrown);
    const nothing = { figures: null, confusion: null, ratios: null, calibrationError: null, curves: null };
    return { judge: { ...base, ...nothing, error, subgroups: [], notes: [] }, fit: null };
  }
  const notes = remarks(base.counts);
  const fit = subject.kind === 'detector' ? tryCalibrate(list, notes) : null;
  const ratios = ratiosOf(list, fit);
  const tally = tallyOf(list);
  const confusion = confusionOf(tally, subject.threshold);
  const { threshold: _, ...cells } = confusion;
  const figures = figuresOf(list, ratios?.values ?? null, subject.threshold, options);
  const bins = reliabilityOf(tally);
  const lrs =
    ratios === null ? null : uncheckedTally(list.map(({ fake }, i) => ({ fake, score: ratios.values[i] ?? 0 })));
  return {
    judge: {
      ...base,
      error: null,
      figures,
      confusion: cells,
      ratios: ratios?.from ?? null,
      calibrationError: calibrationErrorOf(bins),
      curves: curvesOf(tally, lrs, bins),
      subgroups: subgroupsOf(list, subject.threshold, options),
      notes,
    },
    fit,
  };
}

function remarks(counts: Judge['counts']): string[] {
  const notes: string[] = [];
  for (const kind of ['real', 'fake'] as const) {
    const name = kind === 'real' ? 'real' : 'manipulated';
    if (counts[kind] < BELOW_THIS_SAY_SO)
      notes.push(`Only ${counts[kind]} ${name} files were scored; the figures can be chance.`);
    if (counts[`${kind}Sources`] === 1 && counts[kind] > 1)
      notes.push(`All ${name} files come from one source; intervals over its files are too narrow.`);
    else if (counts[`${kind}Sources`] < FEW_SOURCES && counts[kind] > 1)
      notes.push(`${name} files come from ${counts[`${kind}Sources`]} sources; intervals over so few are too narrow.`);
  }
  return notes;
}

function tryCalibrate(list: readonly Judged[], notes: string[]): Fit | null {
  try {
    return calibrate(list);
  } catch (thrown) {
    if (!(thrown instanceof VidimusError) || thrown.family !== 'expected') throw thrown;
    notes.push(`Not calibrated: ${thrown.message}`);
    return null;
  }
}

/** Natural log LRs of all files: held out where a calibration was fitted here, else as reported, if all have one. */
function ratiosOf(
  list: readonly Judged[],
  fit: Fit | null,
): { readonly from: 'held-out' | 'reported'; readonly values: readonly number[] } | null {
  if (fit !== null) return { from: 'held-out', values: fit.heldOut };
  const reported = list.flatMap((f) => (f.log10Lr === null ? [] : [f.log10Lr * Math.LN10]));
  return reported.length === list.length ? { from: 'reported', values: reported } : null;
}

const NOTHING: Figure = { value: null, low: null, high: null };
const SCORE_FIGURES = ['auc', 'eer', 'tprAt1pctFpr', 'precision', 'recall', 'f1', 'accuracy', 'fpr', 'fnr'] as const;
const RATIO_FIGURES = ['cllr', 'cllrMin', 'cllrCal'] as const;

function scoreMetrics(tally: Tally, threshold: number): Metrics<(typeof SCORE_FIGURES)[number]> {
  const rates = ratesOf(confusionOf(tally, threshold));
  return { auc: aucOf(tally), eer: eerOf(tally), tprAt1pctFpr: tprAtFpr(tally, 0.01), ...rates };
}

function ratioMetrics(tally: Tally): Metrics<(typeof RATIO_FIGURES)[number]> {
  const cllr = cllrOf(tally);
  const cllrMin = cllrMinOf(tally);
  return { cllr, cllrMin, cllrCal: cllr - cllrMin };
}

function figuresOf(
  list: readonly Judged[],
  ratios: readonly number[] | null,
  threshold: number,
  options: MeasureOptions,
): Figures {
  const byScore = withIntervals(list, (t) => scoreMetrics(t, threshold), SCORE_FIGURES, options);
  // Without ratios Cllr_min of the scores still tells what the best calibration could reach.
  const lrs = ratios === null ? list : list.map((f, i) => ({ ...f, score: ratios[i] ?? 0 }));
  const byRatio = withIntervals(lrs, ratioMetrics, RATIO_FIGURES, options);
  const out = new Map<FigureName, Figure>([...byScore, ...byRatio]);
  if (ratios === null) for (const name of ['cllr', 'cllrCal'] as const) out.set(name, NOTHING);
  const figure = (name: FigureName): Figure => out.get(name) ?? NOTHING;
  const n = (fake: boolean): number => list.filter((f) => f.fake === fake).length;
  out.set('fpr', ruleOfThree(figure('fpr'), n(false)));
  out.set('fnr', ruleOfThree(figure('fnr'), n(true)));
  return {
    auc: figure('auc'),
    eer: figure('eer'),
    tprAt1pctFpr: figure('tprAt1pctFpr'),
    precision: figure('precision'),
    recall: figure('recall'),
    f1: figure('f1'),
    accuracy: figure('accuracy'),
    fpr: figure('fpr'),
    fnr: figure('fnr'),
    cllr: figure('cllr'),
    cllrMin: figure('cllrMin'),
    cllrCal: figure('cllrCal'),
  };
}

function withIntervals<K extends string>(
  list: readonly Sourced[],
  metrics: (tally: Tally) => Metrics<K>,
  names: readonly K[],
  options: MeasureOptions,
): Map<K, Figure> {
  const values = metrics(uncheckedTally(list));
  const intervals = bootstrap(list, metrics, names, options);
  return new Map(
    names.map((name) => {
      const value = values[name];
      const finite = value !== null && Number.isFinite(value);
      const interval = intervals.get(name);
      return [name, finite ? { value, low: interval?.low ?? null, high: interval?.high ?? null } : NOTHING];
    }),
  );
}

/** No error in n trials does not mean none: the 95 % upper bound is about 3 / n (Hanley and Lippman-Hand 1983). */
function ruleOfThree(figure: Figure, n: number): Figure {
  return figure.value === 0 ? { ...figure, high: Math.max(figure.high ?? 0, Math.min(1, 3 / n)) } : figure;
}

const SUBGROUPS = ['system', 'quality', 'size', 'source'] as const;
/** Listing every file of a set without sources as a subgroup of its own says nothing. */
const LEAST_IN_SUBGROUP = 2;

/** Each value of each grouping; real files have no system and count beside every one. */
function subgroupsOf(list: readonly Judged[], threshold: number, options: MeasureOptions): Subgroup[] {
  const out: Subgroup[] = [];
  for (const by of SUBGROUPS) {
    const values = new Set(list.flatMap((f) => f.groups[by] ?? []));
    if (values.size < 2 && by !== 'system') continue;
    for (const value of [...values].sort()) {
      const mine = list.filter((f) => f.groups[by] === value);
      if (mine.length < LEAST_IN_SUBGROUP) continue;
      const part = by === 'system' ? [...list.filter((f) => !f.fake), ...mine] : mine;
      const real = part.filter((f) => !f.fake).length;
      const fake = part.length - real;
      out.push({ by, value, real, fake, ...partFigures(part, threshold, real, fake, options) });
    }
  }
  return out;
}

function partFigures(
  part: readonly Judged[],
  threshold: number,
  real: number,
  fake: number,
  options: MeasureOptions,
): Pick<Subgroup, 'auc' | 'eer' | 'fpr' | 'fnr'> {
  if (real > 0 && fake > 0) {
    const names = ['auc', 'eer', 'fpr', 'fnr'] as const;
    const metrics = (t: Tally) => {
      const { fpr, fnr } = ratesOf(confusionOf(t, threshold));
      return { auc: aucOf(t), eer: eerOf(t), fpr, fnr };
    };
    const figures = withIntervals(part, metrics, names, { ...options, replicates: Math.min(200, options.replicates) });
    const at = (name: (typeof names)[number]): Figure => figures.get(name) ?? NOTHING;
    return { auc: at('auc'), eer: at('eer'), fpr: ruleOfThree(at('fpr'), real), fnr: ruleOfThree(at('fnr'), fake) };
  }
  // One kind only: its own error rate exists, what compares both kinds does not.
  const wrong = part.filter((f) => f.score >= threshold !== f.fake).length;
  const rate: Figure = ruleOfThree({ value: wrong / part.length, low: null, high: null }, part.length);
  return { auc: NOTHING, eer: NOTHING, fpr: fake === 0 ? rate : NOTHING, fnr: fake === 0 ? NOTHING : rate };
}
