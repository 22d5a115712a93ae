/** What a head reads of a word: its features and how it is written, and the same of the words beside it. */
import { traitsOfWord, wordTraits, type Word } from '../text/index.ts';

/** Of a trait that holds, where the other features are of about the size 1. */
const TRAIT = 4;
/** A word and its neighbours. */
const WINDOW = 3;

/** Words of a text, half the size that they are computed in. */
export interface TextFeatures {
  /** UTF-16 ranges, start and end of each: [2 · words] */
  ranges: Uint32Array;
  /** [words, wordWidth(width)] */
  features: Float16Array;
}

/** Values that are kept of a word with so many features. */
export const wordWidth = (width: number): number => width + traitsOfWord;

/** `features`: [words, width] */
export function featuresOfText(text: string, words: Word[], features: Float32Array): TextFeatures {
  const width = features.length / Math.max(1, words.length);
  const own = wordWidth(width);
  const all = new Float16Array(words.length * own);
  words.forEach(([start, end], word) => {
    all.set(features.subarray(word * width, (word + 1) * width), word * own);
    const traits = wordTraits(text.slice(start, end), word);
    all.set(
      traits.map((trait) => TRAIT * trait),
      word * own + width,
    );
  });
  return { ranges: Uint32Array.from(words.flat()), features: all };
}

/** Each word of some texts with its neighbours, zeros beyond a text's ends: [words of all, WINDOW · own]. `own`: values that are kept of a word. */
export function windowed(texts: readonly TextFeatures[], own: number): Float32Array {
  const count = texts.reduce((sum, { features }) => sum + features.length / own, 0);
  const rows = new Float32Array(count * WINDOW * own);
  let row = 0;
  for (const { features } of texts) {
    const values = Float32Array.from(features);
    const words = values.length / own;
    for (let word = 0; word < words; word++, row++) {
      const [from, to] = [Math.max(0, word - 1), Math.min(words, word + 2)];
      rows.set(values.subarray(from * own, to * own), row * WINDOW * own + (from - word + 1) * own);
    }
  }
  return rows;
}
