/**
 * The layers below the thaw line, which never change and where nothing is dropped: what they make of an example is computed once, when it is first
 * used, and kept.
 */
import { createHash, hash } from 'node:crypto';
import os from 'node:os';
import type { Tensor } from '../../models/base.ts';
import { depthOf, isFirstTokenOnly, type Specification } from '../../models/graphs.ts';
import type { Parameter } from '../../models/parameters.ts';
import { ONNX_RUNTIME } from '../../runtimes/onnx.ts';
import type { Batch } from '../batch.ts';
import { FeatureCache, type CacheOptions } from './cache.ts';

/** Runs the layers below a depth: [batch*length, hidden], or [batch, hidden] at the depth of a classification head. */
export type ComputeFeatures = (batch: Batch) => Promise<Float32Array>;

export interface PrefixOptions {
  specification: Specification;
  depth: number;
  threads: number;
  /** All of the model. */
  parameters: Parameter[];
  valueOf(parameter: Parameter): Float32Array;
  compute: ComputeFeatures;
  cache: CacheOptions;
}

/**
 * Names the features of a prefix by all that decides them to the last bit: the values of its parameters, what else its layers read, and what
 * computes them. Bases of the same lower layers share theirs, whatever their name and head.
 */
function prefixName({ specification, depth, threads, parameters, valueOf }: PrefixOptions): string {
  const { dropout: _, ...config } = specification.config;
  const firstTokenOnly = isFirstTokenOnly(specification, depth);
  const machine = [os.cpus()[0]?.model, process.arch, ONNX_RUNTIME, threads];
  const digest = createHash('sha256').update(JSON.stringify({ family: specification.family.name, config, depth, firstTokenOnly, machine }));
  for (const parameter of parameters) {
    if (depthOf(parameter.layer, config) >= depth) continue;
    const { buffer, byteOffset, byteLength } = valueOf(parameter);
    digest.update(parameter.role).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return digest.digest('hex').slice(0, 32);
}

interface Row {
  key: string;
  ids: Int32Array;
}

export class Prefix {
  readonly depth: number;
  private readonly hidden: number;
  private readonly firstTokenOnly: boolean;
  private readonly compute: ComputeFeatures;
  private readonly cache: FeatureCache;

  constructor(options: PrefixOptions) {
    this.depth = options.depth;
    this.hidden = options.specification.config.hidden;
    this.firstTokenOnly = isFirstTokenOnly(options.specification, options.depth);
    this.compute = options.compute;
    this.cache = new FeatureCache(prefixName(options), options.cache);
  }
  /** What the layers below make of a batch: [batch*length, hidden], 0 for padding; or [batch, hidden]. */
  async features(batch: Batch): Promise<Tensor> {
    const rows = rowsOf(batch);
    const known = new Map(rows.map(({ key }) => [key, this.cache.get(key)]));
    const missing = new Map(rows.filter(({ key }) => !known.get(key)).map(({ key, ids }) => [key, ids]));
    for (const [key, computed] of await this.computed(missing)) known.set(key, computed);
    const width = (this.firstTokenOnly ? 1 : batch.shape[1]) * this.hidden;
    const data = new Float32Array(rows.length * width);
    rows.forEach(({ key }, row) => data.set(known.get(key)!, row * width));
    return { shape: [data.length / this.hidden, this.hidden], data };
  }
  /** Texts of one length go together: without padding, a text's features are the same to the last bit whichever texts are beside it. */
  private async computed(missing: Map<string, Int32Array>): Promise<Map<string, Float32Array>> {
    const computed = new Map<string, Float32Array>();
    for (const members of Map.groupBy(missing, ([, ids]) => ids.length).values()) {
      const features = await this.compute(this.unpadded(members.map(([, ids]) => ids)));
      const width = (this.firstTokenOnly ? 1 : members[0][1].length) * this.hidden;
      for (const [row, [key]] of members.entries()) {
        const own = features.slice(row * width, (row + 1) * width);
        computed.set(key, own);
        await this.cache.put(key, own);
      }
    }
    return computed;
  }
  private unpadded(texts: Int32Array[]): Batch {
    const [{ length }] = texts;
    // ONNX Runtime has another kernel, which rounds in another way, for a matrix of one row: a lone row goes in twice.
    const rows = texts.length === 1 && (this.firstTokenOnly || length === 1) ? [texts[0], texts[0]] : texts;
    const ids = new Int32Array(rows.length * length);
    rows.forEach((row, at) => ids.set(row, at * length));
    return { shape: [rows.length, length], ids, mask: new Float32Array(ids.length).fill(1), labels: new Int32Array(0) };
  }
  /** Resolves when what was computed is in files. */
  close(): Promise<void> {
    return this.cache.close();
  }
}

function rowsOf({ ids, mask, shape: [batch, length] }: Batch): Row[] {
  return Array.from({ length: batch }, (_, row) => {
    let end = (row + 1) * length;
    while (end > row * length + 1 && mask[end - 1] === 0) end--;
    const own = ids.subarray(row * length, end);
    return { key: hash('sha256', new Uint8Array(own.buffer, own.byteOffset, own.byteLength), 'base64url'), ids: own };
  });
}
