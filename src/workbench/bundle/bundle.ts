/** Bundles of a case: a signed report with what it rests on, gathered from the report itself and from the case. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordWithHead } from '../../casework/audit/edit.ts';
import { exportLog } from '../../casework/audit/exportLog.ts';
import type { WritableCase } from '../../casework/case.ts';
import { bytesOf, verifyExhibit } from '../../casework/evidence/verify.ts';
import { getExhibit, insertCustody } from '../../casework/records/exhibits.ts';
import { assertSignable } from '../../casework/records/findings.ts';
import { throwIfCancelled, VidimusError } from '../../contract/errors.ts';
import type { ReportModel } from '../../contract/report.ts';
import { type BagEntry, safeName, type WrittenBag, writeBag } from '../../reporting/bundle/bag.ts';
import { caseUco } from '../../reporting/bundle/caseUco.ts';
import { canonicalBytes } from '../../reporting/json/canonical.ts';
import type { Identity } from '../../reporting/keys/pkcs12.ts';
import { checkPdf } from '../../reporting/verify/pdf.ts';
import { Points } from '../../reporting/verify/points.ts';
import { installFolder } from '../folders.ts';
import { workstationKey } from '../validate/signing.ts';

export interface BundleOptions {
  readonly out: string;
  readonly zip: boolean;
  /** The signed report. */
  readonly report: string;
  /** The same report as HTML, where it was made. */
  readonly html: string | null;
  /** Item numbers, ids or hashes of exhibits whose bytes come along; `all`, or none where empty. */
  readonly evidence: 'all' | readonly string[];
  readonly purpose: string;
  readonly receivedBy: string | null;
  readonly identity: Identity;
  readonly userFolder: string;
  readonly signal?: AbortSignal | undefined;
}

const json = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 1)}\n`, 'utf8');

/**
 * Checks the report, verifies every exhibit, records the export and writes the bundle.
 * @throws VidimusError integrity.mismatch (the report does not hold), case.signing-blocked, case.unknown, usage.invalid,
 *   output.failed, cancelled, certificate.*, key.unsupported.
 */
export async function bundleCase(target: WritableCase, options: BundleOptions): Promise<WrittenBag> {
  const { signal, identity } = options;
  const pdf = await readInput(options.report);
  const points = new Points();
  const { model, results } = checkPdf(points, pdf, { roots: [], now: target.now() });
  const fault = points.all.find(({ state }) => state === 'not-ok');
  if (fault || model === null)
    throw new VidimusError('integrity.mismatch', `The report cannot be bundled: ${fault?.statement ?? ''}`);
  if (model.case.id !== target.caseId)
    throw new VidimusError('usage.invalid', `The report is about another case (${model.case.number}).`);
  const ids = model.exhibits.map(({ exhibit }) => exhibit.id);
  for (const id of ids) {
    throwIfCancelled(signal);
    await verifyExhibit(target, getExhibit(target.db, id), 'before-export', { signal });
  }
  assertSignable(target.db, ids);
  const brought = chosen(model, options.evidence);
  const packs = await packManifests(model, options.userFolder);
  const { head } = recordWithHead(
    target,
    'bundle.export',
    { purpose: options.purpose, report: sha256(pdf), exhibits: ids.length, evidence: brought.size },
    (edit) => {
      for (const { exhibit } of model.exhibits)
        insertCustody(target, edit, exhibit.id, {
          type: 'exported',
          purpose: options.purpose,
          receivedBy: options.receivedBy,
          ...(brought.has(exhibit.id)
            ? { hashBefore: exhibit.sha256, hashAfter: exhibit.sha256 }
            : { remark: 'hashes only, without its bytes' }),
        });
    },
  );
  const scratch = await mkdtemp(join(tmpdir(), 'vidimus-bundle-'));
  try {
    const log = join(scratch, 'audit.jsonl');
    exportLog(target.db, log);
    const entries: BagEntry[] = [
      { path: 'report/report.pdf', content: { bytes: pdf } },
      { path: 'report/report.json', content: { bytes: canonicalBytes(model) } },
      ...(options.html === null
        ? []
        : [{ path: 'report/report.html', content: { bytes: await readInput(options.html) } }]),
      { path: 'audit/audit.jsonl', content: { bytes: await readFile(log) } },
      { path: 'audit/head.json', content: { bytes: json(head) } },
      { path: 'case-uco.jsonld', content: { bytes: json(caseUco(model)) } },
      ...packs,
    ];
    const listed: object[] = [];
    let n = 0;
    for (const { exhibit, analyses } of model.exhibits) {
      const folder = `evidence/${safeName(exhibit.itemNumber)}-${exhibit.id}`;
      const path = brought.has(exhibit.id) ? `${folder}/${safeName(exhibit.originalName)}` : null;
      const { id, itemNumber, originalName, bytes, sha256: own, sha512, md5 } = exhibit;
      listed.push({ id, itemNumber, originalName, bytes, sha256: own, sha512, md5, path });
      if (path !== null) {
        const file = bytesOf(target.folder, getExhibit(target.db, exhibit.id));
        entries.push({ path, content: { file, sha256: exhibit.sha256 } });
      }
      for (const { attachment } of analyses) {
        const result = results[n];
        n += 1;
        if (result)
          entries.push({ path: `results/${safeName(attachment)}`, content: { bytes: canonicalBytes(result) } });
      }
    }
    entries.push({ path: 'evidence.json', content: { bytes: json(listed) } });
    return await writeBag(options.out, {
      entries,
      info: [
        ['Source-Organization', model.template.laboratory.name || model.preparedBy],
        ['External-Identifier', model.case.number],
        ['External-Description', `Report on case ${model.case.number} with what it rests on`],
        ['Bag-Software-Agent', `${model.program.name} ${model.program.version}`],
      ],
      title: `Bundle of case ${model.case.number.replace(/[\r\n]+/g, ' ')}`,
      identity,
      workstation: await workstationKey(options.userFolder),
      now: target.now(),
      zip: options.zip,
      signal,
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function readInput(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw new VidimusError('usage.invalid', `${path} cannot be read.`, { cause });
  });
}

function chosen(model: ReportModel, evidence: BundleOptions['evidence']): Set<string> {
  if (evidence === 'all') return new Set(model.exhibits.map(({ exhibit }) => exhibit.id));
  return new Set(
    evidence.map((key) => {
      const hits = model.exhibits.filter(({ exhibit: e }) => [e.id, e.itemNumber, e.sha256].includes(key));
      const [hit] = hits;
      if (!hit || hits.length > 1)
        throw new VidimusError('case.unknown', `No single exhibit of the report answers to "${key}".`);
      return hit.exhibit.id;
    }),
  );
}

/** Manifests of the packs that the report names, by their hash. @throws VidimusError pack.missing. */
async function packManifests(model: ReportModel, userFolder: string): Promise<BagEntry[]> {
  const wanted = new Map(
    model.exhibits.flatMap(({ analyses }) => analyses.flatMap(({ packs }) => packs.map((p) => [p.sha256, p] as const))),
  );
  const found: BagEntry[] = [];
  if (wanted.size === 0) return found;
  const roots = [join(installFolder(), 'models'), join(userFolder, 'models')];
  for (const root of roots)
    for (const name of await readdir(root, { recursive: true }).catch(() => [])) {
      if (!/(^|[\\/])pack\.json$/.test(name)) continue;
      const bytes = await readFile(join(root, name));
      const use = wanted.get(sha256(bytes));
      if (!use) continue;
      wanted.delete(use.sha256);
      found.push({ path: `packs/${safeName(`${use.id}-${use.version}`)}/pack.json`, content: { bytes } });
    }
  const [missing] = wanted.values();
  if (missing)
    throw new VidimusError(
      'pack.missing',
      `The manifest of the pack ${missing.id} ${missing.version} is not installed.`,
    );
  return found;
}
