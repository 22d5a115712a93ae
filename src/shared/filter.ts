/** Which examples are listed, and in which order. */
import { z } from 'zod';
import { exampleSchema, spanSchema, splitSchema } from './domain.ts';

/** Every part that is said has to hold. A part left at its default says nothing. */
export const exampleFilterSchema = z.object({
  /** Words the text has to have, anywhere and in any order; see search.ts. */
  search: z.string().max(1000).default(''),
  /** A regular expression (JavaScript's, with the flags i and u) that has to match somewhere in the text. */
  pattern: z.string().max(1000).default(''),
  split: splitSchema.nullable().default(null),
  /** Name of a label that the example carries, or one of its spans. */
  label: z.string().nullable().default(null),
  labeled: z.boolean().nullable().default(null),
  /** Where its label is from: suggestions that were `approved` many at once, or else `given`, by a person or a file. */
  source: z.enum(['approved', 'given']).nullable().default(null),
  skipped: z.boolean().nullable().default(null),
  unsure: z.boolean().nullable().default(null),
  /** Whether there is a note. */
  noted: z.boolean().nullable().default(null),
  /** Characters (code points) of the text: at least, at most. */
  minLength: z.number().int().nonnegative().nullable().default(null),
  maxLength: z.number().int().nonnegative().nullable().default(null),
  /** The run that the parts below speak of; null: the newest that has predictions. */
  run: z.string().nullable().default(null),
  /** Name of a label that the run predicts. */
  predicted: z.string().nullable().default(null),
  /** Bounds of the prediction's probability, in [0, 1]. */
  minProbability: z.number().min(0).max(1).nullable().default(null),
  maxProbability: z.number().min(0).max(1).nullable().default(null),
  /** What the run's prediction differs from: the example's `label`, or the prediction of the run of that name. */
  differs: z.string().nullable().default(null),
});
export type ExampleFilter = z.infer<typeof exampleFilterSchema>;

/** All examples. */
export const everything: ExampleFilter = exampleFilterSchema.parse({});

export const exampleSortSchema = z.object({
  by: z.enum(['row', 'length', 'probability']).default('row'),
  descending: z.boolean().default(false),
});
export type ExampleSort = z.infer<typeof exampleSortSchema>;

export const pageQuerySchema = exampleFilterSchema.extend({
  sort: exampleSortSchema.prefault({}),
  /** The listing of an earlier page, whose rows stay where they are whatever is labeled meanwhile; null: filter now. */
  listing: z.number().int().nullable().default(null),
  offset: z.number().int().nonnegative(),
  limit: z.number().int().min(1).max(500),
});
export type PageQuery = z.infer<typeof pageQuerySchema>;

/** What a run said of an example that is listed. */
export const listedPredictionSchema = z.object({
  /** Of the test split, which was not opened: nothing else is told. */
  sealed: z.boolean(),
  label: z.string().nullable(),
  labels: z.array(z.string()).optional(),
  spans: z.array(spanSchema.extend({ score: z.number() })).nullable(),
  /** In the order of the run's labels; empty for NER. */
  scores: z.array(z.number()),
  /** Of the label; of several labels, the highest; of entities, the lowest. */
  probability: z.number().nullable(),
});
export type ListedPrediction = z.infer<typeof listedPredictionSchema>;

export const examplePageSchema = z.object({
  listing: z.number().int(),
  /** Examples found so far, and whether these are all. */
  total: z.number().int(),
  isComplete: z.boolean(),
  examples: z.array(exampleSchema),
  /** One for each example, of `run`; null where it said nothing. */
  predictions: z.array(listedPredictionSchema.nullable()),
  run: z.object({ run: z.string(), name: z.string(), labels: z.array(z.string()) }).nullable(),
});
export type ExamplePage = z.infer<typeof examplePageSchema>;

/** A change of many examples at once. */
export const bulkChangeSchema = z.discriminatedUnion('kind', [
  /** Classification: the label they get, or that they have none. */
  z.object({ kind: z.literal('label'), label: z.string().nullable() }),
  /** Multi-label: a label that is added to those they have, or taken from them. */
  z.object({ kind: z.literal('give'), label: z.string() }),
  z.object({ kind: z.literal('take'), label: z.string() }),
  z.object({ kind: z.literal('split'), split: splitSchema }),
  z.object({ kind: z.literal('skip'), skipped: z.boolean() }),
  z.object({ kind: z.literal('delete') }),
]);
export type BulkChange = z.infer<typeof bulkChangeSchema>;

/** Some examples, or all of a listing but some. */
export const bulkTargetSchema = z.union([
  z.strictObject({ ids: z.array(z.number().int()).min(1) }),
  z.strictObject({ listing: z.number().int(), except: z.array(z.number().int()) }),
]);
export type BulkTarget = z.infer<typeof bulkTargetSchema>;

/** A change of many examples, until it is done. Whoever stops listening before that cancels it, and nothing is changed. */
export const bulkEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), done: z.number().int(), total: z.number().int() }),
  z.object({ type: z.literal('done'), changed: z.number().int() }),
]);

/** A filter kept under a name; see query.ts for how it is written. */
export const savedViewSchema = z.object({ id: z.number().int(), name: z.string(), query: z.string() });
export type SavedView = z.infer<typeof savedViewSchema>;
