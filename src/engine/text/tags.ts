/** Entity spans as one tag a word, in the IOB2 scheme: B- begins an entity, I- goes on, O is outside. */
import type { Span } from '../../shared/domain.ts';
import { inTextOrder } from '../../shared/spans.ts';
import type { Word } from './words.ts';

/** The tag set of a model, labels in the order given. */
export function tagsOf(labels: string[]): string[] {
  return ['O', ...labels.flatMap((label) => [`B-${label}`, `I-${label}`])];
}

/** The labels of a tag set, in its order. */
export function labelsOf(tags: string[]): string[] {
  return [...new Set(tags.filter((tag) => tag !== 'O').map((tag) => tag.slice(2)))];
}

/**
 * One tag a word. A span takes every word that it touches; `widened` counts the spans whose edges did not meet the edges of
 * words. Of spans that share a word the one that begins first is taken, of those the longest; `leftOut` counts the others, of which
 * nothing is taken.
 */
export function encodeTags(words: Word[], spans: Span[]): { tags: string[]; widened: number; leftOut: number } {
  const tags = words.map(() => 'O');
  let widened = 0;
  let leftOut = 0;
  for (const span of [...spans].sort(inTextOrder)) {
    const touched = words.flatMap(([start, end], index) => (start < span.end && end > span.start ? [index] : []));
    if (touched.length === 0) continue;
    if (touched.some((index) => tags[index] !== 'O')) {
      leftOut++;
      continue;
    }
    if (words[touched[0]][0] !== span.start || words[touched[touched.length - 1]][1] !== span.end) widened++;
    touched.forEach((index, position) => (tags[index] = `${position === 0 ? 'B' : 'I'}-${span.label}`));
  }
  return { tags, widened, leftOut };
}

/**
 * Runs of words that make one entity, as seqeval's default mode reads them: an I- that continues nothing of its own label begins
 * an entity.
 */
export function decodeTags(tags: string[]): { first: number; last: number; label: string }[] {
  const entities: { first: number; last: number; label: string }[] = [];
  tags.forEach((tag, index) => {
    if (tag === 'O') return;
    const label = tag.slice(2);
    const previous = entities.at(-1);
    if (tag.startsWith('I-') && previous?.last === index - 1 && previous.label === label) previous.last = index;
    else entities.push({ first: index, last: index, label });
  });
  return entities;
}
