/** Early stopping: a run that no longer gets better on the validation split ends before its last epoch. */
import type { RunConfiguration } from '../../shared/domain.ts';

/** Whether the last `patience` of the epochs done were none of them better than the best before; `patience` 0: never. */
export const outOfPatience = (patience: number, done: number, best: number): boolean => patience > 0 && done - best >= patience;

/** What to say of a run that has ended with steps left to do. */
export function earlyStopNote({ epochs, patience }: RunConfiguration, done: number, best: number, stepsLeft: boolean): string[] {
  if (!stepsLeft) return [];
  const waited = patience === 1 ? 'an epoch' : `${patience} epochs`;
  return [
    `Stopped early, after epoch ${done} of ${epochs}: ${waited} had brought no better validation metric than epoch ${best}, which is kept.`,
  ];
}
