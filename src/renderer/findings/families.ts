/** Observations sorted into families of evidence, with what their scores say together. */
import type { Observation } from '../../contract/result.ts';
import type { Family, Label } from '../../contract/words.ts';

export type Accord = 'agree' | 'conflict' | 'single' | 'none';

export interface DetectorGroup {
  readonly detector: string;
  readonly version: string;
  readonly pack: string | null;
  /** Name of the method page, without path and ending. */
  readonly page: string | null;
  readonly observations: readonly Observation[];
}

export interface FamilyGroup {
  readonly family: Family;
  readonly detectors: readonly DetectorGroup[];
  /** How the scores of the family's detectors stand to each other. */
  readonly accord: Accord;
}

/** `docs/methods/ela.md` as `ela`; null where it is no method page. */
export function pageOf(method: string | undefined): string | null {
  return /(?:^|\/)([a-z0-9][a-z0-9-]*)\.md(?:#.*)?$/.exec(method ?? '')?.[1] ?? null;
}

/** Which side of its threshold and uncertain band a score lies on. Null for what is no score. */
export function leaning({ kind, value, threshold, uncertainBand }: Observation): Label | null {
  if (kind !== 'score' || value === null) return null;
  const [low, high] = uncertainBand ?? [threshold ?? 0.5, threshold ?? 0.5];
  if (value > high) return 'fake';
  return value < low ? 'real' : 'uncertain';
}

/** Whether leanings agree; those that are uncertain take no side. */
export function accordOf(leanings: readonly Label[]): Accord {
  const sides = leanings.filter((side) => side !== 'uncertain');
  if (sides.includes('fake') && sides.includes('real')) return 'conflict';
  if (leanings.length === 0) return 'none';
  return leanings.length === 1 ? 'single' : 'agree';
}

/** One score per detector decides: that of the whole exhibit, which has no place of its own. */
function deciding(group: DetectorGroup): Label[] {
  const scores = group.observations.filter(({ kind, value }) => kind === 'score' && value !== null);
  const whole = scores.find(({ where }) => where === undefined) ?? scores[0];
  const side = whole === undefined ? null : leaning(whole);
  return side === null ? [] : [side];
}

/** Families in the order in which they first speak. */
export function groupByFamily(observations: readonly Observation[]): FamilyGroup[] {
  const families = new Map<Family, Map<string, Observation[]>>();
  for (const observation of observations) {
    const detectors = families.get(observation.family) ?? new Map<string, Observation[]>();
    const key = `${observation.detector}\n${observation.version}\n${observation.pack ?? ''}`;
    detectors.set(key, [...(detectors.get(key) ?? []), observation]);
    families.set(observation.family, detectors);
  }
  return [...families].map(([family, byDetector]) => {
    const detectors = [...byDetector.values()].flatMap((list) => {
      const [first] = list;
      if (first === undefined) return [];
      return [
        {
          detector: first.detector,
          version: first.version,
          pack: first.pack ?? null,
          page: pageOf(first.method),
          observations: list,
        },
      ];
    });
    return { family, detectors, accord: accordOf(detectors.flatMap(deciding)) };
  });
}
