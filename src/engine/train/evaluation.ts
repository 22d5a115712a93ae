/** What a model says of examples: logits at natural lengths, probabilities or entities, loss and metrics. */
import type { Metrics, Prediction } from '../../shared/domain.ts';
import { classificationMetrics, entityMetrics, likeliest, multiLabelMetrics } from '../evaluate/metrics.ts';
import { sigmoid, softmax } from '../evaluate/softmax.ts';
import { tuneThresholds, USUAL_THRESHOLD } from '../evaluate/thresholds.ts';
import { collate, decodeSpans, splitTokenLogits } from '../text/index.ts';
import { breathe } from './cancellation.ts';
import type { Examples } from './dataset.ts';
import type { TrainableModel } from './step.ts';

/** Tokens a batch: enough for matrix products at full speed, and few enough for what is between them to stay in the processor's cache. */
const BATCH_TOKENS = 512;

export interface Evaluation {
  /** Mean cross-entropy over what is labeled (multi-label: over all cells); null when nothing is. */
  loss: number | null;
  metrics: Metrics;
  predictions: Prediction[];
}

/** Predicts labeled examples and measures the predictions; thresholds that there are none of yet are tuned on them. @throws cancelled */
export async function evaluate(model: TrainableModel, given: Examples, padId: number, signal: AbortSignal): Promise<Evaluation> {
  const logits = await itemLogits(model, given, padId, signal);
  const examples = given.labeling.task === 'multilabel' ? withThresholds(given, logits) : given;
  const { predictions } = predictionsFrom(examples, logits);
  const loss = given.labeling.task === 'multilabel' ? meanBinaryLoss(examples, logits) : meanLoss(examples, logits);
  return { loss, metrics: metricsOf(examples, predictions), predictions };
}

const expectedLabels = ({ items }: Examples): number[][] =>
  items.map(({ targets }) => [...(targets ?? [])].flatMap((target, index) => (target === 1 ? [index] : [])));

function withThresholds(examples: Examples, logits: Float32Array[]): Examples {
  const { labeling } = examples;
  const scores = logits.map((item) => [...item].map(sigmoid));
  const thresholds = labeling.thresholds ?? tuneThresholds(scores, expectedLabels(examples), labeling.labels.length);
  return { ...examples, labeling: { ...labeling, thresholds } };
}

function metricsOf(examples: Examples, predictions: Prediction[]): Metrics {
  const { labeling, expected, spans } = examples;
  if (labeling.task === 'multilabel') {
    const predicted = predictions.map(({ labels = [] }) => labels.map((name) => labeling.labels.indexOf(name)));
    return multiLabelMetrics(expectedLabels(examples), predicted, labeling.labels, labeling.thresholds ?? []);
  }
  if (labeling.task === 'ner') {
    const predicted = predictions.map((prediction) => prediction.spans ?? []);
    return entityMetrics(spans, predicted);
  }
  const probabilities = predictions.map((prediction) => prediction.scores);
  return classificationMetrics(expected, probabilities, labeling.labels);
}

/**
 * Logits of each item, dropout off: `[classes]`, or `[length × classes]` of a token head. Items of like lengths share a batch, so that little
 * is padding.
 * @throws cancelled
 */
export async function itemLogits(
  model: TrainableModel,
  { items, labeling }: Examples,
  padId: number,
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const classes = labeling.classes.length;
  const logits: Float32Array[] = new Array(items.length);
  for (const indexes of batchesByLength(items.map(({ ids }) => ids.length))) {
    await breathe(signal);
    const members = indexes.map((index) => items[index]);
    const all = await model.logits(collate(members, padId));
    const rows =
      labeling.task === 'ner'
        ? splitTokenLogits(all, members, classes)
        : members.map((_, row) => all.slice(row * classes, (row + 1) * classes));
    indexes.forEach((index, row) => (logits[index] = rows[row]));
  }
  return logits;
}

/** Indexes of lengths in batches of like ones, the shortest first: as many a batch as its longest allows, at least one. */
export function* batchesByLength(lengths: number[], indexes: number[] = [...lengths.keys()]): Generator<number[]> {
  const byLength = [...indexes].sort((a, b) => lengths[a] - lengths[b] || a - b);
  let start = 0;
  for (let end = 1; end <= byLength.length; end++) {
    const next = end - start + 1;
    if (end < byLength.length && next * lengths[byLength[end]] <= BATCH_TOKENS) continue;
    yield byLength.slice(start, end);
    start = end;
  }
}

/** Predictions in the order of the examples, and their logits (but for entities). */
export function predictionsFrom(examples: Examples, logits: Float32Array[]): { predictions: Prediction[]; logits: number[][] } {
  const { ids, labeling, items, words } = examples;
  const { classes } = labeling;
  if (labeling.task === 'multilabel') return severalLabels(examples, logits);
  const probabilities = logits.map((item) => softmax(item, classes.length));
  if (words) {
    const spans = decodeSpans({ items: words.items, words: words.words }, probabilities, classes);
    return { predictions: ids.map((exampleId, index) => ({ exampleId, label: null, scores: [], spans: spans[index] })), logits: [] };
  }
  const predictions: Prediction[] = items.map(({ example }, index) => {
    const scores = [...probabilities[index]];
    return { exampleId: ids[example], label: classes[likeliest(scores)], scores, spans: null };
  });
  return { predictions, logits: logits.map((item) => [...item]) };
}

function severalLabels({ ids, labeling, items }: Examples, logits: Float32Array[]): { predictions: Prediction[]; logits: number[][] } {
  const { labels: names, thresholds } = labeling;
  const predictions = items.map(({ example }, index): Prediction => {
    const scores = [...logits[index]].map(sigmoid);
    const labels = names.filter((_, at) => scores[at] >= (thresholds?.[at] ?? USUAL_THRESHOLD));
    return { exampleId: ids[example], label: null, labels, scores, spans: null };
  });
  return { predictions, logits: logits.map((item) => [...item]) };
}

/** Mean of −log p over all cells: torch.nn.BCEWithLogitsLoss. */
function meanBinaryLoss({ items, labeling }: Examples, logits: Float32Array[]): number | null {
  if (items.length === 0) return null;
  let sum = 0;
  items.forEach(({ targets }, index) =>
    targets?.forEach((target, label) => {
      const wrong = logits[index][label] * (1 - 2 * target);
      sum += Math.max(wrong, 0) + Math.log1p(Math.exp(-Math.abs(wrong)));
    }),
  );
  return sum / (items.length * labeling.classes.length);
}

/** Mean of −log p(label) over the labeled rows of all items. */
function meanLoss({ items, labeling }: Examples, logits: Float32Array[]): number | null {
  const classes = labeling.classes.length;
  let sum = 0;
  let count = 0;
  items.forEach(({ labels }, index) =>
    labels.forEach((label, row) => {
      if (label < 0) return;
      const values = logits[index].subarray(row * classes, (row + 1) * classes);
      const largest = values.reduce((best, value) => Math.max(best, value), -Infinity);
      sum += largest + Math.log(values.reduce((total, value) => total + Math.exp(value - largest), 0)) - values[label];
      count += 1;
    }),
  );
  return count > 0 ? sum / count : null;
}
