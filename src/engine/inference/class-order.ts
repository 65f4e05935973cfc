/**
 * Which output of a network means "manipulated". Nothing in the weights says so: swapped classes load, run and answer
 * the opposite of the truth. So it is taken from whoever knows, in this order: a checkpoint recognised by its hash, the
 * examiner, the labels published beside the weights; and where it is assumed, the pack says so for good.
 */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { VidimusError } from '../../contract/errors.ts';
import type { OutputRule } from '../../contract/pack.ts';

/** What the examiner says about the classes; at most one of the two. */
export interface ClassChoice {
  /** Number of the output that means manipulated, from 0. */
  readonly fakeIndex?: number;
  /** Label, as written in `id2label`, that means manipulated. */
  readonly fakeLabel?: string;
}

export interface ClassOrder {
  readonly output: OutputRule;
  /** How it was found out. */
  readonly facts: readonly string[];
  /** What must be checked before a score is believed; kept in the pack's limits. */
  readonly doubts: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;
/** `id2label` of a Hugging Face `config.json`: output numbers to names. */
export const Labels = z.record(z.string().regex(/^\d+$/, 'a class has a number'), z.string());

const FAKE = /fake|spoof|synthetic|generated|manipulated|artificial|\bai\b|deepfake/i;
const REAL = /real|bona.?fide|genuine|authentic|human|natural|original/i;
const MAX_CONFIG = 4 * 1024 * 1024;

const quoted = (labels: Labels): string =>
  Object.entries(labels)
    .map(([index, label]) => `${index} "${label}"`)
    .join(', ');

/** Number of the class whose label means manipulated; null where the labels do not say. */
function fakeOf(labels: Labels, fakeLabel: string | undefined): number | null {
  const fakes = Object.entries(labels).filter(([, label]) =>
    fakeLabel === undefined ? FAKE.test(label) && !REAL.test(label) : label === fakeLabel,
  );
  const [only] = fakes;
  return only === undefined || fakes.length !== 1 ? null : Number(only[0]);
}

const check = 'check it on files whose truth you know (vidimus evaluate) before you rely on a score';

const saidByExaminer = (index: number): string =>
  `Output ${index} was taken as "manipulated" because the examiner said so (--fake-index); ${check}.`;

/**
 * The rule of a classifier whose labels are published with it.
 * @throws VidimusError `usage.invalid` where the labels leave it open and the examiner said nothing, or named no class.
 */
export function orderFromLabels(labels: Labels, choice: ClassChoice): ClassOrder {
  const fake = choice.fakeIndex ?? fakeOf(labels, choice.fakeLabel);
  if (fake === null || labels[String(fake)] === undefined) {
    throw new VidimusError('usage.invalid', `Which of the classes ${quoted(labels)} means manipulated is not clear.`, {
      advice: 'Name the class that means manipulated (--fake-label LABEL or --fake-index N).',
    });
  }
  const others = Object.keys(labels)
    .map(Number)
    .filter((index) => index !== fake);
  const [real] = others;
  return {
    output: {
      tensor: 'logits',
      kind: 'logits',
      fakeIndex: fake,
      ...(others.length === 1 && real !== undefined ? { realIndex: real } : {}),
    },
    facts: [`The manipulated class is output ${fake}, "${labels[String(fake)] ?? ''}" in config.json.`],
    doubts: choice.fakeIndex === undefined ? [] : [saidByExaminer(fake)],
  };
}

/** `id2label` of a `config.json` in the folder of one of the files, or null. */
async function labelsBeside(paths: readonly string[]): Promise<Labels | null> {
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    const path = join(folder, 'config.json');
    const info = await stat(path).catch(() => null);
    if (info === null || !info.isFile() || info.size > MAX_CONFIG) continue;
    let json: unknown;
    try {
      json = JSON.parse(await readFile(path, 'utf8'));
    } catch {
      continue;
    }
    const parsed = z.looseObject({ id2label: Labels }).safeParse(json);
    if (parsed.success) return parsed.data.id2label;
  }
  return null;
}

/** The architecture's rule with another class as the manipulated one. */
function swapped(rule: OutputRule, fake: number): OutputRule {
  const { fakeIndex, realIndex, ...rest } = rule;
  if (fake === fakeIndex) return rule;
  const two = fakeIndex !== undefined && realIndex !== undefined;
  return { ...rest, fakeIndex: fake, ...(two && fake === realIndex ? { realIndex: fakeIndex } : {}) };
}

const described = ({ fakeIndex, realIndex }: OutputRule): string =>
  fakeIndex === undefined
    ? `Output ${realIndex ?? 0} was taken as "real"`
    : `Output ${fakeIndex} was taken as "manipulated"`;

/**
 * The rule for weights that were read from `paths` into an architecture whose own rule is `rule`. `recognised` says that
 * every file is one the architecture knows by its hash; its order is then proven and cannot be overruled.
 * @throws VidimusError `usage.invalid` for a choice that contradicts a known checkpoint, that no label answers to, or
 * for a network that gives no score.
 */
export async function orderForWeights(
  rule: OutputRule,
  recognised: boolean,
  paths: readonly string[],
  choice: ClassChoice,
): Promise<ClassOrder> {
  const asked = choice.fakeIndex !== undefined || choice.fakeLabel !== undefined;
  if (rule.fakeIndex === undefined && rule.realIndex === undefined) {
    if (asked) throw new VidimusError('usage.invalid', 'This network gives no score, so no output means manipulated.');
    return { output: rule, facts: [], doubts: [] };
  }
  if (recognised) {
    if (choice.fakeLabel !== undefined || (choice.fakeIndex !== undefined && swapped(rule, choice.fakeIndex) !== rule))
      throw new VidimusError('usage.invalid', `${described(rule)} is known of this published checkpoint.`, {
        advice: 'Leave out --fake-index and --fake-label.',
      });
    return { output: rule, facts: [], doubts: [] };
  }
  if (choice.fakeIndex !== undefined)
    return { output: swapped(rule, choice.fakeIndex), facts: [], doubts: [saidByExaminer(choice.fakeIndex)] };
  // With a single output the labels of config.json do not number outputs.
  const single = rule.fakeIndex === undefined || rule.realIndex === undefined;
  const labels = single ? null : await labelsBeside(paths);
  const fake = labels === null ? null : fakeOf(labels, choice.fakeLabel);
  if (labels !== null && fake !== null) {
    const fact = `config.json beside the checkpoint names the classes ${quoted(labels)}: output ${fake} was taken as "manipulated".`;
    return { output: swapped(rule, fake), facts: [fact], doubts: [] };
  }
  if (choice.fakeLabel !== undefined) {
    const found = labels === null ? 'there is no config.json with id2label beside the checkpoint' : quoted(labels);
    throw new VidimusError('usage.invalid', `No class is labelled "${choice.fakeLabel}": ${found}.`, {
      advice: 'Use --fake-index N instead.',
    });
  }
  const unclear = labels === null ? '' : ` (the labels ${quoted(labels)} in config.json do not say)`;
  return {
    output: rule,
    facts: [],
    doubts: [
      `${described(rule)} by assumption${unclear}: nothing in this checkpoint says which class is which; ${check}, and import again with --fake-index if it is the other.`,
    ],
  };
}
