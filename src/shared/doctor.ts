/** What the import doctor says of a file or of a project's data: findings, the rows behind each, and how to mend them. */
import { z } from 'zod';
import { splitSchema } from './domain.ts';

export const findingKindSchema = z.enum([
  'broken_rows',
  'split_leak',
  'near_leak',
  'conflicting_labels',
  'lost_characters',
  'mojibake',
  'label_spelling',
  'empty_text',
  'exact_duplicates',
  'near_conflicts',
  'too_long',
  'not_english',
  'mixed_script',
  'span_edges',
  'span_overlap',
  'near_duplicates',
  'rare_labels',
]);
export type FindingKind = z.infer<typeof findingKindSchema>;

/** `must`: figures or training are wrong with it; `look`: a person should decide; `note`: good to know. */
export const severitySchema = z.enum(['must', 'look', 'note']);
export type Severity = z.infer<typeof severitySchema>;

/** In the order in which they are done. */
export const mendKindSchema = z.enum(['leave_out', 'keep_first', 'one_split', 'unlabel', 'repair_text', 'trim_spans', 'merge_labels']);
export type MendKind = z.infer<typeof mendKindSchema>;

export const findingSchema = z.object({
  kind: findingKindSchema,
  severity: severitySchema,
  title: z.string(),
  sentence: z.string(),
  /** Texts (for broken rows: rows) that it concerns. */
  count: z.number().int(),
  /** Of duplicates and the like: groups those texts make up. */
  groups: z.number().int().optional(),
  /** What can be done, the first choice first; none: nothing that Thaw could do. */
  mends: z.array(z.object({ kind: mendKindSchema, title: z.string() })),
});
export type Finding = z.infer<typeof findingSchema>;

/** Where a text stands: a line of the file, or an example of the project. */
export const placeSchema = z.object({
  line: z.number().int().nullable(),
  example: z.number().int().nullable(),
  /** Null: drawn at import. */
  split: splitSchema.nullable(),
  /** Its label, or those of its spans; null: not labeled. */
  label: z.string().nullable(),
});
export type Place = z.infer<typeof placeSchema>;

/** One text of a finding. */
export const evidenceSchema = z.object({
  /** Same number: texts of one group, such as near-duplicates of each other. */
  group: z.number().int(),
  /** Its first 400 characters; empty where the row could not be read. */
  text: z.string(),
  /** At most 20. */
  places: z.array(placeSchema),
  /** Places beyond those. */
  more: z.number().int(),
  /** Why it is there: the reason, the length, what it was meant to be. */
  detail: z.string().nullable(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

export const evidencePageSchema = z.object({ total: z.number().int(), evidence: z.array(evidenceSchema) });
export type EvidencePage = z.infer<typeof evidencePageSchema>;

export const doctorReportSchema = z.object({
  /** Rows examined; with `sample` the first ones only. */
  rows: z.number().int(),
  sample: z.boolean(),
  /** Rows that could be read. */
  usable: z.number().int(),
  /** Usable rows with a finding that is more than a note. */
  withFinding: z.number().int(),
  findings: z.array(findingSchema),
  /** What was looked for and not found. */
  passed: z.array(z.string()),
  /** Checks that could not run, and why. */
  skipped: z.array(z.object({ check: z.string(), reason: z.string() })),
});
export type DoctorReport = z.infer<typeof doctorReportSchema>;

/** Which mend was chosen for which finding. */
export const chosenMendSchema = z.object({ finding: findingKindSchema, mend: mendKindSchema });
export type ChosenMend = z.infer<typeof chosenMendSchema>;

export const doctorEventSchema = z.discriminatedUnion('type', [
  /** Rows so far; `share` of the step, where it is known. */
  z.object({
    type: z.literal('progress'),
    step: z.enum(['reading', 'comparing']),
    rows: z.number().int(),
    share: z.number().nullable(),
  }),
  z.object({ type: z.literal('report'), report: doctorReportSchema }),
]);
export type DoctorEvent = z.infer<typeof doctorEventSchema>;

/** A check as its screen follows it. `check` names it, and its rows are kept until it is closed. */
export const checkEventSchema = z.union([z.object({ type: z.literal('started'), check: z.string() }), doctorEventSchema]);
export type CheckEvent = z.infer<typeof checkEventSchema>;
