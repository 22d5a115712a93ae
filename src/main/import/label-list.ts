/**
 * The labels of texts that may carry several. A cell holds a list (JSON's or Python's), or names parted by | or ; – whichever more of the
 * first rows have. Where several columns were named, 1 and 0 (true and false) say whether the column's own name is a label.
 */
import type { LabelCell, Note, ParsedRow, RejectedRow, RowStream } from './row.ts';
import { rejected } from './row.ts';

type Separator = '|' | ';';

/** So many rows are looked at before the separator is chosen. */
const lookAhead = 100;
const indicators: Record<string, boolean> = { '1': true, true: true, '0': false, false: false };
const token = /\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s,'"[\]]+)\s*(?:,|$|(?=\s)|(?=['"]))/y;

const isList = (cell: string) => cell.startsWith('[') && cell.endsWith(']');
const asText = (value: unknown): string => (typeof value === 'string' ? value.trim() : String(value ?? '').trim());

/** The items of `['a', "b"]`, with commas or without; null where it is no such list. */
function pythonList(cell: string): string[] | null {
  const inside = cell.slice(1, -1).trimEnd();
  const items: string[] = [];
  for (let at = 0; at < inside.length;) {
    token.lastIndex = at;
    const found = token.exec(inside);
    if (!found) return null;
    const [whole, item] = found;
    items.push(/^['"]/.test(item) ? item.slice(1, -1).replace(/\\(.)/g, '$1') : item);
    at += whole.length;
  }
  return items;
}

function listIn(cell: string): unknown[] | null {
  try {
    return JSON.parse(cell) as unknown[];
  } catch {
    return pythonList(cell);
  }
}

/** Names of one cell; null: it says nothing; undefined: it cannot be read. */
function namesIn({ column, value }: LabelCell, separator: Separator | null, mayIndicate: boolean): string[] | null | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return undefined;
  const text = Array.isArray(value) ? '' : asText(value);
  if (!Array.isArray(value) && text === '') return null;
  const indicated = mayIndicate ? indicators[text.toLowerCase()] : undefined;
  if (indicated !== undefined) return indicated ? [column] : [];
  const items = Array.isArray(value) ? value : isList(text) ? listIn(text) : separator ? text.split(separator) : [text];
  if (items === null || items.some((item) => typeof item === 'object')) return undefined;
  return items.map(asText).filter((name) => name !== '');
}

/** The row with its cells' labels, each once; without labels where no cell says anything. */
function withLabels(row: ParsedRow, separator: Separator | null): ParsedRow | RejectedRow {
  const { labelCells: cells, ...rest } = row;
  if (!cells) return row;
  const found = cells.map((cell) => namesIn(cell, separator, cells.length > 1));
  const unreadable = found.indexOf(undefined);
  if (unreadable >= 0) return rejected(row.line, `'${JSON.stringify(cells[unreadable].value)}' is no list of labels`);
  const said = found.filter((names) => names !== null && names !== undefined);
  return said.length > 0 ? { ...rest, labels: [...new Set(said.flat())] } : rest;
}

function separatorOf(rows: ParsedRow[]): Separator | null {
  const cells = rows.flatMap((row) => (row.labelCells ?? []).map(({ value }) => (typeof value === 'string' ? value.trim() : '')));
  const count = (mark: Separator) => cells.filter((cell) => !isList(cell) && cell.includes(mark)).length;
  const [bars, semicolons] = [count('|'), count(';')];
  if (bars + semicolons === 0) return null;
  return bars >= semicolons ? '|' : ';';
}

/** What a person should know of how the labels were read. */
class Findings {
  private labeled = 0;
  private unlabeled = 0;
  private comma: string | null = null;

  add({ labels }: ParsedRow): void {
    if (!labels) this.unlabeled++;
    else this.labeled++;
    this.comma ??= labels?.find((label) => label.includes(',')) ?? null;
  }

  *notes(separator: Separator | null): Generator<Note> {
    if (separator) yield { kind: 'note', text: `Several labels in one cell are read as parted by “${separator}”.` };
    if (this.comma !== null) yield { kind: 'note', text: `The label “${this.comma}” holds a comma: commas part no labels, | and ; do.` };
    if (this.labeled > 0 && this.unlabeled > 0)
      yield { kind: 'note', text: `${this.unlabeled} rows without a label came unlabeled; write [] where none of the labels applies.` };
  }
}

/** Gives rows their labels, and says at the end how they were read. */
export async function* readLabels(rows: RowStream): RowStream {
  const findings = new Findings();
  let waiting: (ParsedRow | RejectedRow | Note)[] | null = [];
  let separator: Separator | null = null;
  const read = (row: ParsedRow | RejectedRow | Note) => {
    const labeled = row.kind === 'row' ? withLabels(row, separator) : row;
    if (labeled.kind === 'row') findings.add(labeled);
    return labeled;
  };
  const parsed = (all: (ParsedRow | RejectedRow | Note)[]) => all.filter((row) => row.kind === 'row');
  for await (const row of rows) {
    if (!waiting) yield read(row);
    else if (waiting.push(row) === lookAhead) {
      separator = separatorOf(parsed(waiting));
      yield* waiting.map(read);
      waiting = null;
    }
  }
  separator = waiting ? separatorOf(parsed(waiting)) : separator;
  yield* (waiting ?? []).map(read);
  yield* findings.notes(separator);
}
