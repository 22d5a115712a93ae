/**
 * Learning rates over a run, a multiplier of the configured one a step; as transformers' `get_linear_schedule_with_warmup`,
 * `get_cosine_schedule_with_warmup` (half a wave) and `get_constant_schedule_with_warmup`.
 */

export interface Schedule {
  kind: 'linear' | 'cosine' | 'constant';
  totalSteps: number;
  /** Share of all steps in which the rate rises from 0; rounded up to whole steps, as the Hugging Face Trainer does. */
  warmup: number;
}

/** Share of the configured learning rate for the step with this 0-based number, in [0, 1]. */
export function learningRateFactor(step: number, { kind, totalSteps, warmup }: Schedule): number {
  const warmupSteps = Math.ceil(totalSteps * warmup);
  if (step < warmupSteps) return step / Math.max(1, warmupSteps);
  if (kind === 'constant') return 1;
  if (kind === 'linear') return Math.max(0, (totalSteps - step) / Math.max(1, totalSteps - warmupSteps));
  const progress = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
  return Math.max(0, (1 + Math.cos(Math.PI * progress)) / 2);
}
