/** What a host asks a trainer process that learns while a person labels, and what it answers. Labels are numbers, as the host knows them. */
import { z } from 'zod';
import { learningCurveSchema } from '../shared/learning.ts';

const numbers = z.instanceof(Float32Array);

/** UTF-16 offsets into the text, `end` exclusive. */
const labelSpanSchema = z.object({ start: z.number().int(), end: z.number().int(), label: z.number().int() });
export type LabelSpan = z.infer<typeof labelSpanSchema>;

/** How a text of entities is cut into words; `segments` where left out. */
const cutSchema = z.enum(['segments', 'tokens', 'spaces']).optional();

const statusSchema = z.object({
  id: z.number().int(),
  /** Empty: none applies. null: not labeled. Of entities those of its spans, each once. */
  labels: z.array(z.number().int()).nullable(),
  /** Entities of a labeled text; left out of other tasks. */
  spans: z.array(labelSpanSchema).optional(),
  /** Waits to be labeled: may come in a queue. */
  open: z.boolean(),
});
export type TextStatus = z.infer<typeof statusSchema>;

export const learningQuestionSchema = z.discriminatedUnion('type', [
  /** First of all: opens the base model. */
  z.object({
    type: z.literal('begin'),
    /** Folder of the base model. */
    base: z.string(),
    /** Folder of features. */
    cache: z.string(),
    /** Of the texts; else each has one label. */
    several: z.boolean(),
    threads: z.number().int(),
    /** Entities: texts like those that will come. Left out: labels are of whole texts. */
    sample: z.array(z.object({ text: z.string(), cut: cutSchema })).optional(),
  }),
  /** Runs texts through the base model and takes them in, or anew. */
  z.object({ type: z.literal('embed'), texts: z.array(statusSchema.extend({ text: z.string(), cut: cutSchema })) }),
  /** What is said of texts now. Those it has not taken in are passed over. */
  z.object({ type: z.literal('change'), texts: z.array(statusSchema), forgotten: z.array(z.number().int()) }),
  /** Solves for the head anew, on all labeled texts it has. */
  z.object({ type: z.literal('fit'), classes: z.array(z.number().int()).min(1) }),
  /** The next step of choosing the penalty by cross-validation, where the labels have grown enough since the last time. */
  z.object({ type: z.literal('tune') }),
  /** The head's probabilities of texts it has, by id, and of others. */
  z.object({ type: z.literal('probabilities'), ids: z.array(z.number().int()), texts: z.array(z.string()) }),
  /** Entities: the spans that the head finds in texts. */
  z.object({ type: z.literal('spans'), texts: z.array(z.object({ text: z.string(), cut: cutSchema })) }),
  z.object({
    type: z.literal('rank'),
    /** `uncertain`: 1 − the margin; of entities 1 − the probability of the least sure word's likeliest tag, also for `entropy`. */
    by: z.enum(['uncertain', 'entropy', 'diverse']),
    limit: z.number().int().positive(),
    leaveOut: z.array(z.number().int()),
  }),
  /** What heads that were not fitted to a labeled text say of it: the texts in folds, stratified, identical ones together. */
  z.object({ type: z.literal('out-of-sample'), folds: z.number().int().min(2), seed: z.number().int() }),
  /** The next steps of the learning curve, where the labels have changed enough since the last one. */
  z.object({ type: z.literal('curve') }),
  /** Entities: texts whose spans heads speak against that were not fitted to them, in folds as above. */
  z.object({ type: z.literal('doubts'), folds: z.number().int().min(2), seed: z.number().int() }),
  /** Puts into files what was computed. */
  z.object({ type: z.literal('keep') }),
]);
export type LearningQuestion = z.infer<typeof learningQuestionSchema>;
export type LearningQuestionOf<T extends LearningQuestion['type']> = Extract<LearningQuestion, { type: T }>;

const doubtSchema = z.object({
  id: z.number().int(),
  /** What is found instead of the given spans. */
  spans: z.array(labelSpanSchema.extend({ score: z.number() })),
  /** Of the word in question that looks the most wrong: of the tag it is counted to, and of the given one. */
  probability: z.number(),
  givenProbability: z.number(),
  /** Its normalized margin. */
  score: z.number(),
});

export const learningAnswerSchema = z.discriminatedUnion('type', [
  /** Nothing to tell. */
  z.object({ type: z.literal('done') }),
  /** Texts that are not taken in, since too much is held already; none that is labeled. */
  z.object({ type: z.literal('embed'), leftOut: z.array(z.number().int()) }),
  /** `converged` false: time was up; to fit again goes on from there. */
  z.object({
    type: z.literal('fit'),
    texts: z.number().int(),
    ms: z.number(),
    passes: z.number().int(),
    strength: z.number(),
    converged: z.boolean(),
    /** Entities: spans that overlap another one, which are not learned from. */
    leftOut: z.number().int().optional(),
  }),
  /** `changed`: another penalty was chosen, with which to fit. */
  z.object({ type: z.literal('tune'), isDone: z.boolean(), changed: z.boolean() }),
  /** [ids and texts, classes], the ids' first; NaN for an id it does not have. `classes`: the labels. */
  z.object({ type: z.literal('probabilities'), classes: z.array(z.number().int()), probabilities: numbers }),
  /** By text; `score`: the probability that there is this span, neither longer nor shorter, under this label. */
  z.object({ type: z.literal('spans'), spans: z.array(z.array(labelSpanSchema.extend({ score: z.number() }))) }),
  z.object({
    type: z.literal('rank'),
    entries: z.array(z.object({ id: z.number().int(), value: z.number().nullable() })),
    /** Open texts, beside those left out. */
    total: z.number().int(),
  }),
  /** [ids, classes]: of the texts that the head was fitted to. */
  z.object({
    type: z.literal('out-of-sample'),
    ids: z.array(z.number().int()),
    classes: z.array(z.number().int()),
    probabilities: numbers,
  }),
  /** `curve` null: it is not done, or as it was. */
  z.object({ type: z.literal('curve'), isDone: z.boolean(), curve: learningCurveSchema.nullable() }),
  /** The worst first. `outOf`: texts that were looked at, which are those whose spans do not overlap. */
  z.object({ type: z.literal('doubts'), outOf: z.number().int(), doubts: z.array(doubtSchema) }),
]);
export type LearningAnswer = z.infer<typeof learningAnswerSchema>;
export type LearningAnswerOf<T extends LearningAnswer['type']> = Extract<LearningAnswer, { type: T }>;
