/** All that crosses between a host and its trainer process: one job a process, or one model kept open for texts, or for labels. Validated on both sides. */
import { z } from 'zod';
import {
  annotationSchema,
  comparisonSchema,
  deviceSchema,
  estimateSchema,
  metricsSchema,
  predictionSchema,
  runConfigurationSchema,
  runEventSchema,
  runFiguresSchema,
  spanSchema,
  taskSchema,
} from '../shared/domain.ts';
import { learningAnswerSchema, learningQuestionSchema } from './learning-messages.ts';

/** Where a model's weights come from: a folder or random numbers, and runs' checkpoints over them in turn. */
const startSchema = z.object({
  /** Folder of the base model. */
  folder: z.string(),
  /** The seed of random weights; null: the folder's own. */
  scratch: z.number().int().nullable(),
  /** Oldest first. */
  ancestors: z.array(
    z.object({
      run: z.string(),
      directory: z.string(),
      checkpoint: z.enum(['best', 'last']),
      task: taskSchema,
      labels: z.array(z.string()),
      seed: z.number().int(),
    }),
  ),
});

/** A run's own parameters: what it started from with a checkpoint over it. */
const runSourceSchema = z.object({
  kind: z.literal('run'),
  start: startSchema,
  task: taskSchema,
  labels: z.array(z.string()),
  /** Its checkpoints are here. */
  directory: z.string(),
  checkpoint: z.enum(['best', 'last']),
  maxLength: z.number().int(),
  threads: z.number().int(),
  seed: z.number().int(),
});
export type RunSource = z.infer<typeof runSourceSchema>;

/** A fine-tuned Hugging Face folder. `maxLength` 0: as long as the model allows. */
const folderSourceSchema = z.object({
  kind: z.literal('folder'),
  folder: z.string(),
  maxLength: z.number().int(),
  threads: z.number().int(),
});

export const sourceSchema = z.discriminatedUnion('kind', [runSourceSchema, folderSourceSchema]);
export type ModelSource = z.infer<typeof sourceSchema>;

const formatSchema = z.enum(['huggingface', 'onnx']);
export type ExportFormat = z.infer<typeof formatSchema>;

/** Seconds for one operation of a matrix product, element passed over, operator, parameter updated. */
export const ratesSchema = z.object({ operations: z.number(), elements: z.number(), nodes: z.number(), parameter: z.number() });
export type Rates = z.infer<typeof ratesSchema>;

const textSampleSchema = z.object({ texts: z.array(z.string()), count: z.number().int() });
const estimateQuestionSchema = z.object({
  /** Folder of the base model. */
  base: z.string(),
  task: taskSchema,
  labels: z.array(z.string()),
  configuration: runConfigurationSchema,
  /** null: those of the question before. */
  texts: z.object({ train: textSampleSchema, validation: textSampleSchema, test: textSampleSchema }).nullable(),
  rates: ratesSchema,
  availableMB: z.number(),
  cacheBytes: z.number(),
});
export type EstimateQuestion = z.infer<typeof estimateQuestionSchema>;

export const jobSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('train'),
    run: z.string(),
    task: taskSchema,
    labels: z.array(z.string()),
    start: startSchema,
    /** The examples to learn from: a snapshot file the host wrote, and its SHA-256. */
    snapshot: z.string(),
    snapshotHash: z.string(),
    directory: z.string(),
    /** Folder of features that any run of the project can use. */
    cache: z.string(),
    configuration: runConfigurationSchema,
    /** Goes on from the newest checkpoint in `directory`, from the start where there is none. */
    resume: z.boolean(),
  }),
  /** Each device is tried, which opens a session on it. */
  z.object({ type: z.literal('devices') }),
  /** How fast this machine is. */
  z.object({ type: z.literal('rates'), threads: z.number().int().positive() }),
  z.object({ type: z.literal('predict'), source: sourceSchema, texts: z.array(z.string()) }),
  /** Thousands of draws from the examples: too long for a host, which answers a screen meanwhile. */
  z.object({
    type: z.literal('compare'),
    task: taskSchema,
    labels: z.array(z.string()),
    examples: z.array(z.object({ expected: annotationSchema, first: predictionSchema, second: predictionSchema })),
    metric: z.string().optional(),
    names: z.tuple([z.string(), z.string()]),
  }),
  z.object({ type: z.literal('write'), source: runSourceSchema, formats: z.array(formatSchema), output: z.string(), card: z.string() }),
  z.object({
    type: z.literal('verify'),
    source: runSourceSchema,
    formats: z.array(formatSchema),
    output: z.string(),
    texts: z.array(z.string()).min(1),
  }),
]);
export type Job = z.infer<typeof jobSchema>;
export type JobOf<T extends Job['type']> = Extract<Job, { type: T }>;

export const toTrainerSchema = z.discriminatedUnion('type', [
  /** Answered with a result or an error; the process ends after it. */
  z.object({ type: z.literal('job'), job: jobSchema }),
  /** Opens the model that all texts from then on are for; not answered. */
  z.object({ type: z.literal('open'), source: sourceSchema }),
  /** Answered with a `predict` result before the next may come; or with an error, and the process ends. */
  z.object({ type: z.literal('texts'), texts: z.array(z.string()) }),
  /** Answered with an `estimate` result before the next may come; or with an error, and the process ends. */
  z.object({ type: z.literal('estimate'), question: estimateQuestionSchema }),
  /** Answered with a `learning` result before the next may come; or with an error, and the process ends. */
  z.object({ type: z.literal('learn'), question: learningQuestionSchema }),
  z.object({ type: z.literal('cancel') }),
]);
export type ToTrainer = z.infer<typeof toTrainerSchema>;

/** A prediction of a text that is no example of a project. `logits`: of the whole text, in the order of the model's labels. */
const textPredictionSchema = z.object({
  text: z.string(),
  label: z.string().nullable(),
  labels: z.array(z.string()).optional(),
  scores: z.array(z.object({ label: z.string(), score: z.number() })),
  logits: z.array(z.number()),
  /** UTF-16 offsets. */
  spans: z.array(spanSchema.extend({ score: z.number() })).nullable(),
});
export type TextPrediction = z.infer<typeof textPredictionSchema>;

const errorReportSchema = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string().optional(),
  place: z
    .object({ file: z.string().optional(), line: z.number().optional(), byte: z.number().optional(), field: z.string().optional() })
    .optional(),
});

const measuredSchema = z.object({ metrics: metricsSchema, predictions: z.array(predictionSchema) });

export const resultSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('train'), figures: runFiguresSchema, validation: measuredSchema, test: measuredSchema.nullable() }),
  z.object({ type: z.literal('rates'), rates: ratesSchema }),
  z.object({ type: z.literal('estimate'), estimate: estimateSchema }),
  z.object({ type: z.literal('devices'), devices: z.array(deviceSchema) }),
  z.object({ type: z.literal('predict'), predictions: z.array(textPredictionSchema) }),
  z.object({ type: z.literal('compare'), comparison: comparisonSchema.omit({ runs: true, split: true }) }),
  z.object({ type: z.literal('write'), files: z.array(z.string()) }),
  z.object({ type: z.literal('verify'), examples: z.number().int(), largestDifference: z.number() }),
  z.object({ type: z.literal('learning'), answer: learningAnswerSchema }),
]);
export type JobResult = z.infer<typeof resultSchema>;
export type ResultOf<T extends JobResult['type']> = Extract<JobResult, { type: T }>;

export const fromTrainerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('event'), event: runEventSchema }),
  z.object({ type: z.literal('result'), result: resultSchema }),
  z.object({ type: z.literal('error'), error: errorReportSchema }),
]);
export type FromTrainer = z.infer<typeof fromTrainerSchema>;
