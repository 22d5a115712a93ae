/**
 * Thaw against Hugging Face Trainer on PyTorch: same data, base, hyperparameters and threads, in one run, in alternating pairs.
 * Usage: npm run bench -- --data DIR --python VENV [--quick]
 * DIR has sst2/{train,dev,test}.tsv and wikiann-en/{train,dev,test}.conll; VENV has torch, transformers, accelerate, scikit-learn, seqeval.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  importForThaw,
  stepOfPyTorch,
  stepOfThaw,
  trainWithThaw,
  trainWithTrainer,
  type Dataset,
  type Step,
  type Training,
} from './contestants.ts';
import { ratioRow, scoreRow, tableOf, type Row } from './table.ts';

interface Pair<T> {
  thaw: T;
  pytorch: T;
}

const { values: options } = parseArgs({
  options: { data: { type: 'string' }, python: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
if (!options.data || !options.python) {
  console.error('Usage: npm run bench -- --data DIR --python VENV [--quick]');
  process.exit(2);
}
const data = options.data;
const inVenv = path.join(options.python, 'bin/python');
const python = existsSync(inVenv) ? inVenv : options.python;
const { quick } = options;
/** The quick form measures speed in about 90 seconds; it trains too little to compare what was learned. */
const form = quick
  ? { maxSteps: 60, seeds: [1], rounds: 1, steps: 6, trainExamples: 2000, heldOut: 200 }
  : { maxSteps: 0, seeds: [1, 2, 3], rounds: 3, steps: 12, trainExamples: 0, heldOut: 0 };

/** Who goes first alternates, so that a machine that warms up or slows down favours neither. */
async function pair<T>(round: number, thaw: () => Promise<T>, pytorch: () => Promise<T>): Promise<Pair<T>> {
  if (round % 2 === 0) return { thaw: await thaw(), pytorch: await pytorch() };
  const second = await pytorch();
  return { thaw: await thaw(), pytorch: second };
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

async function datasetOf(name: Dataset['name'], folder: string): Promise<Dataset> {
  const ner = name === 'WikiANN-en';
  const [train, validation, test] = await Promise.all(
    ['train', 'dev', 'test'].map((part) =>
      shortened(path.join(data, ner ? 'wikiann-en' : 'sst2', part + (ner ? '.conll' : '.tsv')), folder),
    ),
  );
  return { name, task: ner ? 'ner' : 'classification', train, validation, test, epochs: ner ? 1 : 3, learningRate: ner ? 1e-4 : 5e-5 };
}

/** The file, or in the quick form a copy of its first examples. */
async function shortened(file: string, folder: string): Promise<string> {
  if (!quick) return file;
  const between = file.endsWith('.conll') ? /\n[ \t]*\n/ : /\n/;
  const count = path.basename(file).startsWith('train') ? form.trainExamples : form.heldOut;
  const examples = (await readFile(file, 'utf8')).split(between).slice(0, count);
  const copy = path.join(folder, path.basename(file));
  await writeFile(copy, `${examples.join(file.endsWith('.conll') ? '\n\n' : '\n')}\n`);
  return copy;
}

async function training(name: Dataset['name'], seeds: number[], folder: string): Promise<Row[]> {
  const dataset = await datasetOf(name, folder);
  const project = path.join(folder, name);
  await importForThaw(dataset, project);
  const pairs: Pair<Training>[] = [];
  for (const [round, seed] of seeds.entries()) {
    const found = await pair(
      round,
      () => trainWithThaw(dataset, project, seed, form.maxSteps),
      () => trainWithTrainer(python, dataset, seed, form.maxSteps),
    );
    const tell = ({ seconds, examplesPerSecond, score }: Training) =>
      `${seconds.toFixed(1)} s, ${examplesPerSecond.toFixed(1)} examples/s, ${(100 * score).toFixed(2)} %`;
    console.error(`${name}, seed ${seed}: Thaw ${tell(found.thaw)}; Trainer ${tell(found.pytorch)}`);
    pairs.push(found);
  }
  const over = (side: keyof Pair<Training>, figure: keyof Training) => mean(pairs.map((found) => found[side][figure]));
  const measured = dataset.task === 'ner' ? 'entity F1' : 'accuracy';
  return [
    ratioRow(`${name}: training time`, 's', over('thaw', 'seconds'), over('pytorch', 'seconds'), 0.8),
    ratioRow(`${name}: peak memory`, 'MB', over('thaw', 'memoryMB'), over('pytorch', 'memoryMB'), 1),
    scoreRow(
      `${name}: test ${measured}, mean of ${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'}`,
      over('thaw', 'score'),
      over('pytorch', 'score'),
      !quick,
    ),
  ];
}

async function fixedStep(): Promise<Row[]> {
  const pairs: Pair<Step>[] = [];
  for (let round = 0; round < form.rounds; round++)
    pairs.push(
      await pair(
        round,
        () => stepOfThaw(form.steps),
        () => stepOfPyTorch(python, form.steps),
      ),
    );
  const best = (side: 'thaw' | 'pytorch') => Math.min(...pairs.map((found) => found[side].milliseconds));
  const peak = (side: 'thaw' | 'pytorch') => Math.max(...pairs.map((found) => found[side].memoryMB));
  return [
    ratioRow('step of 16 × 128 tokens', 'ms', best('thaw'), best('pytorch'), 0.77),
    ratioRow('step of 16 × 128 tokens: peak memory', 'MB', peak('thaw'), peak('pytorch'), 1),
  ];
}

const folder = await mkdtemp(path.join(tmpdir(), 'thaw-benchmark-'));
try {
  const rows = [...(await fixedStep()), ...(await training('SST-2', form.seeds, folder)), ...(await training('WikiANN-en', [1], folder))];
  console.log(
    `${cpus()[0].model}, ${availableParallelism()} logical processors, 2 threads each${quick ? ', quick form (60 steps)' : ''}\n`,
  );
  console.log(tableOf(rows));
} finally {
  await rm(folder, { recursive: true, force: true });
}
