/** Examples, what is said of them, and how that changed. */
import { z } from 'zod';

export const taskSchema = z.enum(['classification', 'multilabel', 'ner']);
export type Task = z.infer<typeof taskSchema>;

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
  /** The run whose suggestion the annotation is, approved among others; left out where a person or a file gave it. */
  approvedFrom: z.string().optional(),
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
