/** Everything that decides how a run goes. */
import { z } from 'zod';

/** `embeddings`, `projection` and `positions` in the families that have them apart, a layer's number as text, or `head`. Layer 0 is the lowest. */
export const layerNameSchema = z.string().regex(/^(embeddings|projection|positions|head|\d+)$/);

const dropoutProbability = z.number().min(0).max(0.9);

/** One probability for every site, or some by site; a site that is not named keeps the base's own. */
export const dropoutSchema = z.union([
  dropoutProbability,
  z.strictObject({ hidden: dropoutProbability.optional(), attention: dropoutProbability.optional(), head: dropoutProbability.optional() }),
]);
export type DropoutSetting = z.infer<typeof dropoutSchema>;

/** The base model that comes with the app. */
export const embeddedBase = 'all-MiniLM-L6-v2';

/** Everything that decides a run's outcome, besides the snapshot. This alone repeats the run. Defaults are the command line's. */
export const runConfigurationSchema = z.object({
  /**
   * Where it starts: the folder of a base model, or its name in resources/models; a run of the project; or `scratch` or `scratch:BASE`, random
   * weights in that base model's architecture.
   */
  base: z.string().default(embeddedBase),
  /** sha256 of the weights that it starts from. Recorded where those are a run's; a run whose weights are others fails. null: not checked. */
  baseHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable()
    .default(null),
  /** Goes on training the run that `base` names: from its last weights, AdamW's moments and count of steps, rather than from its best weights alone. */
  continues: z.boolean().default(false),
  epochs: z.number().int().min(1).max(1000).default(3),
  /** Epochs without a better validation metric after which the run ends; 0: it does not. */
  patience: z.number().int().nonnegative().default(0),
  /** Ends the run early; 0: no limit. */
  maxSteps: z.number().int().nonnegative().default(0),
  learningRate: z.number().positive().max(1).default(5e-5),
  /** Factor of the learning rate from each layer to the next lower one. */
  layerDecay: z.number().positive().max(1).default(1),
  /** Factors of the learning rate by layer, besides. */
  learningRateScale: z.record(layerNameSchema, z.number().positive().max(1000)).default({}),
  batchSize: z.number().int().min(1).max(1024).default(16),
  /** Batches a step: their gradients are those of one batch of all of them. */
  accumulate: z.number().int().min(1).max(1024).default(1),
  maxLength: z.number().int().min(4).max(8192).default(128),
  /** Frozen layers by name. */
  freeze: z.array(layerNameSchema).default([]),
  /** The head alone is fitted, to its minimum, with all else frozen. No epochs, no steps, no dropout: what they would be told is not used. */
  headOnly: z.boolean().default(false),
  /** Rank of the low-rank adapters that are trained in place of the layers' own matrices, with the head; 0: none. Their alpha is twice the rank. */
  lora: z.number().int().min(0).max(1024).default(0),
  /** The first epoch trains the top layer alone, each further one a layer more from the top. */
  gradual: z.boolean().default(false),
  /** null: the base's own. */
  dropout: dropoutSchema.nullable().default(null),
  /** Highest layers that start anew, with bert's pooler, rather than from the base's weights. */
  reinitTop: z.number().int().nonnegative().default(0),
  weightDecay: z.number().nonnegative().default(0.01),
  /** Biases and normalization weights decay too. */
  decayAll: z.boolean().default(false),
  /** Share of each training target that is spread evenly over all classes. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /** What a training example of a class weighs: the same, or the more the rarer its class is. */
  classWeights: z.enum(['none', 'balanced']).default('none'),
  /** Share of all steps. */
  warmup: z.number().min(0).max(1).default(0),
  schedule: z.enum(['linear', 'cosine', 'constant']).default('linear'),
  /** Largest global gradient norm; 0: no clipping. */
  clip: z.number().nonnegative().default(1),
  seed: z.number().int().nonnegative().default(1),
  order: z.enum(['grouped', 'shuffle', 'file']).default('grouped'),
  device: z.enum(['cpu', 'webgpu']).default('cpu'),
  /** 0: the physical cores. */
  threads: z.number().int().nonnegative().default(0),
  /** Minutes between two checkpoints within an epoch; 0: at the ends of epochs alone. */
  checkpointMinutes: z.number().nonnegative().max(1440).default(5),
});
export type RunConfiguration = z.infer<typeof runConfigurationSchema>;
