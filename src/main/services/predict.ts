/** Where predictions come from: a run's own parameters, or a fine-tuned folder. */
import type { Run } from '../../shared/domain.ts';
import type { RunSource, TextPrediction } from '../../trainer/messages.ts';
import type { Project } from '../database/index.ts';
import { physicalCores } from '../../engine/runtimes/cores.ts';
import { baseFolder } from './models.ts';
import { originOf, startOf } from './origin.ts';
import { runJob } from './trainer.ts';

/** @throws unknown_run where a run that it started from is gone */
export async function runSource(project: Project, run: Run, checkpoint: RunSource['checkpoint']): Promise<RunSource> {
  const { maxLength, threads, seed } = run.configuration;
  const { task } = await project.summary();
  const start = startOf(project, await originOf(project, run.configuration, run.run), task);
  const directory = project.runDirectory(run.run);
  return { kind: 'run', start, task, labels: run.labels, directory, checkpoint, maxLength, threads, seed };
}

/** Predicts with a run's best parameters, or its last, at its own maximum length unless another is given. @throws unknown_run, unavailable */
export async function predictWithRun(
  project: Project,
  id: string,
  texts: string[],
  { maxLength, checkpoint = 'best' }: { maxLength?: number; checkpoint?: RunSource['checkpoint'] } = {},
): Promise<TextPrediction[]> {
  const run = await project.run(id);
  const source = await runSource(project, run, checkpoint);
  const job = { type: 'predict', source: { ...source, maxLength: maxLength ?? source.maxLength }, texts } as const;
  return (await runJob<'predict'>(job)).predictions;
}

/** Predicts with a fine-tuned Hugging Face folder. `maxLength` 0: as long as the model allows. @throws not_a_model, unsupported_model, damaged_file */
export async function predictWithFolder(folder: string, texts: string[], maxLength: number): Promise<TextPrediction[]> {
  const source = { kind: 'folder', folder: baseFolder(folder), maxLength, threads: physicalCores() } as const;
  return (await runJob<'predict'>({ type: 'predict', source, texts })).predictions;
}
