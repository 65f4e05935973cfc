/** Calls about reports over the open cases. */
import { readFileSync } from 'node:fs';
import type { REPORT_API } from '../../contract/apiReports.ts';
import { VidimusError } from '../../contract/errors.ts';
import { makeReport, previewReport } from '../report/report.ts';
import { type KeyFile, signerOf } from '../report/sign.ts';
import { readTemplate } from '../report/template.ts';
import type { Workbench } from '../workbench.ts';
import type { Handlers } from './calls.ts';
import type { OpenCases } from './openCases.ts';

function keyFile({ p12, passphrase }: { readonly p12: string; readonly passphrase: string }): KeyFile {
  try {
    return { bytes: readFileSync(p12), passphrase };
  } catch (cause) {
    throw new VidimusError('key.damaged', `The key file ${p12} cannot be read.`, { cause });
  }
}

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
      if (!preview)
        return makeReport(target, workbench, options, sign.length === 0 ? null : signerOf(target, sign.map(keyFile)));
      if (sign.length > 0) throw new VidimusError('usage.invalid', 'A preview is not signed.');
      return previewReport(target, workbench, { ...options, examiner: target.actor.id, account });
    },
  };
}
