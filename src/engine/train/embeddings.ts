/**
 * The gradient of the embedding tables, summed from that of each token's embedding, outside the graph: in the order of the tokens, hence the
 * same from run to run, and touching only the rows in use (as an operator, a scatter over the whole table takes 37 ms and another table).
 */
import type { EncoderConfig } from '../models/family.ts';
import { positionRows, type Batch } from './batch.ts';

export interface Tables {
  word: Float32Array;
  position: Float32Array | null;
  type: Float32Array | null;
}

export class EmbeddingGradient {
  private readonly config: EncoderConfig;
  private readonly tables: Tables;
  private readonly touched = new Set<number>();

  constructor(config: EncoderConfig, tables: Tables) {
    this.config = config;
    this.tables = tables;
  }
  /** Before the first batch of a step. */
  clear(): void {
    const { embedding: width } = this.config;
    const { word, position, type } = this.tables;
    for (const id of this.touched) word.fill(0, id * width, (id + 1) * width);
    position?.fill(0);
    type?.fill(0);
    this.touched.clear();
  }
  /** Adds `rows` [batch*length, embedding] to the tables' gradients. */
  add(batch: Pick<Batch, 'ids' | 'shape'>, rows: Float32Array): void {
    const { embedding: width, padId, firstPosition } = this.config;
    const { word, position, type } = this.tables;
    for (const id of batch.ids) this.touched.add(id);
    const positions = positionRows(batch, this.config);
    const { ids } = batch;
    for (let token = 0; token < ids.length; token++) {
      const from = token * width;
      // As in torch, the tables' padding rows get no gradient (padding_idx).
      if (ids[token] !== padId) addRow(word, ids[token] * width, rows, from, width);
      if (position && (!firstPosition || positions[token] !== padId)) addRow(position, positions[token] * width, rows, from, width);
      if (type) addRow(type, 0, rows, from, width);
    }
  }
  /** Sum of the gradients' squares. */
  squaredNorm(): number {
    const { embedding: width } = this.config;
    const { word, position, type } = this.tables;
    const whole = (table: Float32Array | null) => (table ? squares(table, 0, table.length) : 0);
    let sum = whole(position) + whole(type);
    for (const id of this.touched) sum += squares(word, id * width, (id + 1) * width);
    return sum;
  }
}
function addRow(table: Float32Array, to: number, rows: Float32Array, from: number, width: number): void {
  for (let i = 0; i < width; i++) table[to + i] += rows[from + i];
}
function squares(values: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i] * values[i];
  return sum;
}
