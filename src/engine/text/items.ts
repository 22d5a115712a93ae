/** What a batch is made of, and the cutting of encoded texts. */
import type { Encoded } from './tokenizer.ts';

/** Ignored by the loss. */
export const IGNORED = -100;

export interface TrainingItem {
  /** [length], special tokens included. */
  ids: Int32Array;
  /** Classification: [1], the label's index. Tokens: [length], the tag's index. −100 is ignored. */
  labels: Int32Array;
  /** Multi-label, whose `labels` are ignored: [classes], 1 for a label that applies. */
  targets?: Float32Array;
  /** Index into the texts it was made from. */
  example: number;
  /** UTF-16 offsets of each token into that text; [0, 0] for special tokens. */
  offsets: [start: number, end: number][];
}

/** The special tokens before and behind a text. */
export function specialTokens({ ids, special }: Encoded): { opening: number[]; closing: number[] } {
  const firstOwn = special.indexOf(false);
  // An empty text has only special tokens: all count as opening, none is ever cut.
  if (firstOwn < 0) return { opening: ids, closing: [] };
  return { opening: ids.slice(0, firstOwn), closing: ids.slice(special.lastIndexOf(false) + 1) };
}

/** Tokens [from, to) of a text between its own special tokens. */
export function slice(encoded: Encoded, from: number, to: number): Pick<Encoded, 'ids' | 'offsets'> {
  const { opening, closing } = specialTokens(encoded);
  const none = (tokens: number[]) => tokens.map((): [number, number] => [0, 0]);
  return {
    ids: [...opening, ...encoded.ids.slice(from, to), ...closing],
    offsets: [...none(opening), ...encoded.offsets.slice(from, to), ...none(closing)],
  };
}
