/**
 * Spans that look wrong: confident learning over words, and texts by the word that looks the most wrong, which finds more than the mean over words
 * (Wang and Mueller 2022, Detecting Label Errors in Token Classification Data).
 */
import { labelIssues } from '../engine/evaluate/label-issues.ts';
import type { Decoded } from '../engine/tagging/index.ts';
import { spansFound, type LabeledText } from './entity-texts.ts';
import type { LearningAnswerOf } from './learning-messages.ts';

type Doubt = LearningAnswerOf<'doubts'>['doubts'][number];
interface Judged extends LabeledText {
  id: number;
  /** The given tags. */
  sequence: Int32Array;
  /** By a head that was not fitted to it. */
  decoded: Decoded;
}

/** The worst first; a text in which the same spans are found is in no doubt. */
export function doubtsOf(texts: Judged[], tags: string[]): Doubt[] {
  const n = tags.length;
  const words = texts.flatMap(({ sequence }, text) => [...sequence].map((tag, word) => ({ text, word, tag })));
  const given = words.map(({ tag }) => tag);
  const probabilities = new Float32Array(words.length * n);
  words.forEach(({ text, word }, row) => {
    probabilities.set(texts[text].decoded.marginals.subarray(word * n, (word + 1) * n), row * n);
  });
  const doubts = new Map<number, Doubt>();
  for (const { index, classes, score } of labelIssues(given, probabilities, n)) {
    const { text, tag } = words[index];
    const { id, spans, features, decoded } = texts[text];
    const found = spansFound(decoded, features);
    // The worst of a text's words comes first.
    if (doubts.has(text) || isSame(spans, found)) continue;
    const probabilityOf = (other: number) => probabilities[index * n + other];
    doubts.set(text, { id, spans: found, probability: probabilityOf(classes[0]), givenProbability: probabilityOf(tag), score });
  }
  return [...doubts.values()];
}

type Places = readonly { start: number; end: number; label: number }[];
const keysOf = (spans: Places): string => JSON.stringify(spans.map(({ start, end, label }) => `${start}-${end} ${label}`).sort());
const isSame = (a: Places, b: Places): boolean => keysOf(a) === keysOf(b);
