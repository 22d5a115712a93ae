/**
 * The time to predict a file's texts at natural lengths, tokenizing excluded: the work of hf_predict.py.
 * Usage: node predict.ts FILE [ROUNDS THREADS] → {examples, seconds, examples_per_s, rss_mb}; FILE: text<TAB>label without a header.
 */
import fs from 'node:fs';
import path from 'node:path';
import { openBase, openModel } from '../../src/engine/index.ts';
import { openTokenizer } from '../../src/engine/text/index.ts';
import { labelingOf, prepareExamples } from '../../src/engine/train/dataset.ts';
import { itemLogits } from '../../src/engine/train/evaluation.ts';

const [file, rounds = '3', threads = '2'] = process.argv.slice(2);
const folder = path.resolve(import.meta.dirname, '../../resources/models/all-MiniLM-L6-v2');
const labels = ['a', 'b'];

const lines = fs.readFileSync(file, 'utf8').trim().split('\n');
const inputs = lines.map((line, id) => ({ id, text: line.slice(0, line.lastIndexOf('\t')), label: null, spans: null }));
const tokenizer = await openTokenizer(folder);
const examples = await prepareExamples(labelingOf('classification', labels, 'segments'), tokenizer, inputs, 128);
const base = await openBase(folder);
const model = await openModel({
  base,
  head: 'classification',
  labels,
  frozen: [],
  dropout: 0,
  seed: 1,
  device: 'cpu',
  threads: Number(threads),
});
const { signal } = new AbortController();
const seconds: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const started = performance.now();
  await itemLogits(model, examples, tokenizer.padId, signal);
  seconds.push((performance.now() - started) / 1000);
}
await model.close();
const shortest = Math.min(...seconds);
const figures = {
  examples: inputs.length,
  seconds: Number(shortest.toFixed(2)),
  examples_per_s: Number((inputs.length / shortest).toFixed(1)),
  rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
};
console.log(JSON.stringify(figures));
