/**
 * The facts of a report for other tools: CASE 1.3 / UCO 1.3 as JSON-LD. Analyses name the technique of SOLVE-IT that
 * they apply. Scores and opinions stay in the report, where their limits stand beside them.
 */
import type { ReportModel } from '../../contract/report.ts';
import type { MediaType } from '../../contract/words.ts';

/** SOLVE-IT techniques for synthetic media. */
export const SOLVE_IT: Readonly<Record<MediaType, string>> = {
  video: 'DFT-1106',
  image: 'DFT-1176',
  audio: 'DFT-1194',
};

const CONTEXT = {
  '@vocab': 'http://example.org/local#',
  kb: 'http://example.org/kb/',
  'case-investigation': 'https://ontology.caseontology.org/case/investigation/',
  'uco-action': 'https://ontology.unifiedcyberontology.org/uco/action/',
  'uco-core': 'https://ontology.unifiedcyberontology.org/uco/core/',
  'uco-identity': 'https://ontology.unifiedcyberontology.org/uco/identity/',
  'uco-observable': 'https://ontology.unifiedcyberontology.org/uco/observable/',
  'uco-tool': 'https://ontology.unifiedcyberontology.org/uco/tool/',
  'uco-types': 'https://ontology.unifiedcyberontology.org/uco/types/',
  'uco-vocabulary': 'https://ontology.unifiedcyberontology.org/uco/vocabulary/',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
};

const id = (kind: string, key: string): string => `kb:${kind}-${key}`;
const link = (kind: string, key: string) => ({ '@id': id(kind, key) });
const when = (utc: string) => ({ '@type': 'xsd:dateTime', '@value': utc });
const hash = (method: string, value: string) => ({
  '@type': 'uco-types:Hash',
  'uco-types:hashMethod': { '@type': 'uco-vocabulary:HashNameVocab', '@value': method },
  'uco-types:hashValue': { '@type': 'xsd:hexBinary', '@value': value },
});

/** The document; one model gives one document. */
export function caseUco(model: ReportModel): object {
  const graph: object[] = [
    {
      '@id': id('tool', 'vidimus'),
      '@type': 'uco-tool:AnalyticTool',
      'uco-core:name': model.program.name,
      'uco-tool:version': model.program.version,
    },
    {
      '@id': id('investigation', model.case.id),
      '@type': 'case-investigation:Investigation',
      'uco-core:name': model.case.number,
      ...(model.case.description === null ? {} : { 'uco-core:description': model.case.description }),
      'uco-core:object': model.exhibits.map(({ exhibit }) => link('exhibit', exhibit.id)),
    },
    ...model.examiners.map((examiner) => ({
      '@id': id('examiner', examiner.id),
      '@type': 'uco-identity:Person',
      'uco-core:name': examiner.name,
    })),
  ];
  for (const { exhibit, analyses } of model.exhibits) {
    graph.push({
      '@id': id('exhibit', exhibit.id),
      '@type': 'uco-observable:File',
      'uco-core:name': exhibit.itemNumber,
      'uco-core:hasFacet': [
        {
          '@id': id('file', exhibit.id),
          '@type': 'uco-observable:FileFacet',
          'uco-observable:fileName': exhibit.originalName,
          'uco-observable:sizeInBytes': exhibit.bytes,
        },
        {
          '@id': id('content', exhibit.id),
          '@type': 'uco-observable:ContentDataFacet',
          'uco-observable:sizeInBytes': exhibit.bytes,
          'uco-observable:hash': [
            hash('SHA256', exhibit.sha256),
            hash('SHA512', exhibit.sha512),
            hash('MD5', exhibit.md5),
          ],
        },
      ],
    });
    for (const analysis of analyses) {
      const { record } = analysis;
      graph.push(
        {
          '@id': id('analysis', record.id),
          '@type': 'case-investigation:InvestigativeAction',
          'uco-core:name': `Examination of ${exhibit.itemNumber} for synthesis and manipulation`,
          'uco-core:externalReference': {
            '@id': id('technique', record.id),
            '@type': 'uco-core:ExternalReference',
            'uco-core:definingContext': 'SOLVE-IT',
            'uco-core:externalIdentifier': SOLVE_IT[analysis.mediaType],
          },
          'uco-action:startTime': when(record.startedUtc),
          'uco-action:endTime': when(record.finishedUtc),
          'uco-action:instrument': link('tool', 'vidimus'),
          'uco-action:object': link('exhibit', exhibit.id),
          'uco-action:result': link('result', record.id),
        },
        {
          '@id': id('result', record.id),
          '@type': 'uco-observable:File',
          'uco-core:name': analysis.attachment,
          'uco-core:description': `Result document; SHA-256 of its RFC 8785 form ${record.resultSha256}`,
        },
      );
    }
  }
  return { '@context': CONTEXT, '@graph': graph };
}
