/** What training and prediction see of a text: token ids, and labels where there are any. */
import { slice, type TrainingItem } from './items.ts';
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
  const { special } = tokenizer;
  const room = maxLength - special.closing.length;
  let truncated = 0;
  const items = (await tokenizer.ids(texts)).map((ids, example): TrainingItem => {
    const isLong = ids.length > maxLength;
    if (isLong) truncated++;
    const kept = isLong ? slice(ids, special, special.opening.length, room) : ids;
    return { ids: Int32Array.from(kept), labels: Int32Array.of(labelIndexes[example]), example };
  });
  return { items, truncated };
}
