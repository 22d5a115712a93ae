export { planBatches, collate, collateParts, splitTokenLogits, paddingFraction, type BatchPlan } from './batches.ts';
export {
  decodeSpans,
  IGNORED,
  prepareClassification,
  prepareTokens,
  type PreparedTokens,
  type TokenItem,
  type TrainingItem,
} from './examples.ts';
export { toCodePoints, toUtf16 } from './offsets.ts';
export { mulberry32, shuffle, type Random } from './random.ts';
export { decodeTags, encodeTags, labelsOf, tagsOf } from './tags.ts';
export { traitsOfWord, wordTraits } from './shape.ts';
export { openTokenizer, type Encoded, type TextTokenizer } from './tokenizer.ts';
export { taggedWordsOf, wordsOf, type TaggedWords, type Word, type WordCut } from './words.ts';
