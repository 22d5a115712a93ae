/** Where a run stands besides its model: a checkpoint keeps it, so that a resumed run ends as one that was never interrupted. */
import { z } from 'zod';
import { epochSchema } from '../../shared/domain.ts';

/** Wall time by kind of work, in seconds. */
const secondsSchema = z.object({ prepare: z.number(), train: z.number(), validation: z.number(), checkpoint: z.number() });
export type Seconds = z.infer<typeof secondsSchema>;

export const progressSchema = z.object({
  /** Epochs and steps of the runs that this one continues. */
  epochsBefore: z.number().int(),
  stepsBefore: z.number().int(),
  /** Epochs done. */
  epoch: z.number().int(),
  /** Steps done, and those of them in the epoch under way: the position in its order. */
  step: z.number().int(),
  epochSteps: z.number().int(),
  /** Sum of the losses of the epoch under way. */
  lossSum: z.number(),
  examples: z.number().int(),
  /** Real tokens, and cells of all batches with their padding. */
  tokens: z.number().int(),
  cells: z.number().int(),
  /** Layers read from the cache, in the epoch that read the most. */
  cachedPrefix: z.number().int(),
  seconds: secondsSchema,
  /** The last epoch done. Its validation figures hold a multi-label run's thresholds. */
  lastEpoch: epochSchema.nullable(),
  /** What happened that the run's figures will tell. */
  notes: z.array(z.string()),
});
export type Progress = z.infer<typeof progressSchema>;

export const newProgress = (): Progress => ({
  epochsBefore: 0,
  stepsBefore: 0,
  epoch: 0,
  step: 0,
  epochSteps: 0,
  lossSum: 0,
  examples: 0,
  tokens: 0,
  cells: 0,
  cachedPrefix: 0,
  seconds: { prepare: 0, train: 0, validation: 0, checkpoint: 0 },
  lastEpoch: null,
  notes: [],
});
