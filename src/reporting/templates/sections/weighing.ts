/** Interpretation and conclusion: kept apart from the facts. */
import type { Opinion as ExaminerOpinion } from '../../../contract/caseWork.ts';
import type { ReportAnalysis, ReportModel } from '../../../contract/report.ts';
import type { VerbalScale } from '../../../contract/verbalScale.ts';
import { isolated, numberText, visible } from '../../figures/text.ts';
import type { Block } from '../blocks.ts';
import type { Words } from '../words/en.ts';
import { body, filled, heading, notice, perExhibit, type Section, STORED, small, timeText } from './tools.ts';

export const interpretation: Section = (model, words) => {
  const w = words.interpretation;
  return [
    body(w.intro),
    ...perExhibit(model, words, ({ analyses }) =>
      analyses.length === 0 ? [body(words.results.none)] : analyses.flatMap((one) => weighed(one, words)),
    ),
    heading(2, w.scale),
    ...model.scales.flatMap((scale) => scaleBlocks(scale, words)),
  ];
};

function weighed({ opinion, stress }: ReportAnalysis, words: Words): Block[] {
  const w = words.interpretation;
  const { support, log10Lr } = opinion;
  const blocks: Block[] = [];
  if (log10Lr === null || !support) blocks.push(notice(w.noRatio));
  else {
    blocks.push({ kind: 'paragraph', text: visible(support.sentence), look: 'notice', lang: STORED });
    if (support.reason !== null)
      blocks.push({ kind: 'paragraph', text: visible(support.reason), look: 'body', lang: STORED });
    blocks.push(small(w.ratio(numberText(log10Lr))));
  }
  if (opinion.score !== null) {
    const band = opinion.uncertainBand;
    blocks.push({
      kind: 'fields',
      rows: filled([
        [
          w.combined,
          `${words.found[opinion.label]} (${words.scoreText(numberText(opinion.score), numberText(opinion.threshold ?? 0.5))})`,
        ],
        [w.band, band === null ? null : w.between(numberText(band[0]), numberText(band[1]))],
        [w.method, opinion.fusion.method],
        [words.request.h1, opinion.propositions.h1],
        [words.request.h2, opinion.propositions.h2],
      ]),
    });
  }
  if (opinion.reasons.length > 0)
    blocks.push(heading(3, w.reasons), { kind: 'list', items: opinion.reasons.map((r) => visible(r)), lang: STORED });
  if (opinion.fusion.weights.length > 0) blocks.push(combined(opinion.fusion.weights, words));
  if (opinion.agreement.length > 0) blocks.push(families(opinion.agreement, words));
  if (stress) {
    blocks.push(heading(3, w.stress), body(stress.flips.length === 0 ? w.stable : w.flips(stress.flips.join(', '))));
  }
  return blocks;
}

function combined(weights: ReportAnalysis['opinion']['fusion']['weights'], words: Words): Block {
  const w = words.interpretation;
  return {
    kind: 'table',
    caption: w.weights,
    columns: [
      { title: words.results.method, share: 60, look: 'text' },
      { title: w.score, share: 20, look: 'number' },
      { title: w.weight, share: 20, look: 'number' },
    ],
    rows: weights.map(({ detector, score, weight }) => [detector, numberText(score), numberText(weight)]),
  };
}

function families(agreement: ReportAnalysis['opinion']['agreement'], words: Words): Block {
  const w = words.interpretation;
  return {
    kind: 'table',
    caption: w.families,
    columns: [
      { title: w.family, share: 34, look: 'text' },
      { title: w.score, share: 16, look: 'number' },
      { title: w.detectors, share: 16, look: 'number' },
      { title: w.leaning, share: 34, look: 'text' },
    ],
    rows: agreement.map((a) => [
      a.family,
      a.score === null ? '' : numberText(a.score),
      String(a.detectors),
      w.leanings[a.leaning],
    ]),
  };
}

function scaleBlocks(scale: VerbalScale, words: Words): Block[] {
  const w = words.interpretation;
  const edge = (upTo: number | null): string => (upTo === null ? '' : (10 ** upTo).toLocaleString('en-GB'));
  const firstStrong = scale.bands.findIndex(({ strong }) => strong);
  const rows = scale.bands.map((band, i) => {
    const low = edge(scale.bands[i - 1]?.upTo ?? 0);
    const range = band.upTo === null ? w.above(low) : w.between(low, edge(band.upTo));
    return [range, band.words, i === firstStrong ? w.locked : ''];
  });
  return [
    body(w.scaleIntro(scale.version, scale.reference)),
    {
      kind: 'table',
      caption: null,
      columns: [
        { title: w.likelihood, share: 28, look: 'text' },
        { title: w.words, share: 30, look: 'text' },
        { title: words.custody.remark, share: 42, look: 'text' },
      ],
      rows: [['1', scale.none, ''], ...rows],
    },
  ];
}

export const conclusion: Section = (model, words) => {
  const w = words.conclusion;
  return [
    body(w.intro),
    ...perExhibit(model, words, (one) => {
      const blocks = one.opinions.flatMap((opinion) => opinionBlocks(opinion, model, words));
      if (one.opinionsWithheld > 0) blocks.push(notice(w.withheld(one.opinionsWithheld)));
      return blocks.length === 0 ? [body(w.none)] : blocks;
    }),
  ];
};

function opinionBlocks(opinion: ExaminerOpinion, model: ReportModel, words: Words): Block[] {
  const w = words.conclusion;
  const who = model.examiners.find(({ id }) => id === opinion.examiner)?.name ?? opinion.examiner;
  const state = opinion.signedUtc === null ? w.draft : w.signed(timeText(opinion.signedUtc, model));
  const place = opinion.place === 'first' ? w.first : w.second;
  return [
    heading(3, `${place}: ${isolated(who)}`),
    { kind: 'paragraph', text: visible(opinion.text, true), look: 'quote' },
    ...(opinion.log10Lr === null ? [] : [body(w.strength(numberText(opinion.log10Lr)))]),
    ...(opinion.limitations === null ? [] : [body(`${w.limits}: ${visible(opinion.limitations, true)}`)]),
    small(state),
  ];
}
