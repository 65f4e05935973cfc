/** `vidimus report stamp-request | stamp-import`: time stamps for signed reports across an air gap. */
import type { Command } from 'commander';
import { importStamp, requestStamp } from '../../workbench/signing/reports.ts';
import { printable } from '../output.ts';
import { answer } from './caseSupport.ts';

/** Registers the commands below `report`. */
export function addStamps(report: Command): void {
  report
    .command('stamp-request')
    .description('write a request for a time stamp over the last signature (RFC 3161)')
    .argument('<file.pdf>')
    .argument('<file.tsq>')
    .action(async (pdf: string, out: string) => {
      await answer(
        {},
        () => requestStamp(pdf, out),
        () => `Have ${printable(out)} answered, then: vidimus report stamp-import ${printable(pdf)} ANSWER.tsr NEW.pdf`,
      );
    });
  report
    .command('stamp-import')
    .description('put the answer of a time stamp server into a report, under a new name')
    .argument('<file.pdf>')
    .argument('<file.tsr>')
    .argument('<new.pdf>')
    .option('--anchors <file>', 'root certificates of the time stamp server')
    .action(async (pdf: string, answered: string, out: string, flags: { anchors?: string }) => {
      await answer(
        {},
        () => importStamp(pdf, answered, out, flags.anchors ?? null),
        (made) =>
          `${printable(out)}: ${printable(made.server)} attests ${made.timeUtc}${made.anchored ? '' : '; its certificate was not checked against a root'}.`,
      );
    });
}
