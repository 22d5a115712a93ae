/** What a run's figures say of it. */
import type { Metrics } from './domain.ts';

export interface Headline {
  name: 'accuracy' | 'microF1' | 'f1';
  value: number;
}

/** The figure a run is judged by: entity F1; micro F1 where a text may have several labels, each with its threshold; accuracy otherwise. */
export function headlineOf({ f1, microF1, accuracy, perLabel }: Metrics): Headline | null {
  if (f1 !== undefined) return { name: 'f1', value: f1 };
  if (microF1 !== undefined && perLabel.some(({ threshold }) => threshold !== undefined)) return { name: 'microF1', value: microF1 };
  return accuracy === undefined ? null : { name: 'accuracy', value: accuracy };
}

/** Multi-label: the probability from which each label is given, in the order of the run's labels. */
export function thresholdsOf({ perLabel }: Metrics): number[] | undefined {
  const thresholds = perLabel.flatMap(({ threshold }) => threshold ?? []);
  return thresholds.length > 0 ? thresholds : undefined;
}
