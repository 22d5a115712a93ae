/** What a batch is made of, and the cutting of encoded texts. */
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
}

/** The special tokens before and behind every text. */
export interface SpecialTokens {
  opening: number[];
  closing: number[];
}

/** Tokens [from, to) of a text between its own special tokens. */
export const slice = (ids: number[], { opening, closing }: SpecialTokens, from: number, to: number): number[] => [
  ...opening,
  ...ids.slice(from, to),
  ...closing,
];
