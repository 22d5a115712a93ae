/** Drawing a project's splits anew: what is asked, and what would change. */
import { z } from 'zod';
import { splitSchema } from './domain.ts';

export const redrawOptionsSchema = z.object({
  /** `train:validation:test`, in any unit. */
  shares: z.string().default('80:10:10'),
  seed: z.number().int().nonnegative().default(1),
  /** Column whose rows of one value stay together; null: none. */
  group: z.string().nullable().default(null),
});
export type RedrawOptions = z.infer<typeof redrawOptionsSchema>;

const countsSchema = z.record(splitSchema, z.number().int());

/** What drawing anew would do. */
export const redrawPreviewSchema = z.object({
  before: countsSchema,
  after: countsSchema,
  /** Examples that change their split. */
  moved: z.number().int(),
  /** Of them, those that leave the test split and those that come into it. */
  leaveTest: z.number().int(),
  joinTest: z.number().int(),
  /** Groups of examples that stay together, and how many the largest has. */
  groups: z.number().int(),
  largestGroup: z.number().int(),
  /** Examples made from one pattern, so many that they are drawn one by one although they are near-duplicates. */
  alike: z.number().int(),
  /** Columns that the examples have beside text and label. */
  columns: z.array(z.string()),
  /** Examples of each label by split, as they would be. */
  labels: z.array(z.object({ label: z.string(), counts: countsSchema })),
});
export type RedrawPreview = z.infer<typeof redrawPreviewSchema>;
