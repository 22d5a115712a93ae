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
import { readCheckpoint, saveCheckpoint } from './checkpoints.ts';
import { Clock } from './clock.ts';
import { headOf, overlapNote, prepareDataset, type Dataset, type Examples, type Labeling } from './dataset.ts';
import { evaluate, type Evaluation } from './evaluation.ts';
import { earlyStopNote, outOfPatience } from './patience.ts';
import { cacheOptions } from './prefix/index.ts';
import type { LabeledExample } from './requirements.ts';
import { learningRateFactor, type Schedule } from './schedule.ts';
import { openModel, type TrainableModel } from './step.ts';
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
}

type Told<T extends RunEvent['type']> = Omit<Extract<RunEvent, { type: T }>, 'type' | 'run'>;

/** Who is told what, and who may stop it: `signal` is looked at between steps. */
export interface TrainingObserver {
  signal: AbortSignal;
  phase(phase: Told<'phase'>['phase']): void;
  step(step: Told<'step'>): void;
  epoch(epoch: Epoch): void;
}

export interface TrainingResult {
  figures: RunFigures;
  validation: { metrics: Metrics; predictions: Prediction[] };
  /** Null without labeled test examples. */
  test: { metrics: Metrics; predictions: Prediction[] } | null;
}

/**
 * Trains one run. Loss falls by AdamW under the configured schedule; the epoch with the highest validation metric (accuracy; micro F1 for
 * multi-label, entity F1 for NER), the earlier one of equals, is the one that counts. Same job, same threads: the same parameters, bit for bit.
 * @throws diverged, cancelled, disk_full, not_enough_data
 */
export async function train(job: TrainingJob, observer: TrainingObserver): Promise<TrainingResult> {
  const { configuration: c, base, directory } = job;
  const clock = new Clock();

  observer.phase('preparing');
  const data = await clock.time('prepare', () => prepareDataset(job.labeling, base.folder, job.examples, c.maxLength));
  const model = await clock.time('prepare', () => openModelOf(job, data));
  try {
    const downwards = model.layers();
    const progress = startProgress(c, data.train.items.length, base.config.groups);
    let best: { epoch: number; evaluation: Evaluation } | null = null;
    while (progress.step < progress.schedule.totalSteps && !outOfPatience(c.patience, progress.epoch, best?.epoch ?? 0)) {
      progress.epoch += 1;
      if (c.gradual) await model.thaw(thawedIn(progress.epoch, c.epochs, downwards));
      await clock.time('prepare', () => model.prepare());
      observer.phase('training');
      const trainLoss = await clock.time('train', () => trainEpoch(model, data, c, progress, observer));
      progress.cachedPrefix = Math.max(progress.cachedPrefix, model.cachedPrefix());

      observer.phase('validating');
      const evaluation = await clock.time('validation', () => evaluate(model, data.validation, data.padId, observer.signal));
      const isBest = best === null || score(evaluation.metrics) > score(best.evaluation.metrics);
      if (isBest) best = { epoch: progress.epoch, evaluation };
      observer.epoch({
        epoch: progress.epoch,
        step: progress.step,
        trainLoss,
        validationLoss: evaluation.loss,
        validation: evaluation.metrics,
      });

      observer.phase('saving');
      await clock.time('checkpoint', () => saveEpoch(model, job, progress, isBest));
    }
    if (best === null) throw new ThawError({ code: 'internal', message: 'A run of no steps.' });

    observer.phase('testing');
    if (best.epoch !== progress.epoch) await model.load(readCheckpoint(directory, 'best', base).tensors);
    const testing = withThresholds(data.test, best.evaluation.metrics);
    const test = data.test.ids.length > 0 ? await evaluate(model, testing, data.padId, observer.signal) : null;
    return { figures: figuresOf(job, data, progress, clock, best.epoch), validation: best.evaluation, test };
  } finally {
    await model.close();
  }
}

interface Progress {
  /** 1-based number of the epoch under way. */
  epoch: number;
  /** Steps done. */
  step: number;
  schedule: Schedule;
  layerRates: ReadonlyMap<string, number>;
  examples: number;
  /** Real tokens, and cells of all batches with their padding. */
  tokens: number;
  cells: number;
  /** Layers read from the cache, in the epoch that read the most. */
  cachedPrefix: number;
}

function startProgress(c: RunConfiguration, items: number, layers: number): Progress {
  const planned = c.epochs * Math.ceil(items / (c.batchSize * c.accumulate));
  const totalSteps = c.maxSteps > 0 ? Math.min(planned, c.maxSteps) : planned;
  const schedule = { kind: c.schedule, totalSteps, warmup: c.warmup };
  return { epoch: 0, step: 0, schedule, layerRates: layerRates(layers, c), examples: 0, tokens: 0, cells: 0, cachedPrefix: 0 };
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

/** One pass over the training items, in an order drawn from the seed and the epoch; the mean loss of its steps. */
async function trainEpoch(
  model: TrainableModel,
  data: Dataset,
  c: RunConfiguration,
  progress: Progress,
  observer: TrainingObserver,
): Promise<number> {
  const { items } = data.train;
  const lengths = items.map((item) => item.ids.length);
  let sum = 0;
  let steps = 0;
  for (const indexes of planBatches(lengths, {
    batchSize: c.batchSize * c.accumulate,
    order: c.order,
    seed: orderSeed(c.seed, progress.epoch),
  })) {
    if (progress.step === progress.schedule.totalSteps) break;
    await breathe(observer.signal);
    const started = performance.now();
    const members = indexes.map((index) => items[index]);
    const batches = collateParts(members, c.batchSize, data.padId);
    const learningRate = c.learningRate * learningRateFactor(progress.step, progress.schedule);
    const { loss } = await model
      .step(batches, { learningRate, layerRates: progress.layerRates, weightDecay: c.weightDecay, decayAll: c.decayAll, clip: c.clip })
      .catch((cause: unknown) => {
        throw withAdvice(cause, progress.step + 1, learningRate);
      });
    progress.step += 1;

    const tokens = indexes.reduce((total, index) => total + lengths[index], 0);
    progress.examples += indexes.length;
    progress.tokens += tokens;
    progress.cells += batches.reduce((total, batch) => total + batch.ids.length, 0);
    observer.step({
      step: progress.step,
      totalSteps: progress.schedule.totalSteps,
      loss,
      learningRate,
      tokens,
      ms: performance.now() - started,
    });
    sum += loss;
    steps += 1;
  }
  return sum / steps;
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

async function saveEpoch(model: TrainableModel, job: TrainingJob, { epoch, step }: Progress, best: boolean): Promise<void> {
  const state = await model.state();
  const { dropoutState, thawedAt } = state;
  const place = { base: job.base.hash, epoch, step, dropoutState, thawedAt, words: job.labeling.words };
  await saveCheckpoint(job.directory, state, place, best);
}

function figuresOf(
  { configuration: c }: TrainingJob,
  data: Dataset,
  progress: Progress,
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
    notes: [...earlyStopNote(c, progress.epoch, bestEpoch, progress.step < progress.schedule.totalSteps), ...overlapNote(data.train)],
  };
}
