/** Labeled texts of entities as a head learns them, and spans as it finds them. */
import type { Decoded, TextFeatures } from '../engine/tagging/index.ts';
import { encodeTags, IGNORED, type Word } from '../engine/text/index.ts';
import type { TextStatus } from './learning-messages.ts';

export type Spans = NonNullable<TextStatus['spans']>;
export interface LabeledText {
  features: TextFeatures;
  spans: Spans;
}
export interface GivenTags {
  /** Of each word the index of its tag; −100 of a label that is not known. */
  sequence: Int32Array;
  /** Spans that share a word with another one, and have no tag. */
  leftOut: number;
}

export function givenTags({ features, spans }: LabeledText, tags: string[]): GivenTags {
  const named = spans.map((span) => ({ ...span, label: String(span.label) }));
  const { tags: own, leftOut } = encodeTags(wordsOf(features), named);
  const indexOf = new Map(tags.map((tag, index) => [tag, index]));
  return { sequence: Int32Array.from(own, (tag) => indexOf.get(tag) ?? IGNORED), leftOut };
}

const wordsOf = ({ ranges }: TextFeatures): Word[] =>
  Array.from({ length: ranges.length / 2 }, (_, word): Word => [ranges[2 * word], ranges[2 * word + 1]]);

/** As the host takes them. */
export function spansFound({ spans }: Decoded, features: TextFeatures): (Spans[number] & { score: number })[] {
  const words = wordsOf(features);
  return spans.map(({ first, last, label, probability }) => ({
    start: words[first][0],
    end: words[last][1],
    label: Number(label),
    score: probability,
  }));
}

/** Whether the tags say all that was given: else a correction by what is found would lose some of it. */
export function isWhole({ features: { ranges }, spans }: LabeledText, { sequence, leftOut }: GivenTags): boolean {
  const end = ranges.at(-1) ?? 0;
  return leftOut === 0 && !sequence.includes(IGNORED) && spans.every((span) => span.end <= end);
}
