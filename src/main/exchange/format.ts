/**
 * The exchange file: JSON Lines, the first of which says what the file is, then texts, then answers, and last how many there were, so that a file
 * that was cut short is known. See docs/decisions/annotators.md.
 */
import { z } from 'zod';
import { spanSchema, splitSchema, taskSchema } from '../../shared/domain.ts';

export const formatVersion = 1;

export const headerSchema = z.object({
  thaw: z.literal('exchange'),
  version: z.number().int().positive(),
  /** Identity of the project whose texts these are. */
  project: z.string().min(1),
  name: z.string(),
  task: taskSchema,
  labels: z.array(z.object({ name: z.string().min(1), guideline: z.string(), examples: z.array(z.string()) })),
});
export type Header = z.infer<typeof headerSchema>;

/** Hexadecimal: the first 16 bytes of the SHA-256 of the text in UTF-8. */
const textHash = z.string().regex(/^[0-9a-f]{32}$/);
const id = z.number().int().positive();

const textLineSchema = z.object({
  example: id,
  textHash,
  text: z.string(),
  split: splitSchema,
  /** Its words are the runs of text between single spaces. */
  pretokenized: z.literal(true).optional(),
});
export type TextLine = z.infer<typeof textLineSchema>;

const answerLineSchema = z
  .object({
    answer: id,
    textHash,
    annotator: z.string().min(1),
    at: z.string().min(1),
    label: z.string().optional(),
    labels: z.array(z.string()).optional(),
    /** In code points. */
    spans: z.array(spanSchema).optional(),
  })
  .refine(({ label, labels, spans }) => [label, labels, spans].filter((said) => said !== undefined).length === 1, {
    message: 'one of label, labels and spans has to be there',
  });
export type AnswerLine = z.infer<typeof answerLineSchema>;

const endLineSchema = z.object({ end: z.object({ texts: z.number().int(), answers: z.number().int() }) });
export type EndLine = z.infer<typeof endLineSchema>;

export const lineSchema = z.union([textLineSchema, answerLineSchema, endLineSchema]);
