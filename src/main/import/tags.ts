/** Token tags (IOB1, IOB2, BIOES, BILOU) to spans of tokens. */

export interface TokenSpan {
  /** First token and the one after the last. */
  start: number;
  end: number;
  label: string;
}

const tagPattern = /^([BIESLU])-(.+)$/;

export const isTag = (tag: string): boolean => tag === 'O' || tagPattern.test(tag);

/**
 * One rule reads all schemes: B, S and U open a span; I, E and L go on with an open one of their label and open one otherwise
 * (IOB1's way); S, U, E and L close it.
 */
export function spansOfTags(tags: string[]): TokenSpan[] {
  const spans: TokenSpan[] = [];
  let open: TokenSpan | null = null;
  for (const [index, tag] of tags.entries()) {
    const match = tagPattern.exec(tag);
    if (!match) {
      open = null;
      continue;
    }
    const [, prefix, label] = match;
    if (open === null || open.label !== label || 'BSU'.includes(prefix)) {
      open = { start: index, end: index + 1, label };
      spans.push(open);
    } else open.end = index + 1;
    if ('SUEL'.includes(prefix)) open = null;
  }
  return spans;
}
