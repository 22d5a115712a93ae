/**
 * Thaw against Hugging Face Trainer on PyTorch: same data, base, hyperparameters and threads, in one run, in alternating pairs.
 * Usage: npm run bench -- --data DIR --python VENV [--quick] [--only step,sst2,…] [--rounds N] [--seeds 1,2,…]
 * DIR has sst2/{train,dev,test}.tsv, ag-news/test.csv and wikiann-en/{train,dev,test}.conll; VENV has torch, transformers, accelerate, scikit-learn, seqeval.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  importForThaw,
  predictWithThaw,
  predictWithTrainer,
  productsOfPyTorch,
  productsOfThaw,
  secondsToFirstStep,
  stepOfPyTorch,
  stepOfThaw,
  trainWithThaw,
  trainWithTrainer,
  type Dataset,
  type Predicting,
  type Products,
  type Step,
  type ThawTraining,
  type Training,
} from './contestants.ts';
import { agNews } from './ag-news.ts';
import { mean } from './statistics.ts';
import { limitRow, rateRow, ratioRow, scoreRow, speedRow, tableOf, type Row } from './table.ts';

interface Pair<T, U = T> {
  thaw: T;
  pytorch: U;
}

const GROUPS = ['products', 'step', 'start', 'sst2', 'agnews', 'wikiann', 'padded', 'bf16', 'frozen', 'head', 'predict'] as const;
type Group = (typeof GROUPS)[number];

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: GROUPS.join() },
    rounds: { type: 'string' },
    seeds: { type: 'string' },
  },
});
const wanted = options.only.split(',');
const unknown = wanted.filter((name) => !GROUPS.some((group) => group === name));
const rounds = options.rounds === undefined ? null : Number(options.rounds);
const chosenSeeds = options.seeds?.split(',').map(Number);
const isCount = (value: number) => Number.isInteger(value) && value > 0;
if (
  !options.data ||
  !options.python ||
  unknown.length > 0 ||
  (rounds !== null && !isCount(rounds)) ||
  (chosenSeeds && !chosenSeeds.every(isCount))
) {
  console.error(`Usage: npm run bench -- --data DIR --python VENV [--quick] [--only ${GROUPS.join()}] [--rounds N] [--seeds 1,2,…]`);
  process.exit(2);
}
const data = options.data;
const inVenv = path.join(options.python, 'bin/python');
const python = existsSync(inVenv) ? inVenv : options.python;
const { quick } = options;
/** The quick form says whether all works and about how fast; it trains too little to compare what was learned. */
const form = quick
  ? { maxSteps: 40, seeds: chosenSeeds ?? [1], rounds: rounds ?? 1, steps: 4, speedSteps: 12, trainExamples: 1000, heldOut: 100 }
  : { maxSteps: 0, seeds: chosenSeeds ?? [1, 2, 3], rounds: rounds ?? 3, steps: 12, speedSteps: 100, trainExamples: 0, heldOut: 0 };

/** Who goes first alternates, so that a machine that warms up or slows down favours neither. */
async function pair<T, U>(round: number, thaw: () => Promise<T>, pytorch: () => Promise<U>): Promise<Pair<T, U>> {
  if (round % 2 === 0) return { thaw: await thaw(), pytorch: await pytorch() };
  const second = await pytorch();
  return { thaw: await thaw(), pytorch: second };
}

async function datasetOf(name: Dataset['name'], folder: string): Promise<Dataset> {
  if (name === 'AG News') return agNews(path.join(data, 'ag-news/test.csv'), folder, quick ? 5 : 1);
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

const projects = new Map<Dataset['name'], Promise<{ dataset: Dataset; project: string }>>();

/** The data set, and Thaw's project with it; made once. */
function imported(name: Dataset['name'], folder: string) {
  const make = async () => {
    const dataset = await datasetOf(name, folder);
    const project = path.join(folder, name);
    await importForThaw(dataset, project);
    return { dataset, project };
  };
  const found = projects.get(name) ?? make();
  projects.set(name, found);
  return found;
}

async function training(name: Dataset['name'], seeds: number[], folder: string): Promise<Row[]> {
  const { dataset, project } = await imported(name, folder);
  const pairs: Pair<ThawTraining, Training>[] = [];
  for (const [round, seed] of seeds.entries()) {
    const found = await pair(
      round,
      () => trainWithThaw(dataset, project, seed, { maxSteps: form.maxSteps }),
      () => trainWithTrainer(python, dataset, seed, { maxSteps: form.maxSteps }),
    );
    const tell = ({ seconds, examplesPerSecond, score }: Training) =>
      `${seconds.toFixed(1)} s, ${examplesPerSecond.toFixed(1)} examples/s, ${(100 * score).toFixed(2)} %`;
    console.error(`${name}, seed ${seed}: Thaw ${tell(found.thaw)}; Trainer ${tell(found.pytorch)}`);
    pairs.push(found);
  }
  const over = (side: 'thaw' | 'pytorch', figure: keyof Training) => mean(pairs.map((found) => found[side][figure]));
  const own = (figure: 'paddingFraction' | 'prepareSeconds') => mean(pairs.map(({ thaw }) => thaw[figure]));
  const measured = dataset.task === 'ner' ? 'entity F1' : 'accuracy';
  return [
    ratioRow(`${name}: training time`, 's', over('thaw', 'seconds'), over('pytorch', 'seconds'), 0.8),
    ratioRow(`${name}: peak memory`, 'MB', over('thaw', 'memoryMB'), over('pytorch', 'memoryMB'), 0.9),
    scoreRow(
      `${name}: test ${measured}, mean of ${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'}`,
      over('thaw', 'score'),
      over('pytorch', 'score'),
      !quick,
    ),
    limitRow(`${name}: positions that hold padding`, '%', 100 * own('paddingFraction'), 2),
    limitRow(`${name}: preparing a run (tokenizing, tracing, opening)`, 's', own('prepareSeconds'), 5),
  ];
}

/** SST-2 in float32 against the Trainer in bfloat16, which processors with AVX512-BF16 or AMX multiply faster: no fair pair, but what a user may see. */
async function halfPrecision(folder: string): Promise<Row[]> {
  const { dataset, project } = await imported('SST-2', folder);
  const { thaw, pytorch } = await pair(
    0,
    () => trainWithThaw(dataset, project, 1, { maxSteps: 0, epochs: 1 }),
    () => trainWithTrainer(python, dataset, 1, { maxSteps: form.speedSteps, bf16: true }),
  );
  return [{ ...speedRow('SST-2, the Trainer in bfloat16', thaw.examplesPerSecond, pytorch.examplesPerSecond, 1), target: '', met: null }];
}

/** The head alone on the whole of SST-2, solved for, against steps of the Trainer that trains all: a first time, and from the features that one kept. */
async function headOnly(folder: string): Promise<Row[]> {
  const { dataset, project } = await imported('SST-2', folder);
  await rm(path.join(project, 'cache'), { recursive: true, force: true });
  const head = () => trainWithThaw(dataset, project, 1, { maxSteps: 0, headOnly: true });
  const { thaw, pytorch } = await pair(0, head, () => trainWithTrainer(python, dataset, 1, { maxSteps: form.speedSteps }));
  const again = await head();
  return [
    speedRow('SST-2: head only, against an epoch that trains all', thaw.examplesPerSecond, pytorch.examplesPerSecond, 4),
    speedRow('SST-2: head only, features cached', again.examplesPerSecond, pytorch.examplesPerSecond, 50),
  ];
}

/** SST-2 at natural lengths against the Trainer with every text padded to 128 tokens: an epoch against some steps, which all cost alike. */
async function padded(folder: string): Promise<Row[]> {
  const { dataset, project } = await imported('SST-2', folder);
  const { thaw, pytorch } = await pair(
    0,
    () => trainWithThaw(dataset, project, 1, { maxSteps: 0, epochs: 1 }),
    () => trainWithTrainer(python, dataset, 1, { maxSteps: form.speedSteps, padded: true }),
  );
  return [speedRow('SST-2, the Trainer padding to 128', thaw.examplesPerSecond, pytorch.examplesPerSecond, 4)];
}

/** Embeddings and four layers frozen. A first epoch keeps their features, so what is timed is any later one. */
async function frozen(name: Dataset['name'], folder: string, least: number): Promise<Row[]> {
  const { dataset, project } = await imported(name, folder);
  await trainWithThaw(dataset, project, 1, { maxSteps: 0, epochs: 1, freeze: true });
  const { thaw, pytorch } = await pair(
    0,
    () => trainWithThaw(dataset, project, 2, { maxSteps: 0, epochs: 1, freeze: true }),
    () => trainWithTrainer(python, dataset, 2, { maxSteps: form.speedSteps, freeze: true }),
  );
  const work = `${name}: embeddings and 4 layers frozen, an epoch after the first`;
  return [speedRow(work, thaw.examplesPerSecond, pytorch.examplesPerSecond, least)];
}

async function predicting(folder: string): Promise<Row[]> {
  const { test } = await datasetOf('SST-2', folder);
  const pairs: Pair<Predicting>[] = [];
  for (let round = 0; round < form.rounds; round++)
    pairs.push(
      await pair(
        round,
        () => predictWithThaw(test),
        () => predictWithTrainer(python, test),
      ),
    );
  const best = (side: 'thaw' | 'pytorch') => Math.max(...pairs.map((found) => found[side].examplesPerSecond));
  const peak = (side: 'thaw' | 'pytorch') => Math.max(...pairs.map((found) => found[side].memoryMB));
  return [
    speedRow('SST-2 test, predicting at natural lengths', best('thaw'), best('pytorch'), 1.5),
    ratioRow('SST-2 test, predicting: peak memory', 'MB', peak('thaw'), peak('pytorch'), 1),
  ];
}

/** The libraries below: ONNX Runtime's products against PyTorch's, each at its best of some rounds. */
async function products(): Promise<Row[]> {
  const pairs: Pair<Products>[] = [];
  for (let round = 0; round < form.rounds; round++) pairs.push(await pair(round, productsOfThaw, () => productsOfPyTorch(python)));
  const best = (side: 'thaw' | 'pytorch', kind: keyof Products) => Math.max(...pairs.map((found) => found[side][kind]));
  const names = { forward: 'x·Wᵀ', inputs: 'dy·W', weights: 'dyᵀ·x' };
  return (Object.keys(names) as (keyof Products)[]).map((kind) =>
    rateRow(`matrix products ${names[kind]}, 2048 rows`, best('thaw', kind), best('pytorch', kind)),
  );
}

async function start(folder: string): Promise<Row[]> {
  const { project } = await imported('SST-2', folder);
  const found: number[] = [];
  for (let round = 0; round < form.rounds; round++) found.push(await secondsToFirstStep(project));
  return [limitRow('SST-2, 9,613 texts: from the command to the end of the first step', 's', Math.min(...found), 5)];
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
    ratioRow('step of 16 × 128 tokens', 'ms', best('thaw'), best('pytorch'), 0.71),
    ratioRow('step of 16 × 128 tokens: peak memory', 'MB', peak('thaw'), peak('pytorch'), 0.7),
  ];
}

const folder = await mkdtemp(path.join(tmpdir(), 'thaw-benchmark-'));
try {
  const measures: Record<Group, () => Promise<Row[]>> = {
    products,
    step: fixedStep,
    start: () => start(folder),
    sst2: () => training('SST-2', form.seeds, folder),
    agnews: () => training('AG News', form.seeds, folder),
    wikiann: () => training('WikiANN-en', form.seeds.slice(0, 3), folder),
    padded: () => padded(folder),
    bf16: () => halfPrecision(folder),
    frozen: async () => [...(await frozen('SST-2', folder, 3)), ...(await frozen('WikiANN-en', folder, 1.8))],
    head: () => headOnly(folder),
    predict: () => predicting(folder),
  };
  const rows: Row[] = [];
  for (const group of GROUPS) if (wanted.includes(group)) rows.push(...(await measures[group]()));
  console.log(
    `${cpus()[0].model}, ${availableParallelism()} logical processors, 2 threads each${quick ? `, quick form (${form.maxSteps} steps)` : ''}\n`,
  );
  console.log(tableOf(rows));
} finally {
  await rm(folder, { recursive: true, force: true });
}
