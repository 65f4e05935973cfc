/** Two validation records side by side: every answer that changed, file by file, and what else changed around them. */
import type { EvaluatedFile, Verdict } from '../../contract/evaluation.ts';
import type { ValidationChange, ValidationComparison, ValidationRecord } from '../../contract/validation.ts';

const verdictText = (v: Verdict | undefined): string => {
  if (v === undefined) return 'not there';
  if (v.score === null) return `${v.status}: ${v.reason ?? ''}`;
  const ratio = v.log10Lr === null ? 'not calibrated' : `log10 LR ${v.log10Lr.toFixed(4)}`;
  return `score ${v.score.toFixed(6)}, threshold ${(v.threshold ?? 0.5).toFixed(4)}, ${ratio}`;
};

/** Compares records of the same or overlapping exemplars; files are the same when their bytes are. */
export function compareRecords(before: ValidationRecord, after: ValidationRecord): ValidationComparison {
  const earlier = new Map(before.files.map((f) => [f.sha256, f]));
  const later = new Set(after.files.map((f) => f.sha256));
  const changes: ValidationChange[] = [];
  let unchangedFiles = 0;
  for (const file of after.files) {
    const old = earlier.get(file.sha256);
    if (old === undefined) continue;
    const found = fileChanges(old, file);
    changes.push(...found);
    if (found.length === 0) unchangedFiles += 1;
  }
  return {
    before: before.date,
    after: after.date,
    environment: environmentChanges(before, after),
    unchangedFiles,
    changes,
    added: after.files.filter((f) => !earlier.has(f.sha256)).map((f) => f.path),
    removed: before.files.filter((f) => !later.has(f.sha256)).map((f) => f.path),
  };
}

function fileChanges(old: EvaluatedFile, file: EvaluatedFile): ValidationChange[] {
  const identity = { path: file.path, sha256: file.sha256 };
  const out: ValidationChange[] = [];
  const add = (judge: string, was: string, is: string): void => {
    if (was !== is) out.push({ ...identity, judge, before: was, after: is });
  };
  const outcome = (f: EvaluatedFile): string => f.error?.message ?? `label ${f.label ?? 'none'}`;
  add('outcome', outcome(old), outcome(file));
  add('truth', old.fake ? 'fake' : 'real', file.fake ? 'fake' : 'real');
  const names = new Set([...old.verdicts, ...file.verdicts].map((v) => v.judge));
  const of = (f: EvaluatedFile, name: string) => f.verdicts.find((v) => v.judge === name);
  for (const name of names) add(name, verdictText(of(old, name)), verdictText(of(file, name)));
  return out;
}

/** Versions, packs, profiles, plan and machine that are not what they were, one sentence each. */
function environmentChanges(before: ValidationRecord, after: ValidationRecord): string[] {
  const out: string[] = [];
  const differ = (what: string, was: string | undefined, is: string | undefined): void => {
    if (was !== is) out.push(`${what}: ${was ?? 'none'} → ${is ?? 'none'}`);
  };
  const all = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>, what: string): void => {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) differ(`${what} ${name}`, a[name], b[name]);
  };
  all(before.versions ?? {}, after.versions ?? {}, 'version of');
  const packs = (r: ValidationRecord) =>
    Object.fromEntries(r.packs.map((p) => [`${p.id}@${p.version}`, `${p.sha256} on ${p.provider}`]));
  all(packs(before), packs(after), 'pack');
  const profiles = (r: ValidationRecord) => Object.fromEntries(r.profiles.map((p) => [p.name, p.sha256]));
  all(profiles(before), profiles(after), 'profile of');
  differ('plan', before.planHash, after.planHash);
  const machine = ({ hardware: h }: ValidationRecord): string =>
    [h.processor, `${h.logicalProcessors} processors`, ...h.gpus.map((g) => `${g.name}, driver ${g.driver}`)].join(
      ', ',
    );
  differ('machine', machine(before), machine(after));
  return out;
}
