import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { architectureOf } from '../models/base.ts';
import { gradientGraph, type Specification } from '../models/graphs.ts';
import { parametersOf } from '../models/parameters.ts';
import { executionOrder, peakBytes, planBuffers, type Buffer } from './buffers.ts';

const dropout = { hidden: 0.1, attention: 0.2, classification: 0.1, token: 0.1 };
const models = path.resolve(import.meta.dirname, '../../../tests/fixtures/models');
function specificationOf(name: string): Specification {
  const { family, config } = architectureOf(path.join(models, name));
  return { family, config: { ...config, dropout }, head: 'classification', classes: 2 };
}

/** Operators in the order in which ONNX Runtime ran them, as its profiler tells. */
async function profiled(file: Uint8Array, feeds: ort.InferenceSession.FeedsType): Promise<number[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'thaw-profile-'));
  try {
    const session = await ort.InferenceSession.create(file, {
      graphOptimizationLevel: 'disabled',
      enableProfiling: true,
      profileFilePrefix: path.join(folder, 'profile'),
      intraOpNumThreads: 1,
    });
    await session.run(feeds);
    session.endProfiling();
    await session.release();
    const events = JSON.parse(fs.readFileSync(path.join(folder, fs.readdirSync(folder)[0]), 'utf8')) as { name: string; ts: number; args: { node_index?: string } }[]; // prettier-ignore
    return events
      .filter(({ name }) => name.endsWith('_kernel_time'))
      .sort((a, b) => a.ts - b.ts)
      .map(({ args }) => Number(args.node_index));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

it('runs nodes in the order ONNX Runtime does', async () => {
  const specification = specificationOf('bert');
  const parameters = parametersOf(specification.family, specification.config, 'classification', 2);
  const { graph, outputs, sites } = gradientGraph(specification, parameters, 'fused');
  const [batch, length] = [2, 3];
  const actual = (size: number): number => {
    const { factors, rest } = graph.dimension(size);
    return factors.reduce((product, factor) => product * (factor === 'batch' ? batch : length), rest);
  };
  const shapes = new Map(graph.inputs.map(({ name, shape, type }) => [name, { dims: shape.map(actual), type }]));
  expect(sites.length).toBeGreaterThan(0);
  const feeds = Object.fromEntries(
    [...shapes].map(([name, { dims, type }]) => {
      const count = dims.reduce((a, b) => a * b, 1);
      return [name, type === 'int32' ? new ort.Tensor('int32', new Int32Array(count), dims) : new ort.Tensor('float32', new Float32Array(count).fill(1), dims)]; // prettier-ignore
    }),
  );
  const { nodes } = graph.program(outputs);
  const order = executionOrder(nodes).map((node) => nodes.indexOf(node));
  const ran = await profiled(graph.encode(outputs), feeds);
  expect(order).toEqual(ran.filter((index) => index < nodes.length));
});

it('adds up what is held at a time', () => {
  const buffer = (rest: number, first: number, last: number): Buffer => ({ extent: { factors: ['batch', 'length'], rest }, first, last });
  const sizes = { batch: 2, length: 3 };
  expect(peakBytes([buffer(1, 0, 1), buffer(2, 1, 2), buffer(4, 2, 3)], sizes)).toBe(4 * 6 * 6);
  expect(peakBytes([buffer(1, 0, Infinity), buffer(2, 1, 1), buffer(4, 2, 3)], sizes)).toBe(4 * 6 * 5);
});

it('holds no more than all buffers together and no less than the largest, for every family', () => {
  for (const family of fs.readdirSync(models)) {
    const specification = specificationOf(family);
    const parameters = parametersOf(specification.family, specification.config, 'classification', 2);
    const { graph, outputs } = gradientGraph(specification, parameters, 'fused');
    const buffers = planBuffers(graph.program(outputs), (output) => output.startsWith('g.'));
    const alone = buffers.map((buffer) => peakBytes([buffer], { batch: 4, length: 32 }));
    const peak = peakBytes(buffers, { batch: 4, length: 32 });
    expect(peak).toBeGreaterThanOrEqual(Math.max(...alone));
    expect(peak).toBeLessThan(alone.reduce((sum, bytes) => sum + bytes, 0));
  }
});
