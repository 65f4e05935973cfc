/** Methods, limitations, custody, integrity, glossary. */
import type { CustodyEvent } from '../../../contract/case.ts';
import { MODEL_ATTACHMENT, type ReportAnalysis, type ReportModel } from '../../../contract/report.ts';
import type { Parameters } from '../../../contract/words.ts';
import { parametersText, visible } from '../../figures/text.ts';
import { utcText } from '../../model/moment.ts';
import type { Block } from '../blocks.ts';
import type { Words } from '../words/en.ts';
import { body, filled, heading, notice, perExhibit, type Section, small, timeText } from './tools.ts';

interface Method {
  readonly detector: string;
  readonly version: string;
  readonly family: string;
  readonly reference: string;
  readonly parameters: Readonly<Record<string, Parameters[string]>>;
}

/** What stands for a parameter that has several values in this report. */
const DIFFERS = '…';
const MOST_PARAMETER = 120;

/** Every method of the report once. */
function methodsOf(analyses: readonly ReportAnalysis[]): Method[] {
  const found = new Map<string, Method>();
  for (const o of analyses.flatMap(({ observations }) => observations)) {
    const key = `${o.detector}@${o.version}`;
    const { detector, version, family, method = '' } = o;
    const known = found.get(key);
    const parameters: Record<string, Parameters[string]> = { ...known?.parameters };
    for (const [name, value] of Object.entries(o.parameters)) {
      const before = parameters[name];
      parameters[name] = before === undefined || JSON.stringify(before) === JSON.stringify(value) ? value : DIFFERS;
    }
    found.set(key, { detector, version, family, reference: method, parameters });
  }
  return [...found.values()];
}

/** Parameters in one line; what is long is cut, and whole in the attached result. */
const shortParameters = (parameters: Method['parameters']): string =>
  Object.entries(parameters)
    .map(([name, value]) => parametersText({ [name]: value }))
    .map((text) => (text.length > MOST_PARAMETER ? `${text.slice(0, MOST_PARAMETER - 1)}…` : text))
    .join('; ');

const distinct = <T>(items: readonly T[], key: (item: T) => string): T[] => [
  ...new Map(items.map((item) => [key(item), item])).values(),
];

export const methods: Section = (model, words) => {
  const w = words.methods;
  const analyses = model.exhibits.flatMap((one) => one.analyses);
  const packs = distinct(
    analyses.flatMap((one) => one.packs),
    (p) => `${p.sha256} ${p.provider}`,
  );
  const software = distinct(
    analyses.map((one) => one.versions),
    (v) => JSON.stringify(v),
  );
  const plans = distinct(analyses, (one) => one.record.planHash);
  const decodes = distinct(
    analyses.map((one) => one.decode).filter((one) => Object.keys(one).length > 0),
    (d) => JSON.stringify(d),
  );
  return [
    ...validation(model, words),
    heading(2, words.sections.methods),
    body(w.intro),
    {
      kind: 'table',
      caption: null,
      columns: [
        { title: w.method, share: 22, look: 'text' },
        { title: w.family, share: 16, look: 'text' },
        { title: w.parameters, share: 40, look: 'text' },
        { title: w.reference, share: 22, look: 'text' },
      ],
      rows: methodsOf(analyses).map((m) => [
        `${m.detector} ${m.version}`,
        m.family,
        visible(shortParameters(m.parameters)),
        m.reference,
      ]),
    },
    heading(2, w.packs),
    packs.length === 0
      ? body(w.noPacks)
      : {
          kind: 'table',
          caption: null,
          columns: [
            { title: w.pack, share: 30, look: 'text' },
            { title: w.provider, share: 14, look: 'text' },
            { title: w.sha, share: 56, look: 'mono' },
          ],
          rows: packs.map((p) => [`${p.id} ${p.version}`, p.provider, p.sha256]),
        },
    heading(2, w.software),
    ...software.map((versions): Block => ({ kind: 'fields', rows: filled(Object.entries(versions)) })),
    heading(2, w.plan),
    ...plans.flatMap(({ plan, record }): Block[] => {
      const { opinion: _, ...rest } = plan;
      return [
        { kind: 'fields', rows: filled([[words.results.plan, record.planHash, true]]) },
        small(visible(planText(rest))),
      ];
    }),
    heading(2, w.decode),
    decodes.length === 0
      ? body(words.none)
      : { kind: 'list', items: decodes.map((one) => visible(parametersText(one))) },
  ];
};

/** A plan in one line; nested settings as JSON. */
const planText = (plan: object): string =>
  Object.entries(plan)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('; ');

function validation(model: ReportModel, words: Words): Block[] {
  const w = words.methods;
  const cited = model.validation;
  if (cited === null) return [heading(2, w.validation), notice(w.notValidated)];
  return [
    heading(2, w.validation),
    body(w.validated(timeText(new Date(cited.date).toISOString(), model), visible(cited.set), cited.files)),
    {
      kind: 'fields',
      rows: filled([
        [w.record, cited.sha256, true],
        [w.key, cited.keyId, true],
      ]),
    },
  ];
}

export const limitations: Section = (model, words) => {
  const own = model.exhibits.flatMap(({ exhibit, opinions }) =>
    opinions.flatMap(({ limitations: text }) =>
      text === null ? [] : [`${words.exhibit} ${visible(exhibit.itemNumber)}: ${visible(text, true)}`],
    ),
  );
  const left = model.exhibits.flatMap(({ exhibit, analyses }) =>
    analyses.flatMap(({ notAssessed }) => notAssessed.map((n) => ({ item: visible(exhibit.itemNumber), ...n }))),
  );
  const items = new Map<string, Set<string>>();
  for (const n of left) {
    const key = `${n.detector}\n${n.reason}`;
    items.set(key, (items.get(key) ?? new Set<string>()).add(n.item));
  }
  const rows = distinct(left, (n) => `${n.detector}\n${n.reason}`).map((n) => [
    n.detector,
    visible(n.reason),
    itemList([...(items.get(`${n.detector}\n${n.reason}`) ?? [])], model.exhibits.length),
  ]);
  return [
    { kind: 'list', items: words.limitations },
    ...(own.length === 0 ? [] : [heading(2, words.limitationsOfExaminer), { kind: 'list', items: own } as const]),
    heading(2, words.results.notAssessed),
    rows.length === 0
      ? body(words.results.nothingLeftOut)
      : {
          kind: 'table',
          caption: null,
          columns: [
            { title: words.results.method, share: 25, look: 'text' },
            { title: words.results.reason, share: 55, look: 'text' },
            { title: words.exhibits, share: 20, look: 'text' },
          ],
          rows,
        },
  ];
};

/** Numbers of exhibits; many are counted. */
const itemList = (items: readonly string[], all: number): string =>
  items.length <= 12 ? items.join(', ') : `${items.slice(0, 10).join(', ')} … (${items.length} / ${all})`;

export const custody: Section = (model, words) => [
  body(words.custody.intro),
  ...perExhibit(model, words, ({ custody: events }) => [custodyTable(events, words)]),
];

function custodyTable(events: readonly CustodyEvent[], words: Words): Block {
  const w = words.custody;
  const between = (e: CustodyEvent): string =>
    [e.releasedBy === null ? '' : `${w.from}: ${e.releasedBy}`, e.receivedBy === null ? '' : `${w.to}: ${e.receivedBy}`]
      .filter((part) => part !== '')
      .join('; ');
  const hashes = (e: CustodyEvent): string => {
    const own = [...new Set([e.hashBefore, e.hashAfter].filter((hash) => hash !== null))];
    return [w.matches[e.matches], ...own].join('\n');
  };
  return {
    kind: 'table',
    caption: null,
    columns: [
      { title: `${w.time} / ${w.local}`, share: 21, look: 'text' },
      { title: w.event, share: 12, look: 'text' },
      { title: w.purpose, share: 26, look: 'text' },
      { title: w.by, share: 15, look: 'text' },
      { title: w.hash, share: 26, look: 'mono' },
    ],
    rows: events.map((e) => [
      `${utcText(e.utc)}\n${visible(e.localTime.replace('T', ' '))}`,
      w.types[e.type],
      visible(
        [e.purpose, between(e), e.remark === null ? '' : `${w.remark}: ${e.remark}`].filter((p) => p !== '').join('\n'),
        true,
      ),
      visible(e.byExaminer),
      hashes(e),
    ]),
  };
}

export const integrity: Section = (model, words) => {
  const w = words.integrity;
  const attached = model.exhibits.flatMap(({ exhibit, analyses }) =>
    analyses.map((one) => [one.attachment, w.resultOf(visible(exhibit.itemNumber)), one.record.resultSha256]),
  );
  return [
    body(w.intro),
    {
      kind: 'fields',
      rows: filled([
        [w.head, model.audit.head, true],
        [w.entry, String(model.audit.seq)],
        [words.front.prepared, timeText(model.prepared.utc, model)],
        [words.front.clock, clockText(model, words)],
        [w.program, `${model.program.name} ${model.program.version}`],
        [w.template, model.template.name],
      ]),
    },
    heading(2, w.stamps),
    model.audit.stamps.length === 0
      ? body(w.noStamps)
      : {
          kind: 'table',
          caption: null,
          columns: [
            { title: w.entry, share: 10, look: 'number' },
            { title: w.stampTime, share: 28, look: 'text' },
            { title: w.authority, share: 62, look: 'text' },
          ],
          rows: model.audit.stamps.map((s) => [String(s.seq), utcText(s.genTimeUtc), visible(s.tsa)]),
        },
    heading(2, w.attached),
    {
      kind: 'table',
      caption: null,
      columns: [
        { title: w.file, share: 26, look: 'text' },
        { title: words.results.what, share: 30, look: 'text' },
        { title: words.ex.sha256, share: 44, look: 'mono' },
      ],
      rows: [[MODEL_ATTACHMENT, w.model, ''], ...attached],
    },
    ...(model.findings.length === 0
      ? []
      : [
          heading(2, w.caseFindings),
          ...model.findings.map((f) => notice(`${visible(f.message)} (${timeText(f.utc, model)})`)),
        ]),
  ];
};

/** What stands behind the times of the report. */
export function clockText(model: ReportModel, words: Words): string {
  const last = model.audit.stamps.at(-1);
  if (!last) return words.clockAlone;
  const stamped = words.clockStamped(last.seq, visible(last.tsa), utcText(last.genTimeUtc));
  return last.seq === model.audit.seq ? stamped : `${stamped}; ${words.clockAlone}`;
}

export const glossary: Section = (_model, words) => [
  { kind: 'fields', rows: words.glossary.map(([label = '', value = '']) => ({ label, value })) },
];
