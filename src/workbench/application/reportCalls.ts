/** Calls about reports over the open cases. */
import { resolve } from 'node:path';
import type { REPORT_API } from '../../contract/apiReports.ts';
import { VidimusError } from '../../contract/errors.ts';
import { makeReport, previewReport } from '../report/report.ts';
import { readTemplate } from '../report/template.ts';
import { readKeyFile } from '../signing/keys.ts';
import { assertOwnCertificate, reportSigner } from '../signing/reports.ts';
import type { Workbench } from '../workbench.ts';
import type { Handlers } from './calls.ts';
import type { OpenCases } from './openCases.ts';

/** Handlers; `workbench` decodes the pictures. */
export function reportCalls(
  open: OpenCases,
  workbench: Pick<Workbench, 'call'>,
  userFolder: string,
): Handlers<keyof typeof REPORT_API> {
  // Files get their names by renaming, which would replace what another call put there meanwhile.
  const underWay = new Set<string>();
  const alone = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
    const place = resolve(path);
    if (underWay.has(place)) throw new VidimusError('case.rule', `${place} is being written already.`);
    underWay.add(place);
    try {
      return await work();
    } finally {
      underWay.delete(place);
    }
  };
  const make: Handlers<'report.make'>['report.make'] = async (
    { case: handle, preview, template, sign, ...files },
    { signal, onProgress },
  ) => {
    const { target, account } = open.get(handle);
    const options = {
      ...files,
      template: await readTemplate(template),
      userFolder,
      signal,
      onStep: (step: 'verify' | 'gather', done: number, total: number) =>
        onProgress({ stage: step === 'verify' ? 'intake' : 'write', done, total, unit: 'files' }),
    };
    if (!preview) {
      const identities = await Promise.all(sign.map(({ p12, passphrase }) => readKeyFile(p12, passphrase)));
      assertOwnCertificate(target, identities[0]);
      const plain = { reason: `Case ${target.info.number}`, location: null, visible: false, server: null };
      const signer = identities.length === 0 ? null : reportSigner({ ...plain, identities, now: target.now, signal });
      return makeReport(target, workbench, options, signer);
    }
    if (sign.length > 0) throw new VidimusError('usage.invalid', 'A preview is not signed.');
    if (files.html !== null || files.json !== null || files.tables !== null)
      throw new VidimusError('usage.invalid', 'A preview is a PDF alone.');
    return previewReport(target, workbench, { ...options, examiner: target.actor.id, account });
  };
  return { 'report.make': (args, context) => alone(args.out, async () => make(args, context)) };
}
