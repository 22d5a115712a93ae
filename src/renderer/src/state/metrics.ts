/** The one figure a run is judged by, and what its epochs say in a sentence. */
import type { Epoch, Metrics, Task } from '../../../shared/domain.ts';
import { headlineOf } from '../../../shared/metrics.ts';
import { wilsonInterval } from '../../../shared/interval.ts';

export interface Headline {
  title: string;
  value: number;
}

const titles = { accuracy: 'accuracy', microF1: 'micro F1', f1: 'entity F1' };

export const metricTitle = (task: Task): string =>
  titles[({ classification: 'accuracy', multilabel: 'microF1', ner: 'f1' } as const)[task]];

export function headlineMetric(metrics: Metrics): Headline | null {
  const headline = headlineOf(metrics);
  return headline && { title: titles[headline.name], value: headline.value };
}

/** The 95 % interval of the headline metric, where that is a share of texts; else null. */
export function headlineInterval(metrics: Metrics): [low: number, high: number] | null {
  const headline = headlineOf(metrics);
  return headline?.name === 'accuracy' ? wilsonInterval(headline.value, metrics.examples) : null;
}

/** The epoch with the best headline metric; the first of equals. */
export function bestEpoch(epochs: Epoch[]): Epoch | null {
  const value = (epoch: Epoch) => (epoch.validation && headlineMetric(epoch.validation)?.value) ?? -1;
  return epochs.reduce<Epoch | null>((best, epoch) => (best === null || value(epoch) > value(best) ? epoch : best), null);
}

export interface Diagnosis {
  kind: 'waiting' | 'learning' | 'overfitting' | 'flat';
  title: string;
  text: string;
  /** From this epoch on the validation loss is above its lowest. */
  since: number | null;
}

/** What the losses say so far. Overfitting: the validation loss rises while the training loss falls. */
export function diagnose(epochs: Epoch[]): Diagnosis {
  const scored = epochs.filter((epoch) => epoch.validationLoss !== null) as (Epoch & { validationLoss: number })[];
  const last = scored.at(-1);
  if (!last)
    return { kind: 'waiting', title: 'No epoch has ended yet.', text: 'The validation texts are scored after each epoch.', since: null };
  const lowest = scored.reduce((low, epoch) => (epoch.validationLoss < low.validationLoss ? epoch : low));
  const first = scored[0];
  if (scored.length === 1)
    return { kind: 'waiting', title: 'One epoch has ended.', text: 'Whether it still improves shows after the next.', since: null };
  if (lowest.epoch < last.epoch && last.trainLoss < lowest.trainLoss)
    return {
      kind: 'overfitting',
      title: 'Overfitting.',
      text: `Validation loss is above that of epoch ${lowest.epoch} while training loss falls: the model learns these texts rather than the task.`,
      since: lowest.epoch,
    };
  if (first.validationLoss - lowest.validationLoss < 0.01 * first.validationLoss)
    return {
      kind: 'flat',
      title: 'Hardly learning.',
      text: 'Validation loss has not fallen by a hundredth. Another learning rate or more trained layers may help.',
      since: null,
    };
  return {
    kind: 'learning',
    title: 'Learning.',
    text: `Validation loss has fallen from ${first.validationLoss.toFixed(2)} to ${lowest.validationLoss.toFixed(2)}.`,
    since: null,
  };
}
