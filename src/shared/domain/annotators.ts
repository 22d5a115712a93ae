/** Several annotators of one project: how far they agree. */
import { z } from 'zod';
import { annotationSchema, exampleSchema } from './annotations.ts';
import type { Annotation, Span } from './annotations.ts';

/** κ: Cohen's; α: Krippendorff's (of sets of labels with MASI's distance); F1: of entities, strict. */
export const agreementMeasureSchema = z.enum(['kappa', 'alpha', 'f1']);
export type AgreementMeasure = z.infer<typeof agreementMeasureSchema>;

const estimate = {
  measure: agreementMeasureSchema,
  /** Null where the texts leave it undefined: all answers are one and the same label, or none marked a span. */
  value: z.number().nullable(),
  /** 95 %, over samples of the texts. */
  interval: z.tuple([z.number(), z.number()]).nullable(),
};

/** Texts (for NER: spans) that one, the other, and both gave a label. */
export const labelAgreementSchema = z.object({
  label: z.string(),
  first: z.number().int(),
  second: z.number().int(),
  both: z.number().int(),
  /** 2 × both / (first + second); null where neither gave it. */
  f1: z.number().nullable(),
});
export type LabelAgreement = z.infer<typeof labelAgreementSchema>;

export const annotatorPairSchema = z.object({
  annotators: z.tuple([z.string(), z.string()]),
  /** Answered by both. */
  texts: z.number().int(),
  /** Answered alike. */
  same: z.number().int(),
  ...estimate,
  labels: z.array(labelAgreementSchema),
  /** Classification: texts by the first one's label (rows) and the second one's (columns), in the order of `labels`. */
  confusion: z.array(z.array(z.number().int())).optional(),
});
export type AnnotatorPair = z.infer<typeof annotatorPairSchema>;

export const agreementReportSchema = z.object({
  annotators: z.array(z.object({ name: z.string(), texts: z.number().int() })),
  /** Answered by two or more. */
  texts: z.number().int(),
  /** Of those, answered alike by all who did. */
  same: z.number().int(),
  /** Of all annotators at once. */
  overall: z.object(estimate),
  /** Those that answered some text both. */
  pairs: z.array(annotatorPairSchema),
});
export type AgreementReport = z.infer<typeof agreementReportSchema>;

/** Of a project: also how many texts there are on which answers differ, and whose came by files. */
export const annotatorsReportSchema = agreementReportSchema.extend({
  disagreements: z.object({ open: z.number().int(), settled: z.number().int() }),
  /** Annotators whose answers exchange files brought. */
  brought: z.array(z.string()),
});
export type AnnotatorsReport = z.infer<typeof annotatorsReportSchema>;

/** What the project's own labels are signed with where a file brought them. */
export const importedLabels = 'Imported labels';

export const spanKey = ({ start, end, label }: Span): string => `${start} ${end} ${label}`;

/** Equal for equal answers. */
export function answerKey({ label, labels, spans }: Annotation): string {
  if (spans) return spans.map(spanKey).sort().join('|');
  return labels ? JSON.stringify(labels.toSorted()) : (label ?? '');
}

/** What one annotator says of an example: by an exchange file, or the project's own label. */
export const answerSchema = z.object({
  annotator: z.string(),
  /** Null for a label that came with its text. */
  at: z.string().nullable(),
  annotation: annotationSchema,
});
export type Answer = z.infer<typeof answerSchema>;

/** A text on which answers differ. */
export const disagreementSchema = z.object({
  example: exampleSchema,
  /** The project's own first: as it was before, where the text is settled. */
  answers: z.array(answerSchema),
  settled: z.boolean(),
});
export type Disagreement = z.infer<typeof disagreementSchema>;

/** What an exchange file brought. */
export const takenReportSchema = z.object({
  /** Texts the project did not have; only where it was made of such a file itself. */
  texts: z.number().int(),
  answers: z.number().int(),
  annotators: z.array(z.string()),
  added: z.number().int(),
  /** In place of an earlier answer of the same annotator. */
  changed: z.number().int(),
  /** Known already, or older than what is known. */
  known: z.number().int(),
  /** Of texts that are not in this project (any more). */
  unknown: z.number().int(),
  /** Of texts that are another text here now. */
  textChanged: z.number().int(),
  /** Answers with a label that this project does not have. */
  unknownLabels: z.array(z.object({ label: z.string(), answers: z.number().int() })),
});
export type TakenReport = z.infer<typeof takenReportSchema>;

export const sentReportSchema = z.object({
  file: z.string(),
  texts: z.number().int(),
  answers: z.number().int(),
  /** Examples left out because they are not of the project that the file is for. */
  leftOut: z.number().int(),
});
export type SentReport = z.infer<typeof sentReportSchema>;
