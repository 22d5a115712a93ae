/** Named entities: texts as (windows of) tokens with a tag on the first sub-token of each word, and back to spans. */
import type { Span } from '../../shared/domain.ts';
import { IGNORED, slice, type SpecialTokens, type TrainingItem } from './items.ts';
import { decodeTags, encodeTags } from './tags.ts';
import type { Encoded, TextTokenizer } from './tokenizer.ts';
import { wordsOf, type Word, type WordCut } from './words.ts';

export interface TokenItem extends TrainingItem {
  /** [length]: the word whose first sub-token this is, an index into the example's `words`; −1 for every other token. */
  wordOf: Int32Array;
}

export interface PreparedTokens {
  items: TokenItem[];
  /** By example, as UTF-16 ranges. */
  words: Word[][];
  /** Texts longer than `maxLength`, cut into windows. */
  truncated: number;
  /** Spans whose edges did not meet the edges of words, and that were widened to them. */
  widened: number;
  /** Spans left out because they share a word with another one (see encodeTags). */
  leftOut: number;
}

/**
 * One item a text, or overlapping windows (each begins at a word, half a window on) where it has more than `maxLength` tokens.
 * The label of a word sits on its first sub-token (Hugging Face's convention); every other token has −100.
 * `cuts`: by text, how it is cut into words; `segments` where left out.
 */
export async function prepareTokens(
  tokenizer: TextTokenizer,
  texts: string[],
  spans: Span[][],
  tags: string[],
  maxLength: number,
  cuts: WordCut[] = [],
): Promise<PreparedTokens> {
  const prepared: PreparedTokens = { items: [], words: [], truncated: 0, widened: 0, leftOut: 0 };
  const tagIndex = new Map(tags.map((tag, index) => [tag, index]));
  (await tokenizer.encode(texts)).forEach((encoded, example) => {
    const words = wordsOf(texts[example], cuts[example] ?? 'segments');
    const wordOf = firstSubTokens(encoded, words);
    const tagged = encodeTags(words, spans[example] ?? []);
    const tagOfWord = tagged.tags.map((tag) => tagIndex.get(tag) ?? IGNORED);
    const windows = windowsOf(encoded, tokenizer.special, wordOf, maxLength);
    prepared.words.push(words);
    prepared.widened += tagged.widened;
    prepared.leftOut += tagged.leftOut;
    if (windows.length > 1) prepared.truncated++;
    for (const [from, to] of windows) prepared.items.push(itemOf(encoded, tokenizer.special, wordOf, tagOfWord, example, from, to));
  });
  return prepared;
}

/** Word index at each word's first sub-token, −1 elsewhere. A token counts for the first word that it overlaps. */
function firstSubTokens({ offsets, special }: Encoded, words: Word[]): Int32Array {
  const wordOf = new Int32Array(offsets.length).fill(-1);
  let word = 0;
  let taken = -1;
  offsets.forEach(([start, end], token) => {
    if (special[token] || start === end) return;
    while (word < words.length && words[word][1] <= start) word++;
    if (word === words.length || words[word][0] >= end || word === taken) return;
    taken = word;
    wordOf[token] = word;
  });
  return wordOf;
}

/** Token ranges [from, to) without the special tokens. */
function windowsOf(
  { ids }: Encoded,
  { opening, closing }: SpecialTokens,
  wordOf: Int32Array,
  maxLength: number,
): [from: number, to: number][] {
  const end = ids.length - closing.length;
  const room = maxLength - opening.length - closing.length;
  const windows: [number, number][] = [];
  for (let from = opening.length; ;) {
    windows.push([from, Math.min(from + room, end)]);
    if (from + room >= end) return windows;
    let next = from + Math.max(1, Math.floor(room / 2));
    while (next > from + 1 && wordOf[next] < 0) next--;
    from = wordOf[next] < 0 ? from + Math.max(1, Math.floor(room / 2)) : next;
  }
}

function itemOf(
  { ids }: Encoded,
  special: SpecialTokens,
  wordOf: Int32Array,
  tagOfWord: number[],
  example: number,
  from: number,
  to: number,
): TokenItem {
  const { opening, closing } = special;
  const words = [...opening.map(() => -1), ...wordOf.subarray(from, to), ...closing.map(() => -1)];
  return {
    ids: Int32Array.from(slice(ids, special, from, to)),
    labels: Int32Array.from(words, (word) => (word < 0 ? IGNORED : tagOfWord[word])),
    example,
    wordOf: Int32Array.from(words),
  };
}

/**
 * Spans by example, `score` the mean probability of their words' tags. `probabilities`: by item, [length × tags]. A word that
 * several windows saw takes the mean of their probabilities; a word without a token of its own belongs to its neighbours.
 */
export function decodeSpans(
  { items, words }: Pick<PreparedTokens, 'items' | 'words'>,
  probabilities: Float32Array[],
  tags: string[],
): (Span & { score: number })[][] {
  const sums = words.map((ofExample) => new Float64Array(ofExample.length * tags.length));
  const votes = words.map((ofExample) => new Uint32Array(ofExample.length));
  items.forEach(({ example, wordOf }, item) =>
    wordOf.forEach((word, token) => {
      if (word < 0) return;
      votes[example][word]++;
      for (let tag = 0; tag < tags.length; tag++) sums[example][word * tags.length + tag] += probabilities[item][token * tags.length + tag];
    }),
  );
  return words.map((ofExample, example) => spansOf(ofExample, sums[example], votes[example], tags));
}

function spansOf(words: Word[], sums: Float64Array, votes: Uint32Array, tags: string[]): (Span & { score: number })[] {
  const seen = words.flatMap((_, word) => (votes[word] > 0 ? [word] : []));
  const chosen = seen.map((word) => {
    const row = sums.subarray(word * tags.length, (word + 1) * tags.length);
    const tag = row.reduce((best, value, index) => (value > row[best] ? index : best), 0);
    return { tag: tags[tag], score: row[tag] / votes[word] };
  });
  return decodeTags(chosen.map(({ tag }) => tag)).map(({ first, last, label }) => {
    const score = chosen.slice(first, last + 1).reduce((sum, word) => sum + word.score, 0) / (last - first + 1);
    return { start: words[seen[first]][0], end: words[seen[last]][1], label, score };
  });
}
