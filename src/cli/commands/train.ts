import { Option, type Command } from 'commander';
import { runConfigurationSchema, type Run, type RunConfiguration } from '../../shared/domain.ts';
import { ThawError, toThawError } from '../../shared/errors.ts';
import { leftOutNote } from '../../shared/spans.ts';
import type { Project } from '../../main/database/index.ts';
import type { Place, Runs } from '../../main/services/runs.ts';
import { parseDropout, parseFreeze, parseNumber, parseScale, runConfiguration, UsageError, type ConfigurationOptions } from '../options.ts';
import { headline, metricName, note, Progress, report } from '../output.ts';
import { withRuns } from '../session.ts';
import { StepLog } from '../step-log.ts';

export type RunOptions = ConfigurationOptions & {
  project: string;
  name?: string;
  lr?: number;
  lrScale?: Record<string, number>;
  device?: 'auto' | 'cpu' | 'webgpu';
  resume?: string;
  continue?: string;
  log?: string;
  json?: boolean;
};

const number = (flags: string, description: string) => new Option(flags, description).argParser(parseNumber);

export function registerTrain(program: Command): void {
  runOptions(program.command('train').description('fine-tune a base model on the labeled examples of a project')).action(
    (options: RunOptions, command: Command) => (options.resume === undefined ? train(options) : resume(options.resume, options, command)),
  );
}

/** The options of `train`, which say all of a run. */
export const runOptions = (command: Command): Command =>
  command
    .requiredOption('--project <dir>', 'the project folder')
    .option('--config <file>', "JSON of a run's configuration; options given besides win")
    .option('--name <name>', "the run's name")
    .option(
      '--base <base>',
      'an embedded base model, a Hugging Face folder, a run of the project, or scratch[:BASE] for random weights (default: all-MiniLM-L6-v2)',
    )
    .addOption(number('--epochs <n>', '(default: 3)'))
    .addOption(number('--max-steps <n>', 'end early; 0: no limit'))
    .addOption(number('--patience <n>', 'end after so many epochs without a better validation metric; 0: do not (default: 0)'))
    .addOption(number('--lr <x>', 'learning rate (default: 5e-5)'))
    .addOption(number('--layer-decay <x>', 'factor of the learning rate from each layer to the next lower one (default: 1)'))
    .addOption(
      new Option('--lr-scale <groups>', 'factors of the learning rate by layer, such as embeddings=0.1,0-3=0.5,head=2').argParser(
        parseScale,
      ),
    )
    .addOption(number('--batch-size <n>', '(default: 16)'))
    .addOption(number('--accumulate <n>', 'batches a step, computed one after another; steps count steps of the optimizer (default: 1)'))
    .addOption(number('--max-length <n>', 'in tokens (default: 128)'))
    .addOption(new Option('--freeze <layers>', 'such as embeddings,0-3').argParser(parseFreeze))
    .option('--head-only', 'freeze all but the head, and solve for it: no epochs, no learning rate')
    .addOption(
      number('--lora <rank>', 'low-rank adapters beside the layers, merged when saved; they learn at --lr 2e-4 to 1e-3 (default: 0, none)'),
    )
    .option('--gradual', 'train the head alone in the first epoch, then one layer more from the top each epoch')
    .addOption(
      new Option('--dropout <x>', "for all, or by site: hidden=0.1,attention=0.1,head=0.2 (default: the base's own)").argParser(
        parseDropout,
      ),
    )
    .addOption(number('--reinit-top <k>', "the k highest layers, and bert's pooler, start anew (default: 0)"))
    .addOption(number('--weight-decay <x>', '(default: 0.01)'))
    .option('--decay-all', 'biases and normalization weights decay too')
    .addOption(number('--label-smoothing <x>', 'share of each target spread over all classes (default: 0)'))
    .addOption(new Option('--class-weights <kind>', 'balanced: rare classes count for more (default: none)').choices(['none', 'balanced']))
    .addOption(number('--warmup <x>', 'share of all steps (default: 0)'))
    .addOption(new Option('--schedule <kind>', '(default: linear)').choices(['linear', 'cosine', 'constant']))
    .addOption(number('--clip <x>', 'largest global gradient norm; 0: no clipping (default: 1)'))
    .addOption(number('--seed <n>', '(default: 1)'))
    .addOption(new Option('--order <order>', '(default: grouped)').choices(['shuffle', 'grouped', 'file']))
    .addOption(new Option('--device <device>', '(default: cpu)').choices(['auto', 'cpu', 'webgpu']))
    .addOption(number('--threads <n>', '(default: the physical cores)'))
    .addOption(number('--checkpoint-minutes <n>', 'between two checkpoints within an epoch; 0: at the ends of epochs alone (default: 5)'))
    .option(
      '--continue <run>',
      'train a finished run for --epochs more, as a new run: from its last weights and optimizer, its options unless given',
    )
    .option('--resume <run>', 'go on with a run that stopped before its end; beside it only --device, --threads, --log and --json')
    .option('--log <file>', 'one JSON line a step: {step, loss, learningRate, tokens, ms}')
    .option('--json', 'print one JSON object');

async function train(options: RunOptions): Promise<void> {
  if (options.continue !== undefined) return continueRun(options.continue, options);
  const configuration = runConfiguration(resolved(options));
  await withRuns(options.project, { readonly: false }, (runs, project) => trainAs(configuration, options, runs, project));
}

async function trainAs(configuration: RunConfiguration, options: RunOptions, runs: Runs, project: Project): Promise<void> {
  const { spans, leftOut } = await project.overlaps();
  if (leftOut > 0) note(leftOutNote(leftOut, spans, false));
  const { run } = await runs.start({ name: options.name ?? (await nameFor(project)), configuration });
  tell(await follow(runs, run, logOf(options, { goesOn: false })), options.json);
}

/** A new run with the configuration of another, and its last weights and optimizer. */
async function continueRun(run: string, options: RunOptions): Promise<void> {
  const { base, config } = options;
  if (base !== undefined) throw new UsageError('--continue goes on from a run with the weights it has: --base cannot stand beside it.');
  if (config !== undefined) throw new UsageError('--continue takes the configuration of its run: --config cannot stand beside it.');
  await withRuns(options.project, { readonly: false }, async (runs, project) => {
    const { configuration } = await project.run(run);
    const under = { ...configuration, base: run, baseHash: null, continues: true, gradual: false, reinitTop: 0 };
    await trainAs(runConfiguration(resolved(options), under), options, runs, project);
  });
}

const besideResume = new Set(['project', 'resume', 'device', 'threads', 'log', 'json']);

async function resume(run: string, options: RunOptions, command: Command): Promise<void> {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli');
  const refused = given.find((option) => !besideResume.has(option.attributeName()));
  if (refused)
    throw new UsageError(
      `${refused.long} cannot stand beside --resume, as the run keeps its configuration: only --device, --threads, --log and --json can.`,
    );
  const place = placeOf(options);
  await withRuns(options.project, { readonly: false }, async (runs) => {
    await runs.resume(run, place);
    tell(await follow(runs, run, logOf(options, { goesOn: true })), options.json);
  });
}

function placeOf({ device, threads }: RunOptions): Partial<Place> {
  const parsed = runConfigurationSchema.shape.threads.unwrap().optional().safeParse(threads);
  if (!parsed.success) throw new UsageError('--threads: a whole number, 0 or more.');
  return { ...(device !== undefined && { device: deviceOf(device) }), ...(parsed.data !== undefined && { threads: parsed.data }) };
}

const logOf = ({ log }: RunOptions, how: { goesOn: boolean }): StepLog | null => (log === undefined ? null : new StepLog(log, how));

const deviceOf = (device: Exclude<RunOptions['device'], undefined>): Place['device'] => (device === 'auto' ? 'cpu' : device);

/** RunOptions by the configuration's names. */
export function resolved({ lr, lrScale, ...options }: RunOptions): ConfigurationOptions {
  if (options.headOnly && options.freeze !== undefined) throw new UsageError('--head-only and --freeze exclude each other.');
  const device = options.device && deviceOf(options.device);
  return { ...options, learningRate: lr, learningRateScale: lrScale, device };
}

async function nameFor(project: { runs(): Promise<Run[]> }): Promise<string> {
  return `Run ${(await project.runs()).length + 1}`;
}

/** Shows and logs a run until it ends; Ctrl-C cancels it. */
async function follow(runs: Runs, run: string, log: StepLog | null): Promise<Run> {
  const cancel = () => {
    note('Cancelling …');
    runs.cancel(run).catch((error: unknown) => note(`error: ${toThawError(error).message}`));
  };
  process.once('SIGINT', cancel);
  process.once('SIGTERM', cancel);
  const progress = new Progress();
  try {
    for await (const event of runs.watch(run)) {
      progress.show(event);
      log?.take(event);
    }
  } finally {
    progress.end();
    await log?.close();
    process.removeListener('SIGINT', cancel);
    process.removeListener('SIGTERM', cancel);
  }
  return runs.finished(run);
}

function tell(run: Run, json?: boolean): void {
  if (run.status === 'cancelled')
    throw new ThawError({
      code: 'cancelled',
      message: `Run ${run.run} was cancelled.`,
      remedy: `The project keeps the epochs that were done; train --resume ${run.run} goes on with it.`,
    });
  if (run.status !== 'finished' || !run.figures)
    throw new ThawError({ code: 'internal', message: `Run ${run.run} ${run.status}: ${run.error ?? 'no reason known'}` });
  const { validation, test, figures, approvedLabels } = run;
  if (approvedLabels) note(`${approvedLabels} of the training labels are approved suggestions.`);
  for (const text of figures.notes ?? []) note(text);
  if (figures.truncated > 0) note(`${figures.truncated} training texts were longer than ${run.configuration.maxLength} tokens.`);
  report(json, { run: run.run, ...figures, validation, test }, [
    `${run.run} “${run.name}”: ${figures.steps} steps in ${figures.trainSeconds.toFixed(1)} s, best epoch ${figures.bestEpoch}`,
    `${metricName(validation)}: validation ${headline(validation)}, test ${headline(test)}`,
  ]);
}
