/** Base models, devices, what a run would take of them, and exported models. */
import { z } from 'zod';
import { layerNameSchema } from './configuration.ts';

export const deviceSchema = z.object({
  id: z.string(),
  kind: z.enum(['cpu', 'webgpu', 'tensorflow']),
  name: z.string(),
  available: z.boolean(),
  reason: z.string().nullable(),
  gflops: z.number().nullable(),
});
export type Device = z.infer<typeof deviceSchema>;

/** What a run would take, reckoned before it starts. */
export const estimateSchema = z.object({
  trainableParameters: z.number().int(),
  totalParameters: z.number().int(),
  /** Peak of the trainer process, as a run's peakMemoryMB; null on a GPU, whose memory is not known. */
  memoryMB: z.number().nullable(),
  /** Of training, as a run's trainSeconds; null on a GPU. */
  seconds: z.number().nullable(),
  /** Besides: validation after each epoch, and the test split. */
  evaluationSeconds: z.number().nullable(),
  availableMemoryMB: z.number(),
  /** Why the run would be refused; null where it fits. */
  refusal: z.object({ message: z.string(), remedy: z.string() }).nullable(),
  /** Settings with which it would fit. */
  change: z
    .object({ batchSize: z.number().int(), accumulate: z.number().int(), maxLength: z.number().int(), freeze: z.array(layerNameSchema) })
    .partial()
    .nullable(),
});
export type Estimate = z.infer<typeof estimateSchema>;

/** One layer of a base model, for the layer stack. */
export const layerSchema = z.object({
  name: layerNameSchema,
  parameters: z.number().int(),
  /** Of low-rank adapters of rank 1 beside its matrices; 0 where it takes none. */
  adapterParameters: z.number().int(),
});

export const baseModelSchema = z.object({
  name: z.string(),
  folder: z.string(),
  family: z.string(),
  parameters: z.number().int(),
  layers: z.array(layerSchema),
  maxLength: z.number().int(),
  hiddenSize: z.number().int(),
  dropout: z.number(),
  licence: z.string().nullable(),
});
export type BaseModel = z.infer<typeof baseModelSchema>;

export const exportReportSchema = z.object({
  files: z.array(z.string()),
  verified: z.object({ examples: z.number().int(), largestDifference: z.number() }),
});
export type ExportReport = z.infer<typeof exportReportSchema>;
