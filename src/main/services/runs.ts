/** Runs of a project: started one after another in a trainer process each, watched, cancelled, compared, predicted with, exported. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import {
  runEventSchema,
  type Comparison,
  type Flip,
  type Run,
  type RunConfiguration,
  type RunEvent,
  type RunStatus,
  type Split,
} from '../../shared/domain.ts';
import { errorLine, toThawError } from '../../shared/errors.ts';
import { physicalCores } from '../../engine/runtimes/cores.ts';
import { checkTaskOptions } from '../../engine/train/contradictions.ts';
import { checkExamples, usedLabels } from '../../engine/train/requirements.ts';
import type { JobOf, TextPrediction } from '../../trainer/messages.ts';
import type { Project } from '../database/index.ts';
import { compareTwo, flipsOf } from './comparison.ts';
import { exportRun, type ExportRequest } from './export.ts';
import { LiveRun } from './live-run.ts';
import { configurationFor } from './models.ts';
import { RunPredictor } from './run-predictor.ts';
import { runJob } from './trainer.ts';

export interface NewRun {
  name: string;
  configuration: RunConfiguration;
}

export interface Runs {
  /** The queued run; refused at once when its data or configuration cannot be trained. */
  start(run: NewRun): Promise<Run>;
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

export function openRuns(project: Project): Runs {
  const live = new Map<string, Live>();
  const predictor = new RunPredictor(project);
  let queue: Promise<void> = Promise.resolve();

  async function start({ name, configuration }: NewRun): Promise<Run> {
    const chosen = await configurationFor(configuration);
    const snapshot = await project.snapshot();
    checkTaskOptions(chosen.configuration, snapshot.task);
    checkExamples(snapshot.task, snapshot.examples);
    const resolved = { ...chosen.configuration, threads: configuration.threads || physicalCores() };
    const labels = usedLabels(snapshot.labels, snapshot.examples);
    const run = await project.createRun({ name, configuration: resolved, snapshot: snapshot.hash, labels });
    const job = {
      type: 'train',
      run: run.run,
      task: snapshot.task,
      labels,
      base: chosen.folder,
      snapshot: snapshot.file,
      directory: project.runDirectory(run.run),
      cache: path.join(project.folder, 'cache'),
      configuration: resolved,
    } as const;
    const entry: Live = { live: new LiveRun(), started: false, done: queue };
    entry.done = queue
      .then(() => {
        if (entry.live.cancellation.signal.aborted) return;
        entry.started = true;
        return perform(project, job, entry.live);
      })
      .finally(() => live.delete(run.run));
    queue = entry.done.catch(() => {});
    live.set(run.run, entry);
    return run;
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
    start,
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
      await Promise.allSettled([predictor.close(), ...[...live.keys()].map(cancel)]);
    },
  };
}

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
    let written: Promise<unknown> = Promise.resolve();
    const event = (told: RunEvent) => {
      if (told.type === 'epoch') written = Promise.all([written, project.addEpoch(run, told.epoch)]);
      // A failure to write is met below, once the trainer has answered.
      written.catch(() => {});
      live.tell(told);
    };
    const { figures, validation, test } = await runJob<'train'>(job, { signal: live.cancellation.signal, event });
    await written;
    await project.savePredictions(run, 'validation', validation.predictions);
    if (test) await project.savePredictions(run, 'test', test.predictions);
    await status('finished', null, { figures, validation: validation.metrics, test: test?.metrics ?? null });
  } catch (cause) {
    const error = toThawError(cause);
    if (error.code === 'cancelled') await status('cancelled');
    else await status('failed', errorLine(error.toReport()));
  } finally {
    // The curve is a convenience: a full disk must not turn a finished run into a failed one.
    await saveEvents(eventsFile(project, run), live.history.events()).catch(() => {});
    live.end();
  }
}

async function saveEvents(file: string, events: RunEvent[]): Promise<void> {
  await fs.writeFile(`${file}.partial`, JSON.stringify(events));
  await fs.rename(`${file}.partial`, file);
}

/** What is kept of a run that has ended: its curve where it was saved, its epochs otherwise. */
async function* pastEvents(project: Project, { run, epochs, status, error }: Run): AsyncGenerator<RunEvent> {
  const saved = await fs
    .readFile(eventsFile(project, run), 'utf8')
    .then((text) => z.array(runEventSchema).parse(JSON.parse(text)))
    .catch(() => null);
  if (saved) yield* saved;
  else {
    for (const epoch of epochs) yield { type: 'epoch', run, epoch };
    yield { type: 'status', run, status, error };
  }
}
