/** Runs of a project: started one after another in a trainer process each, watched, cancelled, compared, predicted with, exported. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import {
  runEventSchema,
  type Comparison,
  type Estimate,
  type Flip,
  type Run,
  type RunConfiguration,
  type RunEvent,
  type RunStatus,
  type Split,
  type Task,
} from '../../shared/domain.ts';
import { errorLine, ThawError, toThawError } from '../../shared/errors.ts';
import { physicalCores } from '../../engine/runtimes/cores.ts';
import { checkTaskOptions } from '../../engine/train/contradictions.ts';
import { checkExamples, usedLabels } from '../../engine/train/requirements.ts';
import type { JobOf, TextPrediction } from '../../trainer/messages.ts';
import type { Project } from '../database/index.ts';
import { compareTwo, flipsOf } from './comparison.ts';
import { Estimator } from './estimator.ts';
import { exportRun, type ExportRequest } from './export.ts';
import { LiveRun } from './live-run.ts';
import { checkedConfiguration } from './models.ts';
import { checkContinuation, originOf, startingHash, startOf } from './origin.ts';
import { endOrphan, forgetTrainer, recordTrainer } from './orphan.ts';
import { RunPredictor } from './run-predictor.ts';
import { runJob } from './trainer.ts';

export interface NewRun {
  name: string;
  configuration: RunConfiguration;
}

/** What a resumed run may have another of: with it, its weights are no longer those of a run that was never interrupted. */
export type Place = Pick<RunConfiguration, 'device' | 'threads'>;

export interface Runs {
  /** What a run of this configuration would take, and whether it fits. */
  estimate(configuration: RunConfiguration): Promise<Estimate>;
  /** The queued run; refused at once when its data or configuration cannot be trained. */
  start(run: NewRun): Promise<Run>;
  /**
   * The queued run, which goes on from its newest checkpoint, or from the start where it has none, with the configuration it had.
   * @throws unknown_run, unavailable where it has not stopped before its end
   */
  resume(run: string, place?: Partial<Place>): Promise<Run>;
  watch(run: string): AsyncGenerator<RunEvent>;
  /** Resolves when it has stopped. Nothing happens to a run that has already ended. */
  cancel(run: string): Promise<void>;
  /** The run once it has ended. */
  finished(run: string): Promise<Run>;
  /** `second` against `first`. */
  compare(first: string, second: string, options: { split: Split; metric?: string }): Promise<Comparison>;
  flips(first: string, second: string, split: Split): Promise<Flip[]>;
  predict(run: string, texts: string[]): Promise<TextPrediction[]>;
  export(run: string, request: ExportRequest): ReturnType<typeof exportRun>;
  /** Cancels what runs and waits for it. */
  close(): Promise<void>;
}

/** `started`: its turn in the queue has come. */
type Live = { live: LiveRun; started: boolean; done: Promise<void> };

const eventsFile = (project: Project, run: string): string => path.join(project.runDirectory(run), 'events.json');

export interface RunsOptions {
  /** MiB that runs may take; left out: what the system says. */
  availableMemory?: () => Promise<number>;
  /** Told whether a run trains or waits for its turn, whenever that changes. */
  training?: (isTraining: boolean) => void;
}

export function openRuns(project: Project, { availableMemory, training = () => {} }: RunsOptions = {}): Runs {
  const live = new Map<string, Live>();
  const predictor = new RunPredictor(project);
  const estimator = new Estimator(project, availableMemory);
  let queue: Promise<void> = Promise.resolve();

  async function start({ name, configuration: given }: NewRun): Promise<Run> {
    const origin = await originOf(project, given);
    const configuration = await checkedConfiguration(given, origin.folder);
    const snapshot = await project.snapshot();
    checkTaskOptions(configuration, snapshot.task);
    checkExamples(snapshot.task, snapshot.examples);
    const labels = usedLabels(snapshot.labels, snapshot.examples);
    checkContinuation(configuration, origin, labels);
    const resolved = {
      ...configuration,
      baseHash: await startingHash(project, origin, configuration.baseHash),
      threads: configuration.threads || physicalCores(),
    };
    await estimator.checkFits(resolved, origin.folder, labels, snapshot);
    const run = await project.createRun({
      name,
      configuration: resolved,
      snapshot: snapshot.hash,
      labels,
      approvedLabels: snapshot.approvedLabels,
    });
    enqueue(
      { ...jobOf(project, run, snapshot.task), start: startOf(project, origin, snapshot.task), configuration: resolved, resume: false },
      new LiveRun(),
    );
    return run;
  }

  async function resume(id: string, place: Partial<Place> = {}): Promise<Run> {
    const run = await project.run(id);
    if (live.has(id) || !isStopped(run.status)) throw notStopped(run);
    const origin = await originOf(project, run.configuration, id);
    const configuration = await checkedConfiguration({ ...run.configuration, ...place }, origin.folder);
    const { task } = await project.summary();
    const entry = new LiveRun(await savedEvents(project, id));
    const queued = await project.updateRun(id, { status: 'queued', error: null });
    // Asked for twice at once: the other was first.
    if (live.has(id)) throw notStopped(queued);
    const resolved = { ...configuration, threads: configuration.threads || physicalCores() };
    enqueue({ ...jobOf(project, run, task), start: startOf(project, origin, task), configuration: resolved, resume: true }, entry);
    return queued;
  }

  function enqueue(job: JobOf<'train'>, run: LiveRun): void {
    const entry: Live = { live: run, started: false, done: queue };
    entry.done = queue
      .then(() => {
        if (entry.live.cancellation.signal.aborted) return;
        entry.started = true;
        return perform(project, job, entry.live);
      })
      .finally(() => {
        live.delete(job.run);
        training(live.size > 0);
      });
    queue = entry.done.catch(() => {});
    live.set(job.run, entry);
    training(true);
  }

  async function* watch(run: string): AsyncGenerator<RunEvent> {
    const current = live.get(run);
    if (current) yield* current.live.watch();
    else yield* pastEvents(project, await project.run(run));
  }

  async function cancel(run: string): Promise<void> {
    const current = live.get(run);
    if (!current) return settle(run);
    current.live.cancellation.abort();
    if (current.started) return current.done;
    // One that waits for its turn is not made to wait for its end too.
    live.delete(run);
    await project.updateRun(run, { status: 'cancelled' });
    current.live.tell({ type: 'status', run, status: 'cancelled', error: null });
    current.live.end();
  }

  /** A run whose end could not be written, for want of space, say, is given one. */
  async function settle(run: string): Promise<void> {
    const { status } = await project.run(run);
    if (status === 'queued' || status === 'running') await project.updateRun(run, { status: 'interrupted' });
  }

  return {
    estimate: (configuration) => estimator.estimate(configuration),
    start,
    resume,
    watch,
    cancel,
    async finished(run) {
      await live.get(run)?.done;
      return project.run(run);
    },
    compare: (first, second, options) => compareTwo(project, first, second, options),
    flips: (first, second, split) => flipsOf(project, first, second, split),
    predict: (run, texts) => predictor.predict(run, texts),
    export: (run, request) => exportRun(project, run, request),
    async close() {
      await Promise.allSettled([predictor.close(), estimator.close(), ...[...live.keys()].map(cancel)]);
    },
  };
}

const jobOf = (project: Project, run: Run, task: Task) => ({
  type: 'train' as const,
  run: run.run,
  task,
  labels: run.labels,
  snapshot: path.join(project.folder, 'snapshots', `${run.snapshot}.json`),
  snapshotHash: run.snapshot,
  directory: project.runDirectory(run.run),
  cache: path.join(project.folder, 'cache'),
});

const isStopped = (status: RunStatus): boolean => status === 'interrupted' || status === 'cancelled' || status === 'failed';

const notStopped = ({ run, status }: Run): ThawError =>
  new ThawError({
    code: 'unavailable',
    message: `Run ${run} is ${status}: there is nothing to resume.`,
    remedy: 'A run that was interrupted, cancelled or failed can be resumed.',
  });

/** Runs one job to its end and records it. Only a project that cannot be written makes it reject. */
async function perform(project: Project, job: JobOf<'train'>, live: LiveRun): Promise<void> {
  const { run } = job;
  const status = async (value: RunStatus, error: string | null = null, rest: Partial<Run> = {}) => {
    await project.updateRun(run, { status: value, error, ...rest });
    live.tell({ type: 'status', run, status: value, error });
  };
  try {
    await status('running');
    await fs.mkdir(job.directory, { recursive: true });
    await endOrphan(job.directory);
    let written: Promise<unknown> = Promise.resolve();
    const event = (told: RunEvent) => {
      written = Promise.all([written, record(project, live, told)]);
      live.tell(told);
      // A failure to write is met below, once the trainer has answered.
      written.catch(() => {});
    };
    const { figures, validation, test } = await runJob<'train'>(job, {
      signal: live.cancellation.signal,
      event,
      started: (pid) => recordTrainer(job.directory, pid),
    });
    await written;
    await project.savePredictions(run, 'validation', validation.predictions);
    if (test) await project.savePredictions(run, 'test', test.predictions);
    await status('finished', null, { figures, validation: validation.metrics, test: test?.metrics ?? null });
  } catch (cause) {
    const error = toThawError(cause);
    if (error.code === 'cancelled') await status('cancelled');
    else await status('failed', errorLine(error.toReport()));
  } finally {
    await saveCurve(project, run, live);
    await removePartials(job.directory);
    await forgetTrainer(job.directory).catch(() => {});
    live.end();
  }
}

/** What outlives this host: epochs, and with each checkpoint the curve up to it. */
async function record(project: Project, live: LiveRun, event: RunEvent): Promise<void> {
  if (event.type === 'epoch') await project.addEpoch(event.run, event.epoch);
  else if (event.type === 'resumed') await project.dropEpochs(event.run, event.epoch);
  else if (event.type === 'phase' && event.phase === 'saving') await saveCurve(project, event.run, live);
}

/** The curve is a convenience: a full disk must not turn a finished run into a failed one. */
async function saveCurve(project: Project, run: string, live: LiveRun): Promise<void> {
  const file = eventsFile(project, run);
  live.saved = live.saved
    .then(() => fs.writeFile(`${file}.partial`, JSON.stringify(live.history.events())))
    .then(() => fs.rename(`${file}.partial`, file))
    .catch(() => {});
  await live.saved;
}

/** What a trainer that was killed was writing. */
async function removePartials(directory: string): Promise<void> {
  const names = await fs.readdir(directory).catch(() => []);
  const partials = names.filter((name) => name.endsWith('.partial'));
  await Promise.all(partials.map((name) => fs.rm(path.join(directory, name), { force: true }).catch(() => {})));
}

/** What is kept of a run that has ended: its curve where it was saved, its epochs otherwise. */
async function* pastEvents(project: Project, { run, epochs, status, error }: Run): AsyncGenerator<RunEvent> {
  const saved = await savedEvents(project, run);
  if (saved.length > 0) yield* saved;
  else for (const epoch of epochs) yield { type: 'epoch', run, epoch };
  const last = saved.at(-1);
  // A curve that was saved while the run went on does not say how it ended.
  if (last?.type !== 'status' || last.status !== status) yield { type: 'status', run, status, error };
}

/** Empty where none were saved. */
const savedEvents = (project: Project, run: string): Promise<RunEvent[]> =>
  fs
    .readFile(eventsFile(project, run), 'utf8')
    .then((text) => z.array(runEventSchema).parse(JSON.parse(text)))
    .catch(() => []);
