/** Files that data comes from and goes into. */
import { z } from 'zod';
import { splitSchema, taskSchema } from './annotations.ts';
import { projectSummarySchema } from './projects.ts';

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
