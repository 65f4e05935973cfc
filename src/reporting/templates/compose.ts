/** Chapters in the order of the laboratory's template, in its language. */
import type { ReportModel } from '../../contract/report.ts';
import type { ReportSection } from '../../contract/reportTemplate.ts';
import { visible } from '../figures/text.ts';
import { utcText } from '../model/moment.ts';
import type { Block, Composition } from './blocks.ts';
import { clockText, custody, glossary, integrity, limitations, methods } from './sections/closing.ts';
import { exhibits, request, summary } from './sections/opening.ts';
import { results } from './sections/results.ts';
import { filled, type Section } from './sections/tools.ts';
import { conclusion, interpretation } from './sections/weighing.ts';
import { de } from './words/de.ts';
import { en, type Words } from './words/en.ts';

const SECTIONS: Readonly<Record<ReportSection, Section>> = {
  summary,
  request,
  exhibits,
  results,
  interpretation,
  conclusion,
  methods,
  limitations,
  custody,
  integrity,
  glossary,
};

/** Chapters that begin a page of their own. */
const NEW_PAGE: readonly ReportSection[] = ['results', 'interpretation', 'methods', 'custody'];

/** Composes the report: everything that is printed, in reading order. */
export function compose(model: ReportModel): Composition {
  const words: Words = model.template.language === 'de' ? de : en;
  const blocks = model.template.sections.flatMap((name, i): Block[] => [
    ...(i > 0 && NEW_PAGE.includes(name) ? ([{ kind: 'page' }] as const) : []),
    { kind: 'heading', level: 1, text: `${i + 1}  ${words.sections[name]}`, listed: true },
    ...SECTIONS[name](model, words),
  ]);
  return {
    lang: words.lang,
    title: visible(model.template.title ?? words.title),
    front: front(model, words),
    standing: model.state === 'preview' ? words.standingPreview : words.standingFinal,
    blocks,
    words: {
      contents: words.contents,
      page: words.page,
      caseLabel: words.case,
      exhibitLabel: (items) => exhibitLabel(items, words),
      preview: words.preview,
      typesetting: words.typesetting,
      missingCharacters: words.missingCharacters,
      pictureMissing: words.pictureMissing,
      threshold: words.results.threshold.toLowerCase(),
      lanes: words.lanes,
    },
  };
}

function front(model: ReportModel, words: Words): Composition['front'] {
  const w = words.front;
  const authors = model.examiners.map(({ name, qualification }) =>
    qualification === null ? name : `${name}, ${qualification}`,
  );
  return filled([
    [w.case, model.case.number],
    [w.agency, model.case.agency],
    [w.matter, model.case.matter],
    [
      w.exhibits,
      exhibitLabel(
        model.exhibits.map(({ exhibit }) => visible(exhibit.itemNumber)),
        words,
      ),
    ],
    [w.authors, authors.length === 0 ? words.people.none : authors.join('\n')],
    [w.prepared, utcText(model.prepared.utc)],
    [w.local, `${model.prepared.local} (${model.prepared.zone})`],
    [w.by, model.preparedBy],
    [w.clock, clockText(model, words)],
    [w.auditHead, `${model.audit.head} (${words.integrity.entry} ${model.audit.seq})`, true],
  ]);
}

/** At most four numbers are named; of more, the first and the last with their count. */
function exhibitLabel(items: readonly string[], words: Words): string {
  const [first] = items;
  if (first === undefined) return `${words.exhibits}: ${words.none}`;
  if (items.length === 1) return `${words.exhibit} ${first}`;
  if (items.length <= 4) return `${words.exhibits} ${items.join(', ')}`;
  return `${words.exhibits} ${first} … ${items.at(-1)} (${items.length})`;
}
