/** The labels of a project. */
import { z } from 'zod';

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
