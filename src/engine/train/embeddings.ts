/**
 * The gradient of the embedding tables, summed from that of each token's embedding, outside the graph: in the order of the tokens, hence the
 * same from run to run, and touching only the rows in use (as an operator, a scatter over the whole table takes 37 ms and another table).
 */
import type { EncoderConfig } from '../models/family.ts';
import { positionRows, type Batch } from './batch.ts';

export interface Tables {
  word: Float32Array;
  position: Float32Array;
  type: Float32Array | null;
}

export class EmbeddingGradient {
  private readonly config: EncoderConfig;
  private readonly tables: Tables;
  private touched = new Set<number>();

  constructor(config: EncoderConfig, tables: Tables) {
    this.config = config;
    this.tables = tables;
  }
  /** Fills the tables' gradients from `rows` [batch*length, hidden]; gives the sum of their squares. */
  fill(batch: Pick<Batch, 'ids' | 'shape'>, rows: Float32Array): number {
    const { hidden, padId, firstPosition } = this.config;
    const { word, position, type } = this.tables;
    for (const id of this.touched) word.fill(0, id * hidden, (id + 1) * hidden);
    position.fill(0);
    type?.fill(0);
    this.touched = new Set(batch.ids);
    const positions = positionRows(batch, this.config);
    const { ids } = batch;
    for (let token = 0; token < ids.length; token++) {
      const from = token * hidden;
      // As in torch, the tables' padding rows get no gradient (padding_idx).
      if (ids[token] !== padId) addRow(word, ids[token] * hidden, rows, from, hidden);
      if (!firstPosition || positions[token] !== padId) addRow(position, positions[token] * hidden, rows, from, hidden);
      if (type) addRow(type, 0, rows, from, hidden);
    }
    return this.squaredNorm();
  }
  private squaredNorm(): number {
    const { hidden } = this.config;
    const { word, position, type } = this.tables;
    let sum = squares(position, 0, position.length) + (type ? squares(type, 0, type.length) : 0);
    for (const id of this.touched) sum += squares(word, id * hidden, (id + 1) * hidden);
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
