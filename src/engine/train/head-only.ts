/**
 * A run of the head alone: what its last matrix reads never changes, so it is computed once and the matrix is solved for, to the minimum of the loss
 * with a penalty that the validation split chooses. No epochs, no learning rate.
 */
import type { Epoch, RunFigures } from '../../shared/domain.ts';
import type { Tensor } from '../models/base.ts';
import { familyOf } from '../models/base.ts';
import { parametersOf } from '../models/parameters.ts';
import { balancedWeights } from './class-weights.ts';
import { saveCheckpoint } from './checkpoints.ts';
import { Clock } from './clock.ts';
import { headOf, overlapNote, prepareDataset, type Dataset, type Examples } from './dataset.ts';
import { evaluate } from './evaluation.ts';
import { openModelOf, withThresholds, type TrainingJob, type TrainingObserver, type TrainingResult } from './loop.ts';
import { labeledRows, type LabeledRows } from './probe/labeled-rows.ts';
import { fitBest, lossOf, STRENGTHS, type Chosen } from './probe/strength.ts';
import { passThrough } from './probe/through.ts';
import { newProgress } from './progress.ts';
import type { HeadRows } from './runtime.ts';
import type { TrainableModel } from './step.ts';
import { breathe } from './cancellation.ts';

/** Values of the rows that are fitted to: half a gigabyte. */
const MOST_VALUES = 2 ** 27;
const EPOCH = 1;

/** Fits the head of one run. Same job, same threads: the same parameters, bit for bit. @throws cancelled, disk_full */
export async function trainHead(job: TrainingJob, observer: TrainingObserver): Promise<TrainingResult> {
  const clock = new Clock();
  observer.phase('preparing');
  // Nothing is kept before the end: it begins anew.
  if (job.resume) observer.resumed({ epoch: 0, step: 0 });
  const data = await clock.time('prepare', () => prepareDataset(job.labeling, job.base.folder, job.examples, job.configuration.maxLength));
  const model = await clock.time('prepare', () => openModelOf(job, data));
  try {
    observer.phase('training');
    const { train, chosen } = await clock.time('train', () => fitHead(model, job, data, observer.signal));
    const steps = chosen.probe.evaluations;

    observer.phase('validating');
    const validation = await clock.time('validation', () => evaluate(model, data.validation, data.padId, observer.signal));
    const trainLoss = lossOf(chosen.probe, train);
    const epoch = { epoch: EPOCH, step: steps, trainLoss, validationLoss: validation.loss, validation: validation.metrics };
    observer.epoch(epoch);

    observer.phase('saving');
    await clock.time('checkpoint', () => save(model, job, epoch));

    observer.phase('testing');
    const testing = withThresholds(data.test, validation.metrics);
    const test = data.test.ids.length > 0 ? await evaluate(model, testing, data.padId, observer.signal) : null;
    return { figures: figuresOf(job, data, clock, model.cachedPrefix(), chosen, train), validation, test };
  } finally {
    await model.close();
  }
}

interface Fitted {
  train: LabeledRows;
  chosen: Chosen;
}
/** Solves for the head and puts it into the model. */
async function fitHead(model: TrainableModel, job: TrainingJob, data: Dataset, signal: AbortSignal): Promise<Fitted> {
  const { labeling, base, configuration } = job;
  const { hidden } = base.config;
  const rowsOf = (examples: Examples, part: keyof HeadRows) =>
    labeledRows(model, examples, { part, hidden, most: MOST_VALUES, padId: data.padId, signal });
  const head = headParameters(job);
  const put = (values: Map<string, Tensor>) => model.load(new Map([...values].map(([role, value]) => [head.get(role)!, value])));

  const family = familyOf(base.family);
  const { dense } = family.heads[headOf(labeling.task)];
  if (dense) await put(passThrough(dense, family.biases, (await rowsOf(data.train, 'pooled')).features, hidden));

  const train = await rowsOf(data.train, 'inputs');
  const classes = labeling.classes.length;
  const classWeights = configuration.classWeights === 'balanced' ? balancedWeights(data.train.expected, classes) : null;
  const chosen = await fitBest(train, await rowsOf(data.validation, 'inputs'), { classes, classWeights }, () => breathe(signal));
  await put(
    new Map([
      ['head.out.weight', { shape: [classes, hidden], data: Float32Array.from(chosen.probe.weights) }],
      ['head.out.bias', { shape: [classes], data: Float32Array.from(chosen.probe.bias) }],
    ]),
  );
  return { train, chosen };
}
/** Hugging Face's names of the head's parameters by their roles. */
function headParameters({ base, labeling }: TrainingJob): Map<string, string> {
  const all = parametersOf(familyOf(base.family), base.config, headOf(labeling.task), labeling.classes.length);
  return new Map(all.filter(({ layer }) => layer === 'head').map(({ role, name }) => [role, name]));
}

async function save(model: TrainableModel, { base, directory, labeling }: TrainingJob, lastEpoch: Epoch): Promise<void> {
  const state = await model.state();
  const { dropoutState, thawedAt } = state;
  const progress = { ...newProgress(), epoch: EPOCH, step: lastEpoch.step, lastEpoch };
  await saveCheckpoint(directory, state, { ...progress, base: base.hash, dropoutState, thawedAt, words: labeling.words }, true);
}

function figuresOf(
  { configuration, notes }: TrainingJob,
  { train }: Dataset,
  { seconds }: Clock,
  cachedPrefix: number,
  chosen: Chosen,
  rows: LabeledRows,
): RunFigures {
  return {
    device: configuration.device,
    steps: chosen.probe.evaluations,
    trainSeconds: seconds.train,
    prepareSeconds: seconds.prepare,
    validationSeconds: seconds.validation,
    checkpointSeconds: seconds.checkpoint,
    examplesPerSecond: train.items.length / seconds.train,
    // Features are computed of texts of one length together.
    paddingFraction: 0,
    cachedPrefix,
    peakMemoryMB: process.resourceUsage().maxRSS / 1024,
    truncated: train.truncated,
    bestEpoch: EPOCH,
    notes: [...notes, ...notesOf(chosen, rows), ...overlapNote(train)],
  };
}
function notesOf({ strength, probe }: Chosen, { labels, available }: LabeledRows): string[] {
  const [strongest, weakest] = [STRENGTHS[0], STRENGTHS.at(-1)];
  const chosen = `The head was solved for, with an L2 penalty of ${strength}, chosen from ${strongest} … ${weakest} by the validation loss.`;
  return [
    chosen,
    ...(probe.converged ? [] : ['Its minimum was not reached to the last digits.']),
    ...(labels.length < available
      ? [`It was fitted to ${labels.length} of ${available} labeled words, evenly spaced, as many as memory is set aside for.`]
      : []),
  ];
}
