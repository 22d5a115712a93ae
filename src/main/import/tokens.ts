/** Rows that are tokens with a tag each, as CoNLL files and Hugging Face's token classification have them. */
import type { Split } from '../../shared/domain.ts';
import { rejected } from './row.ts';
import type { ParsedRow, RejectedRow } from './row.ts';
import { isTag, spansOfTags } from './tags.ts';

export interface TaggedTokens {
  tokens: string[];
  tags: string[];
}

/** Whether these are tokens and as many tags. */
export const areTagged = (tokens: unknown, tags: unknown): boolean =>
  Array.isArray(tokens) && Array.isArray(tags) && tags.length === tokens.length && tokens.every((token) => typeof token === 'string');

/** The tokens joined by single spaces. */
export function rowOfTokens(
  line: number,
  { tokens, tags }: TaggedTokens,
  rest: { split: Split | null; extra: Record<string, string> },
): ParsedRow | RejectedRow {
  if (tokens.length === 0) return rejected(line, 'the text is empty');
  if (tokens.some((token) => !token.trim())) return rejected(line, 'a token is empty');
  const wrong = tags.find((tag) => typeof tag !== 'string' || !isTag(tag));
  if (wrong !== undefined) return rejected(line, `'${wrong}' is no tag (O, or B-, I-, E-, S- and a label)`);
  // A space inside a token would read as a boundary.
  const words = tokens.map((token) => token.replaceAll(' ', '\u00a0').toWellFormed());
  const starts: number[] = [];
  words.reduce((at, text) => (starts.push(at), at + text.length + 1), 0);
  const spans = spansOfTags(tags).map(({ start, end, label }) => ({
    start: starts[start],
    end: starts[end - 1] + words[end - 1].length,
    label,
  }));
  return { kind: 'row', line, text: words.join(' '), label: null, spans, pretokenized: true, ...rest };
}
