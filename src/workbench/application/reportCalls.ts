/** Calls about reports over the open cases. */
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
  return {
    'report.make': async ({ case: handle, preview, template, sign, ...files }, { signal, onProgress }) => {
      const { target, account } = open.get(handle);
      const options = {
        ...files,
        template: await readTemplate(template),
        userFolder,
        signal,
        onStep: (step: 'verify' | 'gather', done: number, total: number) =>
          onProgress({ stage: step === 'verify' ? 'intake' : 'write', done, total, unit: 'files' }),
      };
      if (preview && sign.length > 0) throw new VidimusError('usage.invalid', 'A preview is not signed.');
      if (!preview) {
        const identities = await Promise.all(sign.map(({ p12, passphrase }) => readKeyFile(p12, passphrase)));
        assertOwnCertificate(target, identities[0]);
        const plain = { reason: `Case ${target.info.number}`, location: null, visible: false, server: null };
        const signer = identities.length === 0 ? null : reportSigner({ ...plain, identities, now: target.now, signal });
        return makeReport(target, workbench, options, signer);
      }
      return previewReport(target, workbench, { ...options, examiner: target.actor.id, account });
    },
  };
}
