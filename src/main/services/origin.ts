/** Where a run starts: at a base model, at random weights, or at an earlier run of the project, which started somewhere itself. */
import fs from 'node:fs';
import type { Run, RunConfiguration, Task } from '../../shared/domain.ts';
import { parseBase } from '../../shared/base.ts';
import { ThawError } from '../../shared/errors.ts';
import { hashOf } from '../../engine/models/base.ts';
import { checkpointFile, type CheckpointName } from '../../engine/train/checkpoints.ts';
import type { Start } from '../../engine/train/start.ts';
import type { Project } from '../database/index.ts';
import { baseFolder } from './models.ts';

export interface Origin {
  /** The base model's folder: its architecture and tokenizer, and its weights unless they are drawn. */
  folder: string;
  /** The seed of random weights; null: the folder's own. */
  scratch: number | null;
  /** The runs it goes through, oldest first: from the best weights of each, or from the last where the run after it continues it. */
  runs: { run: Run; checkpoint: CheckpointName }[];
}
type Runs = Pick<Project, 'run' | 'runDirectory'>;
type Starting = Pick<RunConfiguration, 'base' | 'seed' | 'continues'>;

/** @throws unknown_run, naming the run that needs one which is gone; not_a_model */
export async function originOf(project: Pick<Project, 'run'>, { base, seed, continues }: Starting, child?: string): Promise<Origin> {
  const named = parseBase(base);
  if (named.kind === 'model') return { folder: baseFolder(named.model), scratch: null, runs: [] };
  if (named.kind === 'scratch') return { folder: baseFolder(named.model), scratch: seed, runs: [] };
  const run = await project.run(named.run).catch((cause: unknown) => {
    throw child === undefined ? cause : missing(named.run, child, cause);
  });
  const { folder, scratch, runs } = await originOf(project, run.configuration, run.run);
  return { folder, scratch, runs: [...runs, { run, checkpoint: continues ? 'last' : 'best' }] };
}

const missing = (run: string, child: string, cause: unknown) =>
  cause instanceof ThawError && cause.code === 'unknown_run'
    ? new ThawError(
        {
          code: 'unknown_run',
          message: `Run ${child} started from run ${run}, which is not in this project any more.`,
          remedy: `Without it ${child} cannot be opened: train again from another base.`,
        },
        { cause },
      )
    : cause;

/** What the trainer opens. */
export const startOf = (project: Runs, { folder, scratch, runs }: Origin, task: Task): Start => ({
  folder,
  scratch,
  ancestors: runs.map(({ run: { run, labels, configuration }, checkpoint }) => ({
    run,
    directory: project.runDirectory(run),
    checkpoint,
    task,
    labels,
    seed: configuration.seed,
  })),
});

/**
 * The sha256 of the weights that a new run starts from, where those are a run's; otherwise what was expected, which the trainer checks.
 * @throws unavailable for a run that has not finished or whose files are gone; not_a_model where other weights are expected
 */
export async function startingHash(project: Runs, { runs }: Origin, expected: string | null): Promise<string | null> {
  const last = runs.at(-1);
  if (!last) return expected;
  const { run, status } = last.run;
  if (status !== 'finished')
    throw new ThawError({
      code: 'unavailable',
      message: `Run ${run} is ${status}: only a finished run can be started from.`,
      remedy: 'Choose one that is finished.',
      place: { field: 'base' },
    });
  const file = checkpointFile(project.runDirectory(run), last.checkpoint);
  if (!fs.existsSync(file))
    throw new ThawError({
      code: 'unavailable',
      message: `The ${last.checkpoint} weights of run ${run} are gone.`,
      remedy: 'Put the file back, train that run again, or start from another base.',
      place: { file },
    });
  const hash = await hashOf([file]);
  if (expected === null || expected === hash) return hash;
  throw new ThawError({
    code: 'not_a_model',
    message: `The weights of run ${run} are not those that the configuration names in baseHash.`,
    remedy: 'Take the configuration of a run of this project, or leave out baseHash.',
    place: { file, field: 'baseHash' },
  });
}

/** @throws unknown_option where the run that is continued is no such thing, or would lose what it learned */
export function checkContinuation(
  { continues, headOnly, lora, reinitTop, gradual }: RunConfiguration,
  { runs }: Origin,
  labels: string[],
): void {
  if (!continues) return;
  const last = runs.at(-1);
  if (!last) throw refusal('base', 'Only a run can be continued.', 'Name a run of the project as the base, or start a new run.');
  if (headOnly || last.run.configuration.headOnly)
    throw refusal(
      'headOnly',
      'A head that is solved for has no steps that could be continued.',
      `Start from the run with --base ${last.run.run}.`,
    );
  if (lora > 0 || last.run.configuration.lora > 0)
    throw refusal(
      'lora',
      'Low-rank adapters are merged when a run ends: there is nothing left of them to continue.',
      `Start from the run with --base ${last.run.run}.`,
    );
  if (reinitTop > 0)
    throw refusal('reinitTop', 'Layers that start anew have nothing to continue.', `Start from the run with --base ${last.run.run}.`);
  if (gradual)
    throw refusal(
      'gradual',
      'Gradual unfreezing begins with the head alone, where a run that is continued has trained more already.',
      `Leave it out, or start from the run with --base ${last.run.run}.`,
    );
  const gone = last.run.labels.filter((label) => !labels.includes(label));
  if (gone.length > 0)
    throw refusal(
      'continues',
      `Run ${last.run.run} learned ${gone.map((label) => `“${label}”`).join(', ')}, which no example has any more.`,
      `Start from the run with --base ${last.run.run}: a new run takes over the labels that are left.`,
    );
}

const refusal = (field: string, message: string, remedy: string) =>
  new ThawError({ code: 'unknown_option', message, remedy, place: { field } });
