/** The training loop: prepare, then for every epoch step through its batches, validate, save; keep the best epoch; predict the test split with it. */
import type { Epoch, Metrics, Prediction, RunConfiguration, RunEvent, RunFigures } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { headlineOf, thresholdsOf } from '../../shared/metrics.ts';
import { adaptersOfRank } from '../models/adapters.ts';
import type { Base } from '../models/base.ts';
import { layerRates } from '../optimize/rates.ts';
import { collateParts, planBatches } from '../text/index.ts';
import { breathe } from './cancellation.ts';
import { balancedWeights } from './class-weights.ts';
import { dropPrevious, readCheckpoint, saveCheckpoint, type OpenedCheckpoint } from './checkpoints.ts';
import { Clock } from './clock.ts';
import { continueFrom } from './continuation.ts';
import { headOf, overlapNote, prepareDataset, type Dataset, type Examples, type Labeling } from './dataset.ts';
import { evaluate, type Evaluation } from './evaluation.ts';
import { earlyStopNote, outOfPatience } from './patience.ts';
import { cacheOptions } from './prefix/index.ts';
import { newProgress, type Progress } from './progress.ts';
import type { LabeledExample } from './requirements.ts';
import { resumed, type Best } from './resume.ts';
import { learningRateFactor, type Schedule } from './schedule.ts';
import { openModel, type Batch, type StepOptions, type StepResult, type TrainableModel } from './step.ts';
import { thawedIn } from './thawing.ts';

export interface TrainingJob {
  labeling: Labeling;
  base: Base;
  /** `threads` is resolved: the number to use. */
  configuration: RunConfiguration;
  examples: LabeledExample[];
  /** Where checkpoints go. */
  directory: string;
  /** Folder of what can be computed again: features of frozen layers. */
  cache: string;
  /** The last checkpoint of the run that this one continues; `base` is that run's model. */
  continues: OpenedCheckpoint | null;
  /** Goes on from the newest checkpoint in `directory`, from the start where there is none. */
  resume: boolean;
  /** What the run's figures will tell besides. */
  notes: string[];
}

type Told<T extends RunEvent['type']> = Omit<Extract<RunEvent, { type: T }>, 'type' | 'run'>;

/** Who is told what, and who may stop it: `signal` is looked at between steps. */
export interface TrainingObserver {
  signal: AbortSignal;
  phase(phase: Told<'phase'>['phase']): void;
  step(step: Told<'step'>): void;
  epoch(epoch: Epoch): void;
  /** A resumed run goes on from here; what was told of it beyond is told again. */
  resumed(place: Told<'resumed'>): void;
}

export interface TrainingResult {
  figures: RunFigures;
  validation: { metrics: Metrics; predictions: Prediction[] };
  /** Null without labeled test examples. */
  test: { metrics: Metrics; predictions: Prediction[] } | null;
}

/** A run under way. */
interface Training {
  job: TrainingJob;
  data: Dataset;
  model: TrainableModel;
  observer: TrainingObserver;
  clock: Clock;
  schedule: Schedule;
  progress: Progress;
  best: Best | null;
  /** When the last checkpoint was written, or the run began: performance.now(). */
  savedAt: number;
}

/**
 * Trains one run. Loss falls by AdamW under the configured schedule; the epoch with the highest validation metric (accuracy; micro F1 for
 * multi-label, entity F1 for NER), the earlier one of equals, is the one that counts. Same job, same threads: the same parameters, bit for bit,
 * however often it was interrupted and resumed.
 * @throws diverged, cancelled, disk_full, not_enough_data, damaged_file
 */
export async function train(job: TrainingJob, observer: TrainingObserver): Promise<TrainingResult> {
  const { configuration: c, base } = job;
  const clock = new Clock();

  observer.phase('preparing');
  const data = await clock.time('prepare', () => prepareDataset(job.labeling, base.folder, job.examples, c.maxLength));
  const model = await clock.time('prepare', () => openModelOf(job, data));
  try {
    const training = await clock.time('prepare', () => begin({ job, data, model, observer, clock }));
    const { progress, schedule } = training;
    clock.add(progress.seconds);
    const downwards = model.layers();
    while (progress.step < schedule.totalSteps && !outOfPatience(c.patience, progress.epoch, training.best?.epoch ?? 0)) {
      if (c.gradual) await model.thaw(thawedIn(progress.epoch + 1, c.epochs, downwards));
      await clock.time('prepare', () => model.prepare());
      observer.phase('training');
      await clock.time('train', () => trainEpoch(training));
      progress.cachedPrefix = Math.max(progress.cachedPrefix, model.cachedPrefix());

      observer.phase('validating');
      const evaluation = await clock.time('validation', () => evaluate(model, data.validation, data.padId, observer.signal));
      const isBest = training.best === null || score(evaluation.metrics) > score(training.best.metrics);
      endEpoch(progress, evaluation);
      if (isBest) training.best = { epoch: progress.epoch, metrics: evaluation.metrics, predictions: evaluation.predictions };
      if (progress.lastEpoch) observer.epoch(progress.lastEpoch);
      await save(training, isBest);
    }
    return await finish(training);
  } finally {
    await model.close();
  }
}

async function begin(opened: Pick<Training, 'job' | 'data' | 'model' | 'observer' | 'clock'>): Promise<Training> {
  const { job, data, model, observer } = opened;
  const before = job.continues ? await continueFrom(job.continues, job, model) : {};
  const { progress, best } = job.resume ? await resumed(job, model, before) : { progress: { ...newProgress(), ...before }, best: null };
  if (job.resume) {
    observer.resumed({ epoch: progress.epoch, step: progress.step });
    if (progress.lastEpoch) observer.epoch(progress.lastEpoch);
  }
  progress.notes = [...new Set([...progress.notes, ...job.notes])];
  const schedule = scheduleOf(job.configuration, data.train.items.length);
  return { ...opened, schedule, progress, best, savedAt: performance.now() };
}

function scheduleOf(c: RunConfiguration, items: number): Schedule {
  const planned = c.epochs * Math.ceil(items / (c.batchSize * c.accumulate));
  const totalSteps = c.maxSteps > 0 ? Math.min(planned, c.maxSteps) : planned;
  return { kind: c.schedule, totalSteps, warmup: c.warmup };
}

function endEpoch(progress: Progress, { loss, metrics }: Evaluation): void {
  progress.epoch += 1;
  progress.lastEpoch = {
    epoch: progress.epoch,
    step: progress.step,
    trainLoss: progress.lossSum / progress.epochSteps,
    validationLoss: loss,
    validation: metrics,
  };
  progress.epochSteps = progress.lossSum = 0;
}

/** Predicts with the best epoch's parameters. Those of an epoch before the run was resumed are in its checkpoint alone. */
async function finish({ job, data, model, observer, clock, schedule, progress, best }: Training): Promise<TrainingResult> {
  if (best === null) throw new ThawError({ code: 'internal', message: 'A run of no steps.' });
  const { metrics } = best;
  observer.phase('testing');
  if (best.predictions === null || best.epoch !== progress.epoch) await model.load(readCheckpoint(job.directory, 'best', job.base).tensors);
  const measure = (examples: Examples) => evaluate(model, withThresholds(examples, metrics), data.padId, observer.signal);
  const predictions = best.predictions ?? (await clock.time('validation', () => measure(data.validation))).predictions;
  const test = data.test.ids.length > 0 ? await measure(data.test) : null;
  await dropPrevious(job.directory);
  return { figures: figuresOf(job, data, progress, schedule, clock, best.epoch), validation: { metrics, predictions }, test };
}

/** As a run trains it. */
export function openModelOf({ base, labeling, configuration: c, cache }: TrainingJob, { train }: Dataset): Promise<TrainableModel> {
  const { freeze: frozen, dropout, reinitTop, lora, seed, device, threads } = c;
  const classWeights = c.classWeights === 'balanced' ? balancedWeights(train.expected, labeling.classes.length) : null;
  return openModel({
    base,
    head: headOf(labeling.task),
    labels: labeling.classes,
    frozen,
    dropout,
    reinitTop,
    lora: lora > 0 ? adaptersOfRank(lora) : null,
    seed,
    device,
    threads,
    loss: { labelSmoothing: c.labelSmoothing, classWeights, binary: labeling.task === 'multilabel' },
    cache: cacheOptions(cache),
  });
}

/** Mixed, not added: else the epochs of seeds 1 and 2 would share all orders but one. */
const orderSeed = (seed: number, epoch: number): number => (Math.imul(seed, 0x9e3779b1) ^ Math.imul(epoch, 0x85ebca6b)) >>> 0;

/** One pass over the training items, in an order drawn from the seed and the epoch, or what is left of it. */
async function trainEpoch(training: Training): Promise<void> {
  const { job, data, model, observer, schedule, progress } = training;
  const { configuration: c, base } = job;
  const { items } = data.train;
  const lengths = items.map((item) => item.ids.length);
  const rates = layerRates(base.config.groups, c);
  const seed = orderSeed(c.seed, progress.epochsBefore + progress.epoch + 1);
  const batchSize = c.batchSize * c.accumulate;
  for (const indexes of planBatches(lengths, { batchSize, order: c.order, seed }).slice(progress.epochSteps)) {
    if (progress.step === schedule.totalSteps) break;
    await breathe(observer.signal);
    if (checkpointIsDue(training)) await saveBetween(training);
    const started = performance.now();
    const batches = collateParts(indexes.map((index) => items[index]), c.batchSize, data.padId); // prettier-ignore
    const learningRate = c.learningRate * learningRateFactor(progress.step, schedule);
    const { loss } = await stepOrAdvise(model, batches, progress.step + 1, {
      learningRate,
      layerRates: rates,
      weightDecay: c.weightDecay,
      decayAll: c.decayAll,
      clip: c.clip,
    });
    const tokens = indexes.reduce((total, index) => total + lengths[index], 0);
    progress.step += 1;
    progress.epochSteps += 1;
    progress.lossSum += loss;
    progress.examples += indexes.length;
    progress.tokens += tokens;
    progress.cells += batches.reduce((total, batch) => total + batch.ids.length, 0);
    const { step } = progress;
    observer.step({ step, totalSteps: schedule.totalSteps, loss, learningRate, tokens, ms: performance.now() - started });
  }
}

const checkpointIsDue = ({ job: { configuration: c }, savedAt }: Training): boolean =>
  c.checkpointMinutes > 0 && performance.now() - savedAt >= c.checkpointMinutes * 60_000;

/** Within an epoch, of which at least a step is left. */
async function saveBetween(training: Training): Promise<void> {
  await save(training, false);
  training.observer.phase('training');
}

function stepOrAdvise(model: TrainableModel, batches: Batch[], step: number, options: StepOptions): Promise<StepResult> {
  return model.step(batches, options).catch((cause: unknown) => {
    throw withAdvice(cause, step, options.learningRate);
  });
}

/** The step knows that it diverged; the loop knows with which learning rate, and what to try. */
function withAdvice(cause: unknown, step: number, learningRate: number): unknown {
  if (!(cause instanceof ThawError) || cause.code !== 'diverged') return cause;
  const message = `Training diverged at step ${step}, learning rate ${learningRate.toPrecision(3)}: the loss or its gradient is no number any more.`;
  return new ThawError(
    { code: 'diverged', message, remedy: 'Try a learning rate ten times lower, some warm-up, or clipping at 1.' },
    { cause },
  );
}

const score = (metrics: Metrics): number => headlineOf(metrics)?.value ?? 0;

/** Test examples are labeled by what the validation split tuned. */
export const withThresholds = ({ labeling, ...examples }: Examples, metrics: Metrics): Examples => ({
  ...examples,
  labeling: { ...labeling, thresholds: thresholdsOf(metrics) },
});

async function save(training: Training, best: boolean): Promise<void> {
  const { job, model, observer, clock, progress } = training;
  observer.phase('saving');
  await clock.time('checkpoint', async () => {
    const state = await model.state();
    const { dropoutState, thawedAt } = state;
    const place = { ...progress, seconds: clock.seconds, base: job.base.hash, dropoutState, thawedAt, words: job.labeling.words };
    await saveCheckpoint(job.directory, state, place, best);
  });
  training.savedAt = performance.now();
}

function figuresOf(
  { configuration: c }: TrainingJob,
  data: Dataset,
  progress: Progress,
  { totalSteps }: Schedule,
  { seconds }: Clock,
  bestEpoch: number,
): RunFigures {
  return {
    device: c.device,
    steps: progress.step,
    trainSeconds: seconds.train,
    prepareSeconds: seconds.prepare,
    validationSeconds: seconds.validation,
    checkpointSeconds: seconds.checkpoint,
    examplesPerSecond: progress.examples / seconds.train,
    paddingFraction: 1 - progress.tokens / progress.cells,
    cachedPrefix: progress.cachedPrefix,
    peakMemoryMB: process.resourceUsage().maxRSS / 1024,
    truncated: data.train.truncated,
    bestEpoch,
    notes: [...progress.notes, ...earlyStopNote(c, progress.epoch, bestEpoch, progress.step < totalSteps), ...overlapNote(data.train)],
  };
}
