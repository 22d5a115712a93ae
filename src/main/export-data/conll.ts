/** CoNLL: a token and its IOB2 tag a line, a blank line between sentences, the split as a comment before each. */
import { wordsOf } from '../../engine/text/words.ts';
import type { Span } from '../../shared/domain.ts';
import { learnable } from '../../shared/spans.ts';
import type { StoredExample } from '../database/index.ts';
import { counted, type DataShape, type DataWriter } from './writer.ts';

interface Token {
  start: number;
  end: number;
}

/** The words of the text, cut where a span begins or ends inside one. */
function tokensOf(example: StoredExample, spans: Span[]): Token[] {
  const cuts = spans.flatMap(({ start, end }) => [start, end]);
  return wordsOf(example.text, example.pretokenized ? 'spaces' : 'tokens').flatMap(([start, end]) => {
    const inside = cuts.filter((cut) => cut > start && cut < end).toSorted((a, b) => a - b);
    const edges = [start, ...new Set(inside), end];
    return edges.slice(1).map((edge, index) => ({ start: edges[index], end: edge }));
  });
}

function tagOf({ start, end }: Token, spans: Span[]): string {
  const span = spans.find((candidate) => candidate.start <= start && candidate.end >= end);
  if (!span) return 'O';
  return `${span.start >= start ? 'B' : 'I'}-${span.label.replaceAll(/[\t\r\n]/g, ' ')}`;
}

class Losses {
  unlabeled = 0;
  respaced = 0;
  overlapping = 0;

  notes({ columns }: DataShape): string[] {
    return [
      this.respaced > 0 &&
        `${counted(this.respaced, 'text is', 'texts are')} no tokens between single spaces: CoNLL keeps their words, not the spaces between them.`,
      this.unlabeled > 0 &&
        `${counted(this.unlabeled, 'unlabeled text was', 'unlabeled texts were')} left out: CoNLL has a tag for every token.`,
      this.overlapping > 0 && `${counted(this.overlapping, 'span was', 'spans were')} left out that overlap another: a token has one tag.`,
      columns.length > 0 && `CoNLL has no place for other columns: ${columns.join(', ')}.`,
    ].filter((note) => note !== false);
  }
}

export function conllWriter(shape: DataShape): DataWriter {
  const losses = new Losses();
  const sentence = (example: StoredExample): string => {
    const { text, annotation } = example;
    if (!annotation.spans) {
      losses.unlabeled++;
      return '';
    }
    const { learned: spans, leftOut } = learnable(annotation.spans);
    losses.overlapping += leftOut.length;
    const tokens = tokensOf(example, spans);
    const words = tokens.map(({ start, end }) => text.slice(start, end).replaceAll(/\s/gu, '\u00a0'));
    if (words.join(' ') !== text) losses.respaced++;
    return `# split = ${example.split}\n${tokens.map((token, index) => `${words[index]}\t${tagOf(token, spans)}\n`).join('')}\n`;
  };
  return {
    begin: () => '',
    write: (examples) => examples.map(sentence).join(''),
    end: () => '',
    notes: () => losses.notes(shape),
  };
}
