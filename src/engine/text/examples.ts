/** What training and prediction see of a text: token ids, and labels where there are any. */
import { slice, specialTokens, type TrainingItem } from './items.ts';
import type { TextTokenizer } from './tokenizer.ts';

export { decodeSpans, prepareTokens, type PreparedTokens, type TokenItem } from './entities.ts';
export { IGNORED, type TrainingItem } from './items.ts';

/**
 * One item a text, cut to `maxLength` tokens with its closing special tokens kept, as Hugging Face truncates. `truncated` counts
 * the texts that were cut. `labelIndexes`: −100 for none.
 */
export async function prepareClassification(
  tokenizer: TextTokenizer,
  texts: string[],
  labelIndexes: number[],
  maxLength: number,
): Promise<{ items: TrainingItem[]; truncated: number }> {
  let truncated = 0;
  const items = (await tokenizer.encode(texts)).map((encoded, example): TrainingItem => {
    const { opening, closing } = specialTokens(encoded);
    const room = maxLength - opening.length - closing.length;
    const kept = encoded.ids.length <= maxLength ? encoded : slice(encoded, opening.length, opening.length + room);
    if (kept !== encoded) truncated++;
    return { ids: Int32Array.from(kept.ids), labels: Int32Array.of(labelIndexes[example]), example, offsets: kept.offsets };
  });
  return { items, truncated };
}
