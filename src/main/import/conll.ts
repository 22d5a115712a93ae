/** Sentences of CoNLL files: a token a line, the tag in the last column, a blank line or -DOCSTART- between sentences. */
import { ThawError } from '../../shared/errors.ts';
import { linesOf } from './lines.ts';
import { rejected } from './row.ts';
import type { ParsedRow, ReadOptions, RejectedRow, RowStream } from './row.ts';
import { isTag, spansOfTags } from './tags.ts';

interface TokenLine {
  line: number;
  cells: string[];
}

const cellsOf = (text: string) => (text.includes('\t') ? text.split('\t').map((cell) => cell.trim()) : text.trim().split(/\s+/));

/** A column's position from its number, 1 the first; `otherwise` where none was asked for. */
function position(asked: string | undefined, otherwise: number, columns: number, file: string): number {
  if (!asked) return otherwise;
  const number = Number(asked);
  if (Number.isInteger(number) && number >= 1 && number <= columns) return number - 1;
  throw new ThawError({
    code: 'unknown_column',
    message: `There is no column '${asked}' in ${file}.`,
    remedy: `CoNLL columns go by number; there are 1 to ${columns}.`,
    place: { file, field: asked },
  });
}

/** The sentence: its tokens joined by single spaces. */
function asRow(tokens: TokenLine[], columns: number, options: ReadOptions & { fileName: string }): ParsedRow | RejectedRow {
  const odd = tokens.find(({ cells }) => cells.length !== columns || cells.length < 2);
  if (odd)
    return rejected(odd.line, odd.cells.length < 2 ? 'has a token and no tag' : `has ${odd.cells.length} columns instead of ${columns}`);
  const word = position(options.text, 0, columns, options.fileName);
  const tag = position(options.label, columns - 1, columns, options.fileName);
  const wrong = tokens.find(({ cells }) => !isTag(cells[tag]));
  if (wrong) return rejected(wrong.line, `'${wrong.cells[tag]}' is no tag (O, or B-, I-, E-, S- and a label)`);
  const empty = tokens.find(({ cells }) => !cells[word]);
  if (empty) return rejected(empty.line, 'the token is empty');
  // A space inside a token would read as a boundary.
  const words = tokens.map(({ cells }) => cells[word].replaceAll(' ', '\u00a0'));
  const starts: number[] = [];
  words.reduce((at, text) => (starts.push(at), at + text.length + 1), 0);
  const spans = spansOfTags(tokens.map(({ cells }) => cells[tag])).map(({ start, end, label }) => ({
    start: starts[start],
    end: starts[end - 1] + words[end - 1].length,
    label,
  }));
  return { kind: 'row', line: tokens[0].line, text: words.join(' '), label: null, spans, split: null, pretokenized: true, extra: {} };
}

/** Throws unknown_column. A sentence with one bad line is rejected whole, at that line. */
export async function* readConll(pieces: AsyncIterable<string>, options: ReadOptions & { fileName: string }): RowStream {
  let tokens: TokenLine[] = [];
  let columns = 0;
  for await (const { line, text } of linesOf(pieces)) {
    const ends = !text.trim() || text.startsWith('-DOCSTART-');
    if (ends) {
      if (tokens.length) yield asRow(tokens, columns, options);
      tokens = [];
      continue;
    }
    const cells = cellsOf(text);
    if (tokens.length === 0 && text.startsWith('#') && !isTag(cells[cells.length - 1])) continue;
    if (columns < 2) columns = cells.length;
    tokens.push({ line, cells });
  }
  if (tokens.length) yield asRow(tokens, columns, options);
}
