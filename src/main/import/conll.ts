/** Sentences of CoNLL files: a token a line, the tag in the last column, a blank line or -DOCSTART- between sentences. A comment `# split = test` names the split of the sentence below. */
import type { Split } from '../../shared/domain.ts';
import { ThawError } from '../../shared/errors.ts';
import { linesOf } from './lines.ts';
import { namedSplit, rejected } from './row.ts';
import type { ParsedRow, RejectedRow, RowStream, Source } from './row.ts';
import { isTag } from './tags.ts';
import { rowOfTokens } from './tokens.ts';

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
function asRow(tokens: TokenLine[], columns: number, split: Split | null, options: Source): ParsedRow | RejectedRow {
  const odd = tokens.find(({ cells }) => cells.length !== columns || cells.length < 2);
  if (odd)
    return rejected(odd.line, odd.cells.length < 2 ? 'has a token and no tag' : `has ${odd.cells.length} columns instead of ${columns}`);
  const word = position(options.text, 0, columns, options.fileName);
  const tag = position(options.label, columns - 1, columns, options.fileName);
  const wrong = tokens.find(({ cells }) => !isTag(cells[tag]));
  if (wrong) return rejected(wrong.line, `'${wrong.cells[tag]}' is no tag (O, or B-, I-, E-, S- and a label)`);
  const empty = tokens.find(({ cells }) => !cells[word]);
  if (empty) return rejected(empty.line, 'the token is empty');
  const tagged = { tokens: tokens.map(({ cells }) => cells[word]), tags: tokens.map(({ cells }) => cells[tag]) };
  return rowOfTokens(tokens[0].line, tagged, { split, extra: {} });
}

/** Throws unknown_column. A sentence with one bad line is rejected whole, at that line. */
export async function* readConll(pieces: AsyncIterable<string>, source: Source): RowStream {
  let tokens: TokenLine[] = [];
  let columns = 0;
  let split: Split | null = null;
  for await (const { line, text } of linesOf(pieces)) {
    const ends = !text.trim() || text.startsWith('-DOCSTART-');
    if (ends) {
      if (tokens.length) yield asRow(tokens, columns, split, source);
      if (tokens.length) split = null;
      tokens = [];
      continue;
    }
    const cells = cellsOf(text);
    if (tokens.length === 0 && text.startsWith('#') && !isTag(cells[cells.length - 1])) {
      split = namedSplit(/^# *split *= *(.*)$/.exec(text)?.[1] ?? '') ?? split;
      continue;
    }
    if (columns < 2) columns = cells.length;
    tokens.push({ line, cells });
  }
  if (tokens.length) yield asRow(tokens, columns, split, source);
}
