import type { Command } from 'commander';
import { duration, megabytes, report } from '../output.ts';
import { runConfiguration, UsageError } from '../options.ts';
import { withRuns } from '../session.ts';
import { resolved, runOptions, type RunOptions } from './train.ts';

export function registerEstimate(program: Command): void {
  runOptions(program.command('estimate').description('what a run would take of memory and time: the options of train')).action(estimate);
}

async function estimate(options: RunOptions): Promise<void> {
  const { continue: continued, resume } = options;
  if (continued !== undefined || resume !== undefined)
    throw new UsageError('estimate knows runs that begin: give the run as --base, in place of --continue or --resume.');
  const configuration = runConfiguration(resolved(options));
  await withRuns(options.project, { readonly: true }, async (runs) => {
    const found = await runs.estimate(configuration);
    const { trainableParameters, totalParameters, memoryMB, seconds, evaluationSeconds, availableMemoryMB, refusal } = found;
    const unknown = 'not known on this device';
    report(options.json, found, [
      `trains ${trainableParameters.toLocaleString('en')} of ${totalParameters.toLocaleString('en')} parameters`,
      `memory: ${memoryMB === null ? unknown : `about ${megabytes(memoryMB)} of ${megabytes(availableMemoryMB)} available`}`,
      `time: ${seconds === null || evaluationSeconds === null ? unknown : `about ${duration(seconds)}, and ${duration(evaluationSeconds)} to evaluate`}`,
      ...(refusal ? [`${refusal.message} ${refusal.remedy}`] : []),
    ]);
  });
}
