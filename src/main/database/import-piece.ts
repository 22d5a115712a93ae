/** Rows of an import put together in columns. */
import { splitSchema, type Split, type Task } from '../../shared/domain.ts';
import type { ParsedRow, RowPiece } from '../import/index.ts';

const rowsPerPiece = 500;
const charactersPerPiece = 1 << 18;

export class PieceBuilder {
  readonly #task: Task;
  readonly #labels = new Map<string, number>();
  #newLabels: string[] = [];
  #rows: { row: ParsedRow; textHash: Uint8Array; split: Split }[] = [];
  #characters = 0;

  constructor(task: Task) {
    this.#task = task;
  }

  add(row: ParsedRow, textHash: Uint8Array, split: Split): void {
    this.#rows.push({ row, textHash, split });
    this.#characters += row.text.length;
  }

  isFull(): boolean {
    return this.#rows.length >= rowsPerPiece || this.#characters >= charactersPerPiece;
  }

  isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  take(): RowPiece {
    const rows = this.#rows;
    const hashes = new Uint8Array(16 * rows.length);
    rows.forEach(({ textHash }, index) => hashes.set(textHash, 16 * index));
    const parsed = rows.map(({ row }) => row);
    const piece: Omit<RowPiece, 'newLabels'> = {
      type: 'rows',
      texts: parsed.map(({ text }) => text),
      hashes,
      lines: Float64Array.from(parsed, ({ line }) => line),
      label: Int32Array.from(parsed, ({ label }) => (label === null ? -1 : this.#positionOf(label))),
      labels: this.#task === 'multilabel' ? parsed.map(({ labels }) => labels?.map((name) => this.#positionOf(name)) ?? null) : null,
      spans: this.#task === 'ner' ? parsed.map(({ spans }) => this.#placed(spans)) : null,
      split: Uint8Array.from(rows, ({ split }) => splitSchema.options.indexOf(split)),
      pretokenized: Uint8Array.from(parsed, ({ pretokenized }) => (pretokenized ? 1 : 0)),
      extra: parsed.some(({ extra }) => Object.keys(extra).length > 0) ? parsed.map(({ extra }) => JSON.stringify(extra)) : null,
    };
    this.#rows = [];
    this.#characters = 0;
    const newLabels = this.#newLabels;
    this.#newLabels = [];
    return { ...piece, newLabels };
  }

  #placed(spans: ParsedRow['spans']) {
    return spans?.map(({ start, end, label }) => ({ start, end, label: this.#positionOf(label) })) ?? null;
  }

  #positionOf(name: string): number {
    const known = this.#labels.get(name);
    if (known !== undefined) return known;
    this.#newLabels.push(name);
    const position = this.#labels.size;
    this.#labels.set(name, position);
    return position;
  }
}
