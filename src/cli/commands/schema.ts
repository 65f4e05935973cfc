/** `vidimus schema`: the contract's documents as JSON Schema. */
import { type Command, Option } from 'commander';
import * as z from 'zod';
import { EnsembleProfile, Evaluation, LabProfile } from '../../contract/evaluation.ts';
import { ArchitectureManifest, PackManifest } from '../../contract/pack.ts';
import { AnalysisResult, Plan } from '../../contract/result.ts';

const SCHEMAS = {
  result: AnalysisResult,
  plan: Plan,
  pack: PackManifest,
  architecture: ArchitectureManifest,
  evaluation: Evaluation,
  profile: LabProfile,
  ensemble: EnsembleProfile,
} as const;
const names = ['result', 'plan', 'pack', 'architecture', 'evaluation', 'profile', 'ensemble'] as const;

/** Registers the command. */
export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema (draft 2020-12) of a document')
    .addOption(new Option('--of <document>', 'which document').choices(names).default('result'))
    .action(({ of }: { of: (typeof names)[number] }) => {
      process.stdout.write(`${JSON.stringify(z.toJSONSchema(SCHEMAS[of], { target: 'draft-2020-12' }), null, 2)}\n`);
    });
}
