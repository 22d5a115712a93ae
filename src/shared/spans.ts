/** Spans that overlap: what a tagger can learn of them. */

interface Range {
  start: number;
  end: number;
}

/** By where they begin, the longer first. */
export const inTextOrder = (a: Range, b: Range): number => a.start - b.start || b.end - a.end;

/**
 * A tagger gives each word one tag, so it learns spans that lie apart: of those that overlap the one that begins first, and of those the
 * longest. The others are left out whole.
 */
export function learnable<Span extends Range>(spans: Span[]): { learned: Span[]; leftOut: Span[] } {
  const [learned, leftOut]: [Span[], Span[]] = [[], []];
  let end = 0;
  for (const span of [...spans].sort(inTextOrder)) {
    if (span.start < end) leftOut.push(span);
    else {
      learned.push(span);
      ({ end } = span);
    }
  }
  return { learned, leftOut };
}

/** What is said of a run whose training texts have such spans, in the future or the past tense. */
export function leftOutNote(leftOut: number, spans: number, done: boolean): string {
  const [were, is] = done ? ['were', 'was'] : ['will be', 'will be'];
  return (
    `${leftOut.toLocaleString('en')} of ${spans.toLocaleString('en')} training spans overlap another one. A model gives each word one tag: ` +
    `the span that begins first, the longest of those, ${is} learned, and the others ${were} left out. Scores count them as missed.`
  );
}
