/** What runs say of examples, and two runs side by side. */
import { z } from 'zod';
import { exampleSchema, spanSchema, splitSchema } from './annotations.ts';

/** What a run said of one example. Classification: label and probabilities; multi-label: labels and probabilities; NER: spans. */
export const predictionSchema = z.object({
  exampleId: z.number().int(),
  label: z.string().nullable(),
  /** Multi-label: those whose probability reaches their threshold. */
  labels: z.array(z.string()).optional(),
  /** Probabilities in the order of the run's labels; empty for NER. */
  scores: z.array(z.number()),
  spans: z.array(spanSchema.extend({ score: z.number() })).nullable(),
});
export type Prediction = z.infer<typeof predictionSchema>;

/** What a model says of a text that is being labeled. */
export const suggestionSchema = z.object({
  /** A run, or the head that learns while one labels. */
  source: z.enum(['run', 'live']),
  /** null: no run. */
  run: z.string().nullable(),
  /** The run's. */
  name: z.string().nullable(),
  /** Classification: one; multi-label: those whose probability reaches their threshold. */
  labels: z.array(z.string()),
  /** Probabilities; none for NER. */
  scores: z.array(z.object({ label: z.string(), score: z.number() })),
  /** NER: with the probability of each; null for other tasks. */
  spans: z.array(spanSchema.extend({ score: z.number() })).nullable(),
});
export type Suggestion = z.infer<typeof suggestionSchema>;

/** What is suggested for a text, unless that would sway an answer which measures what learns meanwhile. */
export const suggestedSchema = z.object({
  suggestion: suggestionSchema.nullable(),
  /** The text was drawn at random, and its label is yet to say how often the head is right: nothing is suggested until then. */
  measures: z.boolean(),
  /** What the head had said of a text that was drawn at random, before it was labeled; null: nothing, it is not known yet, or these are entities. */
  headSaid: z.array(z.string()).nullable(),
});
export type Suggested = z.infer<typeof suggestedSchema>;

export const comparisonSchema = z.object({
  runs: z.tuple([z.string(), z.string()]),
  split: splitSchema,
  metric: z.string(),
  /** One value a run, in [0, 1]. */
  values: z.tuple([z.number(), z.number()]),
  /** values[1] − values[0]. */
  difference: z.number(),
  /** 95 %, paired bootstrap of the difference. */
  confidenceInterval: z.tuple([z.number(), z.number()]),
  pValue: z.number(),
  /** How the p-value was computed: 'exact McNemar', 'approximate randomisation'. */
  test: z.string(),
  /** A sentence, which may be that the two are not distinguishable. */
  verdict: z.string(),
  /** What changed in the test set between the two, as a sentence; left out: nothing. */
  testChange: z.string().optional(),
  examples: z.number().int(),
  perLabel: z.array(
    z.object({
      label: z.string(),
      support: z.number().int(),
      difference: z.number(),
      confidenceInterval: z.tuple([z.number(), z.number()]),
    }),
  ),
  flips: z.object({ fixed: z.number().int(), broken: z.number().int() }),
});
export type Comparison = z.infer<typeof comparisonSchema>;

/** An example two runs disagree on. `kind`: the second run fixed it, broke it, or both are wrong in different ways. */
export const flipSchema = z.object({
  example: exampleSchema,
  kind: z.enum(['fixed', 'broken', 'changed']),
  first: predictionSchema,
  second: predictionSchema,
});
export type Flip = z.infer<typeof flipSchema>;
