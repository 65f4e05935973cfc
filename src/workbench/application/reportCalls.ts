/** Calls about reports over the open cases. */
import type { REPORT_API } from '../../contract/apiReports.ts';
import { makeReport, previewReport } from '../report/report.ts';
import { readTemplate } from '../report/template.ts';
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
    'report.make': async ({ case: handle, preview, template, ...files }, { signal, onProgress }) => {
      const { target, account } = open.get(handle);
      const options = {
        ...files,
        template: await readTemplate(template),
        userFolder,
        signal,
        onStep: (step: 'verify' | 'gather', done: number, total: number) =>
          onProgress({ stage: step === 'verify' ? 'intake' : 'write', done, total, unit: 'files' }),
      };
      if (!preview) return makeReport(target, workbench, options);
      return previewReport(target, workbench, { ...options, examiner: target.actor.id, account });
    },
  };
}
