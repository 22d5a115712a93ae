/** What the app speaks of. zod schemas where a value crosses a process or comes from outside; types are inferred from them. */
import { z } from 'zod';

export const taskSchema = z.enum(['classification', 'multilabel', 'ner']);
export type Task = z.infer<typeof taskSchema>;

/** What a file of examples may be. */
export const fileFormatSchema = z.enum([
  'csv',
  'tsv',
  'jsonl',
  'json',
  'txt',
  'conll',
  'xlsx',
  'parquet',
  'label-studio',
  'doccano',
  'prodigy',
  'spacy',
  'brat',
]);
export type FileFormat = z.infer<typeof fileFormatSchema>;

/** What data can be written as. */
export const dataFormatSchema = fileFormatSchema.exclude(['txt', 'xlsx', 'prodigy', 'brat']);
export type DataFormat = z.infer<typeof dataFormatSchema>;

export const splitSchema = z.enum(['train', 'validation', 'test']);
export type Split = z.infer<typeof splitSchema>;

/** An entity: UTF-16 offsets into the example's text, `end` exclusive. */
export const spanSchema = z.object({ start: z.number().int().nonnegative(), end: z.number().int().positive(), label: z.string() });
export type Span = z.infer<typeof spanSchema>;

/**
 * What a person (or a file) says of an example: `label` for classification, `labels` for multi-label, `spans` for NER. A field is null, or
 * `labels` left out, where the task is another or nothing was said; an empty list says that none applies.
 */
export const annotationSchema = z.object({
  label: z.string().nullable(),
  labels: z.array(z.string()).optional(),
  spans: z.array(spanSchema).nullable(),
});
export type Annotation = z.infer<typeof annotationSchema>;

/** Whether a person or a file has said something, that nothing applies included. */
export const isLabeled = ({ label, labels, spans }: Annotation): boolean => label !== null || labels !== undefined || spans !== null;

/** The labels an annotation or a prediction names, once for each time: of a text or of its spans. */
export const labelsNamed = ({ label, labels, spans }: Annotation): string[] => [
  ...(label === null ? [] : [label]),
  ...(labels ?? []),
  ...(spans ?? []).map((span) => span.label),
];

export const labelSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  position: z.number().int(),
  /** Which of the looks (hue and glyph) it has, from 0. */
  category: z.number().int().nonnegative().default(0),
  /** When to give it, as the annotators agreed. */
  guideline: z.string().default(''),
  /** Texts that show what the guideline means. */
  examples: z.array(z.string()).default([]),
  /** Examples (NER: spans) that carry it. */
  count: z.number().int(),
});
export type Label = z.infer<typeof labelSchema>;

export const labelNameSchema = z.string().trim().min(1).max(80);

/** What is changed of a label; fields left out stay as they are. */
export const labelPatchSchema = z.object({
  name: labelNameSchema.optional(),
  category: z.number().int().min(0).max(63).optional(),
  guideline: z.string().max(4000).optional(),
  examples: z.array(z.string().min(1).max(2000)).max(20).optional(),
});
export type LabelPatch = z.infer<typeof labelPatchSchema>;

/** What a person notes of an example besides its label. */
export const remarkSchema = z.object({ note: z.string().max(2000), unsure: z.boolean() });
export type Remark = z.infer<typeof remarkSchema>;

export const exampleSchema = z.object({
  /** Stable for the life of the project. */
  id: z.number().int(),
  text: z.string(),
  split: splitSchema,
  annotation: annotationSchema,
  skipped: z.boolean(),
  /** Left out where there is none. */
  remark: remarkSchema.optional(),
  /** 1-based line (csv, jsonl) or first line (CoNLL) in the file it came from. */
  sourceRow: z.number().int(),
  /** Every other column of the row. */
  extra: z.record(z.string(), z.string()),
});
export type Example = z.infer<typeof exampleSchema>;

/** What undo took back or redo did again. */
export const historyStepSchema = z.object({
  /** A noun phrase that completes 'Undone: '; null when there was nothing to undo or redo. */
  title: z.string().nullable(),
  /** The first example concerned, as it is now. */
  example: exampleSchema.nullable(),
  /** How many were. */
  examples: z.number().int(),
  /** Labels themselves were changed. */
  labels: z.boolean(),
});
export type HistoryStep = z.infer<typeof historyStepSchema>;

/** What a person chose for themselves, for all projects. */
export const settingsSchema = z.object({
  /** Who their changes are signed with; empty: the name of the account. */
  annotator: z.string().trim().max(80).default(''),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  motion: z.enum(['system', 'reduced']).default('system'),
  /** Single characters without Ctrl or Alt are keys. */
  characterKeys: z.boolean().default(true),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Without defaults: fields left out stay as they are. */
export const settingsChangeSchema = z.object({
  annotator: settingsSchema.shape.annotator.unwrap().optional(),
  theme: settingsSchema.shape.theme.unwrap().optional(),
  motion: settingsSchema.shape.motion.unwrap().optional(),
  characterKeys: z.boolean().optional(),
});

export const projectSummarySchema = z.object({
  folder: z.string(),
  name: z.string(),
  task: taskSchema,
  examples: z.number().int(),
  labeled: z.number().int(),
  runs: z.number().int(),
  labels: z.array(labelSchema),
  splits: z.object({ train: z.number().int(), validation: z.number().int(), test: z.number().int() }),
  /** Attribution of the built-in sample this project was made from. */
  attribution: z.string().nullable(),
  /** Its test figures have been opened, and since then nobody has confirmed that the test set may change. */
  testLocked: z.boolean().default(false),
  /** ISO 8601. */
  openedAt: z.string(),
});
export type ProjectSummary = z.infer<typeof projectSummarySchema>;

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

/** What a run said of one example. Classification: label and probabilities; multi-label: labels and probabilities; NER: spans. */
export const predictionSchema = z.object({
  exampleId: z.number().int(),
  label: z.string().nullable(),
  /** Multi-label: those whose probability reaches their threshold. */
  labels: z.array(z.string()).optional(),
  /** Probabilities in the order of the run's labels; empty for NER. */
  scores: z.array(z.number()),
  spans: z.array(spanSchema.extend({ score: z.number() })).nullable(),
});
export type Prediction = z.infer<typeof predictionSchema>;

/** What a run says of a text that is being labeled. */
export const suggestionSchema = z.object({
  run: z.string(),
  /** The run's. */
  name: z.string(),
  /** Classification: one; multi-label: those whose probability reaches their threshold. */
  labels: z.array(z.string()),
  /** Probabilities; none for NER. */
  scores: z.array(z.object({ label: z.string(), score: z.number() })),
});
export type Suggestion = z.infer<typeof suggestionSchema>;

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

export const comparisonSchema = z.object({
  runs: z.tuple([z.string(), z.string()]),
  split: splitSchema,
  metric: z.string(),
  /** One value a run, in [0, 1]. */
  values: z.tuple([z.number(), z.number()]),
  /** values[1] − values[0]. */
  difference: z.number(),
  /** 95 %, paired bootstrap of the difference. */
  confidenceInterval: z.tuple([z.number(), z.number()]),
  pValue: z.number(),
  /** How the p-value was computed: 'exact McNemar', 'approximate randomisation'. */
  test: z.string(),
  /** A sentence, which may be that the two are not distinguishable. */
  verdict: z.string(),
  /** What changed in the test set between the two, as a sentence; left out: nothing. */
  testChange: z.string().optional(),
  examples: z.number().int(),
  perLabel: z.array(
    z.object({
      label: z.string(),
      support: z.number().int(),
      difference: z.number(),
      confidenceInterval: z.tuple([z.number(), z.number()]),
    }),
  ),
  flips: z.object({ fixed: z.number().int(), broken: z.number().int() }),
});
export type Comparison = z.infer<typeof comparisonSchema>;

/** An example two runs disagree on. `kind`: the second run fixed it, broke it, or both are wrong in different ways. */
export const flipSchema = z.object({
  example: exampleSchema,
  kind: z.enum(['fixed', 'broken', 'changed']),
  first: predictionSchema,
  second: predictionSchema,
});
export type Flip = z.infer<typeof flipSchema>;

export const importReportSchema = z.object({
  read: z.number().int(),
  imported: z.number().int(),
  rejected: z.array(z.object({ line: z.number().int(), reason: z.string() })),
  duplicates: z.number().int(),
  labels: z.array(z.string()),
  splits: z.object({ train: z.number().int(), validation: z.number().int(), test: z.number().int() }),
  /** Things worth knowing that stopped nothing, e.g. texts that do not look English. */
  notes: z.array(z.string()),
});
export type ImportReport = z.infer<typeof importReportSchema>;

/** How far an import is: bytes of the file, or rows whose split is drawn. */
export const importProgressSchema = z.object({
  phase: z.enum(['reading', 'splitting']),
  done: z.number().int(),
  total: z.number().int(),
  /** Read so far. */
  rows: z.number().int(),
});
export type ImportProgress = z.infer<typeof importProgressSchema>;

/** An import, until it is done. Whoever stops listening before that cancels it, and nothing is left of it. */
export const importEventSchema = z.discriminatedUnion('type', [
  importProgressSchema.extend({ type: z.literal('progress') }),
  z.object({ type: z.literal('done'), project: projectSummarySchema, report: importReportSchema }),
]);
export type ImportEvent = z.infer<typeof importEventSchema>;

/** A file as an import would read it, by its first rows. */
export const previewSchema = z.object({
  format: fileFormatSchema,
  /** Found or given; null: the format is no text. */
  encoding: z.string().nullable(),
  /** Of csv. */
  delimiter: z.string().nullable(),
  task: taskSchema,
  /** Columns one can choose among; none where the format itself says what is what. */
  columns: z.array(z.string()),
  chosen: z.object({
    text: z.array(z.string()),
    label: z.array(z.string()),
    split: z.string().nullable(),
    group: z.string().nullable(),
  }),
  /** What stands in the columns of the first rows, long cells cut. */
  cells: z.array(z.array(z.string())),
  /** What the import makes of the first rows. */
  rows: z.array(
    z.object({
      line: z.number().int(),
      text: z.string(),
      /** Names of the labels, or of the entities. */
      labels: z.array(z.string()),
      split: splitSchema.nullable(),
      /** Why it would be turned away. */
      rejected: z.string().nullable(),
    }),
  ),
  notes: z.array(z.string()),
});
export type Preview = z.infer<typeof previewSchema>;

export const dataExportReportSchema = z.object({
  file: z.string(),
  format: dataFormatSchema,
  examples: z.number().int(),
  /** What the format could not carry, and what it means by what it carries. */
  notes: z.array(z.string()),
});
export type DataExportReport = z.infer<typeof dataExportReportSchema>;

export const dataExportEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), written: z.number().int(), total: z.number().int() }),
  z.object({ type: z.literal('done'), report: dataExportReportSchema }),
]);
export type DataExportEvent = z.infer<typeof dataExportEventSchema>;

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
