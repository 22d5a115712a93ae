/** Runs: their course and their figures. */
import { z } from 'zod';
import { runConfigurationSchema } from './configuration.ts';

export const perLabelSchema = z.object({
  label: z.string(),
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  support: z.number().int(),
  /** Multi-label: the probability from which the label is given, tuned on the validation split. */
  threshold: z.number().optional(),
});

/** Classification: accuracy, macroF1, microF1, logLoss. Multi-label: accuracy (of whole sets), macroF1, microF1. NER: f1, precision, recall (strict, entity level). */
export const metricsSchema = z.object({
  examples: z.number().int(),
  accuracy: z.number().optional(),
  macroF1: z.number().optional(),
  microF1: z.number().optional(),
  logLoss: z.number().optional(),
  f1: z.number().optional(),
  precision: z.number().optional(),
  recall: z.number().optional(),
  perLabel: z.array(perLabelSchema),
});
export type Metrics = z.infer<typeof metricsSchema>;

export const runStatusSchema = z.enum(['queued', 'running', 'finished', 'failed', 'cancelled', 'interrupted']);
export type RunStatus = z.infer<typeof runStatusSchema>;

/** One finished epoch. */
export const epochSchema = z.object({
  epoch: z.number().int(),
  step: z.number().int(),
  trainLoss: z.number(),
  validationLoss: z.number().nullable(),
  validation: metricsSchema.nullable(),
});
export type Epoch = z.infer<typeof epochSchema>;

export const runFiguresSchema = z.object({
  device: z.string(),
  steps: z.number().int(),
  trainSeconds: z.number(),
  prepareSeconds: z.number(),
  validationSeconds: z.number(),
  checkpointSeconds: z.number(),
  examplesPerSecond: z.number(),
  paddingFraction: z.number(),
  /** Layers read from the cache of frozen ones, in the epoch that read the most; the embeddings below them are not counted. */
  cachedPrefix: z.number().int(),
  peakMemoryMB: z.number(),
  /** Training texts longer than maxLength: cut (classification) or windowed (NER). */
  truncated: z.number().int(),
  bestEpoch: z.number().int(),
  /** Things worth knowing of how it went, e.g. that it stopped early. */
  notes: z.array(z.string()).optional(),
});
export type RunFigures = z.infer<typeof runFiguresSchema>;

export const runSchema = z.object({
  run: z.string(),
  name: z.string(),
  status: runStatusSchema,
  base: z.string(),
  /** Content hash of the snapshot it saw. */
  snapshot: z.string(),
  configuration: runConfigurationSchema,
  labels: z.array(z.string()),
  /** How many of its training labels were approved suggestions; left out: none. */
  approvedLabels: z.number().int().optional(),
  /** ISO 8601. */
  createdAt: z.string(),
  figures: runFiguresSchema.nullable(),
  epochs: z.array(epochSchema),
  validation: metricsSchema.nullable(),
  test: metricsSchema.nullable(),
  /** Why it failed, in a sentence. */
  error: z.string().nullable(),
  /** Stopped before its end, with a checkpoint to go on from. */
  resumable: z.boolean().optional(),
});
export type Run = z.infer<typeof runSchema>;

/** Progress of a run, as the trainer tells it and the screens draw it. */
export const runEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('status'), run: z.string(), status: runStatusSchema, error: z.string().nullable() }),
  z.object({ type: z.literal('phase'), run: z.string(), phase: z.enum(['preparing', 'training', 'validating', 'saving', 'testing']) }),
  z.object({
    type: z.literal('step'),
    run: z.string(),
    step: z.number().int(),
    totalSteps: z.number().int(),
    loss: z.number(),
    learningRate: z.number(),
    tokens: z.number().int(),
    ms: z.number(),
  }),
  z.object({ type: z.literal('epoch'), run: z.string(), epoch: epochSchema }),
  /** Goes on after so many epochs and steps: what was told of later ones is told again. */
  z.object({ type: z.literal('resumed'), run: z.string(), epoch: z.number().int(), step: z.number().int() }),
]);
export type RunEvent = z.infer<typeof runEventSchema>;
