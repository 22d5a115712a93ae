/** A project at a glance. */
import { z } from 'zod';
import { taskSchema } from './annotations.ts';
import { labelSchema } from './labels.ts';

export const projectSummarySchema = z.object({
  folder: z.string(),
  name: z.string(),
  task: taskSchema,
  examples: z.number().int(),
  labeled: z.number().int(),
  runs: z.number().int(),
  labels: z.array(labelSchema),
  splits: z.object({ train: z.number().int(), validation: z.number().int(), test: z.number().int() }),
  /** Of them those with a label: what a run learns from, chooses by and is tested with. */
  labeledSplits: z.object({ train: z.number().int(), validation: z.number().int(), test: z.number().int() }),
  /** Attribution of the built-in sample this project was made from. */
  attribution: z.string().nullable(),
  /** Its test figures have been opened, and since then nobody has confirmed that the test set may change. */
  testLocked: z.boolean().default(false),
  /** ISO 8601. */
  openedAt: z.string(),
});
export type ProjectSummary = z.infer<typeof projectSummarySchema>;
