/** csv (RFC 4180) and tsv: a column each for the text, what it is labeled with, its split, and every other column. */
import type { StoredExample } from '../database/index.ts';
import { annotationField, ExtraNames } from './fields.ts';
import { counted, type DataShape, type DataWriter } from './writer.ts';

const own = ['text', 'label', 'labels', 'spans', 'split', 'pretokenized'];

/** Lists as JSON; nothing for what nobody has said. */
const asCell = (value: unknown): string => (value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value));

class Columns {
  readonly names = new ExtraNames(own);
  readonly #shape: DataShape;

  constructor(shape: DataShape) {
    this.#shape = shape;
  }

  header(): string[] {
    const { task, columns } = this.#shape;
    const annotation = { classification: 'label', multilabel: 'labels', ner: 'spans' }[task];
    return ['text', annotation, 'split', ...(task === 'ner' ? ['pretokenized'] : []), ...columns.map((name) => this.names.of(name))];
  }

  cells(example: StoredExample): string[] {
    const { task, columns } = this.#shape;
    const [, annotation] = annotationField(example, task);
    const pretokenized = task === 'ner' ? [String(example.pretokenized)] : [];
    return [example.text, asCell(annotation), example.split, ...pretokenized, ...columns.map((name) => example.extra[name] ?? '')];
  }
}

const quoted = (cell: string): string => (/[",;|\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

export function csvWriter(shape: DataShape): DataWriter {
  const columns = new Columns(shape);
  const line = (cells: string[]) => `${cells.map(quoted).join(',')}\n`;
  return {
    begin: () => line(columns.header()),
    write: (examples) => examples.map((example) => line(columns.cells(example))).join(''),
    end: () => '',
    notes: () => columns.names.notes(),
  };
}

/** tsv has no quoting: tabs and line ends become spaces. */
export function tsvWriter(shape: DataShape): DataWriter {
  const columns = new Columns(shape);
  let changed = 0;
  const line = (cells: string[]) => {
    const flat = cells.map((cell) => cell.replaceAll(/\r\n|[\t\r\n]/g, ' '));
    if (flat.some((cell, index) => cell !== cells[index])) changed++;
    return `${flat.join('\t')}\n`;
  };
  return {
    begin: () => line(columns.header()),
    write: (examples) => examples.map((example) => line(columns.cells(example))).join(''),
    end: () => '',
    notes: () => [
      ...columns.names.notes(),
      ...(changed > 0
        ? [
            `${counted(changed, 'row has', 'rows have')} a space where there was a tab or a line end, which tsv cannot hold; csv and jsonl can.`,
          ]
        : []),
    ],
  };
}
