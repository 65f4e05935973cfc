/** Shared by the detectors of file structure: building observations, anomalies and trees in one form. */
import type { Anomaly, Observation, Structure, StructureNode } from '../../contract/result.ts';
import type { Direction, Family, Parameters } from '../../contract/words.ts';
import type { Finding } from '../signals/structure/findings.ts';
import type { TreeBuilder } from '../signals/structure/tree.ts';

/** Who speaks: the identity that every observation of a detector carries. */
export interface Speaker {
  readonly id: string;
  readonly version: string;
  readonly family: Family;
  readonly method: string;
  readonly parameters: Parameters;
}

/** A measurement with its unit; structure has no scores, because nothing here is calibrated. */
export function measured(
  speaker: Speaker,
  quantity: string,
  value: number,
  unit: string,
  direction: Direction,
  parameters: Parameters = {},
): Observation {
  return { ...base(speaker, quantity, unit, direction, parameters), status: 'ok', value };
}

/** A quantity that could not be determined, with the reason. */
export function notAssessed(
  speaker: Speaker,
  quantity: string,
  unit: string,
  reason: string,
  status: 'not-assessed' | 'failed' = 'not-assessed',
  direction: Direction = 'none',
): Observation {
  return { ...base(speaker, quantity, unit, direction, {}), status, value: null, reason };
}

function base(
  speaker: Speaker,
  quantity: string,
  unit: string,
  direction: Direction,
  parameters: Parameters,
): Omit<Observation, 'status' | 'value'> {
  return {
    detector: speaker.id,
    version: speaker.version,
    family: speaker.family,
    kind: 'measurement',
    quantity,
    unit,
    direction,
    parameters: { ...speaker.parameters, ...parameters },
    method: speaker.method,
  };
}

/** Findings under the detector's name. */
export const toAnomalies = (speaker: Speaker, findings: readonly Finding[]): Anomaly[] =>
  findings.map((finding) => ({ ...finding, detector: speaker.id }));

/** A finished tree; nothing when the limit left no root. */
export function toStructure(
  speaker: Speaker,
  kind: Structure['kind'],
  title: string,
  tree: StructureNode | null,
  builder: TreeBuilder,
): Structure[] {
  if (tree === null) return [];
  return [{ id: `${speaker.id}-${kind}`, detector: speaker.id, kind, title, truncated: builder.truncated, tree }];
}
