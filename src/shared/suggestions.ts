/** A run's suggestions for texts that wait to be labeled: made, looked over, approved many at once. */
import { z } from 'zod';
import { exampleSchema, spanSchema } from './domain.ts';

/** What a run has not said yet. */
export const outlookSchema = z.object({
  /** Texts of the training and validation splits that wait to be labeled and that the run has not predicted. */
  missing: z.number().int(),
  /** What predicting them would take, about; null where that cannot be told or was not asked. */
  seconds: z.number().nullable(),
});
export type Outlook = z.infer<typeof outlookSchema>;

/** Suggestions that are being made. Whoever stops listening stops it: what is done by then stays. */
export const suggestingEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), done: z.number().int(), total: z.number().int() }),
  z.object({ type: z.literal('done'), predicted: z.number().int() }),
]);
export type SuggestingEvent = z.infer<typeof suggestingEventSchema>;

/** Suggestions by how sure the run is: at each whole percent, from 0 to 100, how many. */
const byPercent = z.array(z.number().int()).length(101);

/** All suggestions of a run for texts that wait, as they are now. */
export const reviewSchema = z.object({
  /** Names it for what follows. */
  review: z.string(),
  run: z.string(),
  name: z.string(),
  counts: byPercent,
  /** A text of several labels, or of spans of several, counts under each. */
  labels: z.array(z.object({ label: z.string(), counts: byPercent })),
  /** NER: texts in which the run finds no entity. It gives no probability for that, so they are left out. */
  withoutEntity: z.number().int(),
});
export type Review = z.infer<typeof reviewSchema>;

export const percentSchema = z.number().int().min(0).max(100);

export const sampledSchema = z.object({
  example: exampleSchema,
  /** What is suggested: labels of the text, or of its spans. */
  labels: z.array(z.string()),
  spans: z.array(spanSchema.extend({ score: z.number() })).nullable(),
  /** In [0, 1]. */
  certainty: z.number(),
});
export type Sampled = z.infer<typeof sampledSchema>;

/** In how many whole percent a certainty counts. */
export const percentOf = (certainty: number): number => Math.min(100, Math.floor(certainty * 100 + 1e-9));

/** How many are at or above a percent. */
export const atLeast = (counts: readonly number[], percent: number): number =>
  counts.reduce((sum, count, at) => (at >= percent ? sum + count : sum), 0);
