/** Several annotators of one project: how far they agree. */
import { z } from 'zod';

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
