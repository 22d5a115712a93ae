/**
 * The time of one training step at a fixed shape, all parameters trained, dropout 0.1: the work of hf_steps.py.
 * Usage: node step.ts [BATCH LENGTH STEPS THREADS] → {median_ms, min_ms, rss_mb}
 */
import path from 'node:path';
import { openBase, openModel } from '../../src/engine/index.ts';
import { mulberry32 } from '../../src/engine/text/index.ts';

const [batchSize = 16, length = 128, steps = 8, threads = 2] = process.argv.slice(2).map(Number);
const VOCABULARY = 30_522;

const base = await openBase(path.resolve(import.meta.dirname, '../../resources/models/all-MiniLM-L6-v2'));
const model = await openModel({
  base,
  head: 'classification',
  labels: ['a', 'b'],
  frozen: [],
  dropout: 0.1,
  seed: 1,
  device: 'cpu',
  threads,
});
const random = mulberry32(1);
const batch = {
  shape: [batchSize, length] as [number, number],
  ids: Int32Array.from({ length: batchSize * length }, () => Math.floor(random() * VOCABULARY)),
  mask: new Float32Array(batchSize * length).fill(1),
  labels: Int32Array.from({ length: batchSize }, (_, row) => row % 2),
};
const times: number[] = [];
for (let step = 0; step < steps; step++) {
  const started = performance.now();
  await model.step(batch, { learningRate: 1e-4, weightDecay: 0.01, decayAll: true, clip: 1 });
  times.push(performance.now() - started);
}
await model.close();
// The first step allocates.
const sorted = times.slice(1).sort((a, b) => a - b);
const figures = {
  median_ms: Math.round(sorted[Math.floor(sorted.length / 2)]),
  min_ms: Math.round(sorted[0]),
  rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
};
console.log(JSON.stringify(figures));
