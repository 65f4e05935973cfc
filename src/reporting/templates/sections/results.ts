/** Results: facts only, as they were measured and stored. */
import type { ReportAnalysis, ReportChart, ReportExhibit, ReportFigure } from '../../../contract/report.ts';
import type { Observation } from '../../../contract/result.ts';
import { rangeOf } from '../../figures/fit.ts';
import { numberText, visible } from '../../figures/text.ts';
import { utcText } from '../../model/moment.ts';
import type { Block } from '../blocks.ts';
import type { Words } from '../words/en.ts';
import { body, filled, heading, perExhibit, type Section, small, whereText } from './tools.ts';

export const results: Section = (model, words) => [
  body(words.results.intro),
  ...(words.storedLanguage === '' ? [] : [small(words.storedLanguage)]),
  ...perExhibit(model, words, (one) => exhibitResults(one, words), true),
];

function exhibitResults(one: ReportExhibit, words: Words): Block[] {
  if (one.analyses.length === 0) return [body(words.results.none)];
  return [...one.analyses.flatMap((analysis) => analysisBlocks(analysis, words)), ...bookmarks(one, words)];
}

function analysisBlocks(analysis: ReportAnalysis, words: Words): Block[] {
  const w = words.results;
  const { record } = analysis;
  const spoke = analysis.observations.filter(({ status }) => status === 'ok');
  return [
    {
      kind: 'fields',
      rows: filled([
        [w.analysis, record.id, true],
        [w.done, `${utcText(record.finishedUtc)}, ${w.by} ${record.byExaminer}`],
        [w.plan, record.planHash, true],
        [w.result, record.resultSha256, true],
        [w.attachment, analysis.attachment, true],
        [w.followed, analysis.tracks > 0 ? w.faces(analysis.tracks) : null],
      ]),
    },
    ...figures(analysis, words),
    heading(3, w.measured(spoke.length)),
    ...measured(spoke, words),
    heading(3, w.anomalies),
    ...anomalies(analysis, words),
    heading(3, w.notAssessed),
    ...notAssessed(analysis, words),
  ];
}

/** One table for each method, so that its name stands once. */
function measured(spoke: readonly Observation[], words: Words): Block[] {
  const w = words.results;
  if (spoke.length === 0) return [body(w.nothingMeasured)];
  return [
    {
      kind: 'table',
      caption: null,
      columns: [
        { title: w.method, share: 23, look: 'text' },
        { title: w.quantity, share: 29, look: 'text' },
        { title: w.value, share: 13, look: 'number' },
        { title: w.unit, share: 15, look: 'text' },
        { title: w.threshold, share: 13, look: 'number' },
        { title: w.direction, share: 20, look: 'text' },
      ],
      rows: spoke.map((o, i) => [
        spoke[i - 1]?.detector === o.detector ? '' : `${o.detector} ${o.version}`,
        remarked(o),
        o.value === null ? '' : numberText(o.value),
        o.unit,
        o.threshold === undefined ? '' : numberText(o.threshold),
        w.directions[o.direction],
      ]),
    },
  ];
}

/** The quantity, where it was measured, and what a calibration made of it. */
function remarked({ quantity, where, log10Lr, profile, pack }: Observation): string {
  const use = profile ? `${profile.profile}${profile.reason === null ? '' : `: ${visible(profile.reason)}`}` : '';
  const ratio = log10Lr === undefined || log10Lr === null ? '' : `log10 LR ${numberText(log10Lr)}`;
  return [quantity, whereText(where), ratio, pack ?? '', use].filter((part) => part !== '').join('\n');
}

function anomalies({ anomalies: list }: ReportAnalysis, words: Words): Block[] {
  const w = words.results;
  if (list.length === 0) return [body(w.noAnomalies)];
  return [
    {
      kind: 'table',
      caption: null,
      columns: [
        { title: w.type, share: 22, look: 'text' },
        { title: w.severity, share: 10, look: 'text' },
        { title: w.what, share: 50, look: 'text' },
        { title: w.where, share: 18, look: 'text' },
      ],
      rows: list.map((a) => [a.type, w.severities[a.severity], visible(a.description), whereText(a.where)]),
    },
  ];
}

function notAssessed({ observations, notAssessed: left }: ReportAnalysis, words: Words): Block[] {
  const w = words.results;
  const spoken = new Set(observations.map(({ detector }) => detector));
  const silent = [
    ...left.filter(({ detector }) => !spoken.has(detector)).map((one) => ({ ...one, quantity: '' })),
    ...observations.filter(({ status }) => status !== 'ok'),
  ];
  if (silent.length === 0) return [body(w.nothingLeftOut)];
  // A method that could not be applied says so once for each of its quantities; the reason stands once.
  const grouped = new Map<string, { detector: string; reason: string; quantities: string[] }>();
  for (const { detector, quantity, reason = '' } of silent) {
    const key = `${detector}\n${reason}`;
    const group = grouped.get(key) ?? { detector, reason, quantities: [] };
    if (quantity !== '' && !group.quantities.includes(quantity)) group.quantities.push(quantity);
    grouped.set(key, group);
  }
  return [
    {
      kind: 'table',
      caption: null,
      columns: [
        { title: w.method, share: 24, look: 'text' },
        { title: w.quantity, share: 32, look: 'text' },
        { title: w.reason, share: 44, look: 'text' },
      ],
      rows: [...grouped.values()].map(({ detector, reason, quantities }) => [
        detector,
        quantities.join(', '),
        visible(reason),
      ]),
    },
  ];
}

function figures(analysis: ReportAnalysis, words: Words): Block[] {
  const { charts, timeline, figuresLeftOut, chartsLeftOut } = analysis;
  const blocks: Block[] = analysis.figures.map((fig) => {
    const text = figureText(fig, words);
    return { kind: 'figure', figure: fig, caption: text, alt: text };
  });
  if (timeline) {
    const spans = timeline.spans
      .slice(0, 50)
      .map((s) => `${s.lane} ${visible(s.label)} ${numberText(s.from)}–${numberText(s.to)} s`);
    blocks.push({
      kind: 'timeline',
      timeline,
      caption: words.figure.timeline,
      alt: words.figure.timelineAlt(spans.join('; ')),
    });
  }
  for (const chart of charts) blocks.push(chartBlock(chart, words));
  if (figuresLeftOut > 0) blocks.push(small(words.results.figuresLeftOut(figuresLeftOut)));
  if (chartsLeftOut > 0) blocks.push(small(words.results.chartsLeftOut(chartsLeftOut)));
  return blocks.length === 0 ? [] : [heading(3, words.results.figures), ...blocks];
}

function figureText(fig: ReportFigure, words: Words): string {
  const w = words.figure;
  const seconds = numberText(fig.seconds ?? 0);
  const what =
    fig.kind === 'faces'
      ? fig.frame === null
        ? w.still(fig.faces.length)
        : w.faces(fig.frame, seconds, fig.faces.length)
      : fig.kind === 'exhibit'
        ? fig.frame === null
          ? w.exhibit
          : w.frame(fig.frame, seconds)
        : `${visible(fig.detector ?? '')}: ${visible(fig.title)}`;
  const { original } = fig;
  const smaller =
    original && original.width !== fig.width ? w.scaled(fig.width, fig.height, original.width, original.height) : '';
  return [`${what}.`, smaller, `SHA-256 ${original?.sha256 ?? fig.sha256}.`].filter((part) => part !== '').join(' ');
}

function chartBlock(chart: ReportChart, words: Words): Block {
  const w = words.figure;
  const [low, high] = rangeOf(chart.y);
  const title = visible(chart.title);
  const caption = [
    w.chart(title, chart.unit, chart.stored),
    chart.stored > chart.x.length ? w.thinned : '',
    chart.y.includes(null) ? w.gaps : '',
    chart.threshold === null ? '' : w.threshold(numberText(chart.threshold)),
  ];
  return {
    kind: 'chart',
    chart,
    caption: caption.filter((part) => part !== '').join(' '),
    alt: w.chartAlt(title, numberText(low), numberText(high), chart.unit),
  };
}

function bookmarks({ bookmarks: list }: ReportExhibit, words: Words): Block[] {
  const w = words.results;
  if (list.length === 0) return [];
  return [
    heading(3, w.bookmarks),
    {
      kind: 'table',
      caption: null,
      columns: [
        { title: w.place, share: 20, look: 'text' },
        { title: w.what, share: 60, look: 'text' },
        { title: words.custody.by, share: 20, look: 'text' },
      ],
      rows: list.map((b) => [
        [b.timeSeconds === null ? '' : `${numberText(b.timeSeconds)} s`, b.frame === null ? '' : `frame ${b.frame}`]
          .filter((part) => part !== '')
          .join(', '),
        visible(b.label, true),
        visible(b.byExaminer),
      ]),
    },
  ];
}
