/** What Thaw learns while one labels: a head on features of a base model that does not change, solved for anew after each label. */
import { z } from 'zod';
import { spanSchema } from './domain.ts';

/** Training labels that each label in use needs before a head is fitted. */
export const labelsToBegin = 5;

const phaseSchema = z.enum([
  /** For labels: `missing` says of which, or `reason`. */
  'waiting',
  /** No head yet: the labeled texts are being run through the base model. */
  'embedding',
  'fitting',
  /** There is a head; more texts may still be on their way (`embedded`). */
  'ready',
  /** As ready, where `labels` is above 0; but no further texts are run through the base model while a run trains. */
  'paused',
  'failed',
]);

/** Labels from which on there is a learning curve. With fewer it would be a draw. */
export const labelsForCurve = (classes: number): number => Math.max(50, 8 * classes);

/** A figure in [0, 1], and the 95 % interval of it over the texts it was measured on. */
const estimateSchema = z.object({ value: z.number(), low: z.number(), high: z.number() });
const curvePointSchema = estimateSchema.extend({ labels: z.number().int() });
export type CurvePoint = z.infer<typeof curvePointSchema>;

/** What more labels would bring the head, by heads that were fitted to fewer: see docs/decisions/active-learning.md. */
export const learningCurveSchema = z.object({
  /** Macro F1 where labels are rare or there are several a text. */
  measure: z.enum(['accuracy', 'macroF1']),
  /** Labeled texts it was computed from. */
  labels: z.number().int(),
  /** Of heads fitted to so many labels. */
  measured: z.array(curvePointSchema).min(1),
  /** The curve through them, up to `next`. */
  fitted: z.array(curvePointSchema).min(1),
  /** Of all labels there are, and of 100 more. */
  now: curvePointSchema,
  next: curvePointSchema,
  /** next − now, as it is on average: single labels vary more. */
  gain: estimateSchema,
  /** A queue chose texts much harder than the rest: the figures are likely too low, though weighted; the gain is not. */
  isHarder: z.boolean(),
});
export type LearningCurve = z.infer<typeof learningCurveSchema>;

/** An accuracy in [0, 1] with its 95 % interval (Wilson 1927). */
const measuredShareSchema = z.object({ accuracy: z.number(), low: z.number(), high: z.number(), examples: z.number().int() });

export const learningStateSchema = z.object({
  phase: phaseSchema,
  /** Labels in use that have fewer than `labelsToBegin` texts in the training split, and how many they have. */
  missing: z.array(z.object({ label: z.string(), count: z.number().int() })),
  /** Texts of the training split run through the base model, of those that will be: of very many a part, drawn evenly. */
  embedded: z.object({ done: z.number().int(), total: z.number().int() }),
  /** Unlabeled texts of the training split that are left out, since there are more than are run through the base model. */
  leftOut: z.number().int(),
  /** Labeled texts the head was fitted to; 0: there is none. */
  labels: z.number().int(),
  /** Entities: spans of those texts that the head cannot learn, since they overlap another one. */
  spansLeftOut: z.number().int(),
  /** What the last fit took; null: there was none. */
  fitMs: z.number().nullable(),
  /**
   * How often the head was right about texts drawn at random, before they were labeled (of entities: about all spans of a text): of unlabeled texts,
   * whatever queue they were labeled in. Only answers of heads with at least half of today's labels count. null: there are none yet.
   */
  heldOut: measuredShareSchema.nullable(),
  /** The newest, which follows the labels when there are a tenth more; null: there is none yet. */
  curve: learningCurveSchema.nullable(),
  /** Labels from which on there is one; 0: there is no head, or it is of entities. */
  curveFrom: z.number().int(),
  /** A sentence: why it waits, is paused, is not there or failed. */
  reason: z.string().nullable(),
});
export type LearningState = z.infer<typeof learningStateSchema>;

/** `uncertain`: the two likeliest labels are close (margin sampling); `entropy`: the probabilities are spread. Of two labels they are the same order. */
export const queueKindSchema = z.enum(['uncertain', 'entropy', 'diverse', 'disagreement', 'random']);
export type QueueKind = z.infer<typeof queueKindSchema>;

/** Of every informative queue, one text in so many is drawn at random. */
export const randomEvery = 10;

export const queueRequestSchema = z.object({
  queue: queueKindSchema,
  limit: z.number().int().min(1).max(500).default(20),
  /** Ids that are not to come: the text on screen, and those that were passed over. */
  leaveOut: z.array(z.number().int()).max(10_000).default([]),
});
export type QueueRequest = z.infer<typeof queueRequestSchema>;

export const queueEntrySchema = z.object({
  id: z.number().int(),
  /**
   * Why it comes here. uncertain: 1 − the likeliest label's probability less the second's (multi-label: 1 − the smallest distance from 0.5,
   * doubled; NER: 1 − the probability of the least sure word's likeliest tag, or by a run 1 − the lowest of its spans). entropy: as a share of the largest there is (multi-label: the mean over the labels).
   * diverse: distance from the nearest text that is labeled or comes before it, in [0, 2]. disagreement: how far apart the two sides'
   * probabilities are, in [0, 1]. null: none, as of a text drawn at random.
   */
  value: z.number().nullable(),
  /** Drawn evenly from the unlabeled training texts, for an honest estimate of how often the head is right. */
  drawnAtRandom: z.boolean(),
});
export type QueueEntry = z.infer<typeof queueEntrySchema>;

export const queuePageSchema = z.object({
  entries: z.array(queueEntrySchema),
  /** How many texts the queue has, beside those left out. */
  total: z.number().int(),
});
export type QueuePage = z.infer<typeof queuePageSchema>;

/** A label that looks wrong. */
export const labelSuspectSchema = z.object({
  id: z.number().int(),
  given: z.array(z.string()),
  /** What a head that was not fitted to it says instead. */
  suggested: z.array(z.string()),
  /** Entities: all spans of the text, given and suggested; null for other tasks. */
  spans: z.object({ given: z.array(spanSchema), suggested: z.array(spanSchema.extend({ score: z.number() })) }).nullable(),
  /**
   * Of what is suggested, and of what was given, by that head. Of entities the least of the spans that are not among the given, or where there is none of
   * the tag that the worst word is counted to; and of that word's given tag.
   */
  probability: z.number(),
  givenProbability: z.number(),
  /** The normalized margin by which they are sorted, in [0, 1]: 0 is as wrong as can be. */
  score: z.number(),
});
export type LabelSuspect = z.infer<typeof labelSuspectSchema>;

export const suspectPageSchema = z.object({
  /** Suspects. */
  total: z.number().int(),
  /** Labels that were looked at. */
  outOf: z.number().int(),
  /** The worst first. */
  rows: z.array(labelSuspectSchema),
});
export type SuspectPage = z.infer<typeof suspectPageSchema>;
