/**
 * What learning beside a person takes, and whether its queues are worth it, on SST-2 and the topics sample with the
 * built-in base model.
 * Usage: npm run bench:learning -- --data DIR [--only speed|worth|suspects|entities|curve] [--seeds N]; DIR holds sst2/{train,dev,test}.tsv (text, tab, 0 or 1) and
 * wikiann-en/{train,dev}.conll
 */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { queueRequestSchema } from '../../src/shared/learning.ts';
import { mulberry32, shuffle } from '../../src/engine/text/index.ts';
import { openProject, type Project } from '../../src/main/database/index.ts';
import { Learner, queueOf, suspectsOf } from '../../src/main/services/learning/index.ts';
import type { LearningSession } from '../../src/trainer/learning.ts';
import { childrenOf } from '../integration/thaw.ts';
import { curves } from './learning-curve.ts';
import { entitiesSpeed, entitiesSuspects, entitiesWorth } from './learning-entities.ts';
import { memoryOf, summary, until } from './learning-measures.ts';
import { figuresOf, labelings, openTask, readSst2, STRATEGIES, tasks, type Labeled, type Strategy, type Task } from './learning-tasks.ts';
import { aligned } from './table.ts';

const { values } = parseArgs({ options: { data: { type: 'string' }, only: { type: 'string' }, seeds: { type: 'string', default: '5' } } });
if (!values.data) throw new Error('--data names the folder with sst2/');

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
const NAMES = ['negative', 'positive'];

/** 10,000 texts: SST-2's, each with a number before it where they are not so many. */
async function tenThousand(): Promise<Labeled[]> {
  const all = [
    ...(await readSst2(values.data!, 'train')),
    ...(await readSst2(values.data!, 'dev')),
    ...(await readSst2(values.data!, 'test')),
  ];
  return Array.from({ length: 10_000 }, (_, at) => ({
    ...all[at % all.length],
    text: at < all.length ? all[at].text : `${at} ${all[at % all.length].text}`,
  }));
}

async function speed(): Promise<void> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'thaw-learning-'));
  const texts = await tenThousand();
  const file = path.join(folder, 'texts.jsonl');
  await fs.writeFile(file, texts.map(({ text }) => JSON.stringify({ text })).join('\n'));
  const project = await openProject(path.join(folder, 'project'), { create: { task: 'classification', name: 'SST-2' } });
  const learner = new Learner(project);
  const rows: string[][] = [];
  const tell = (...row: string[]) => {
    console.error(row.join('  '));
    rows.push(row);
  };
  try {
    await project.importFile({ file, text: 'text', split: 'train' });
    for (const name of NAMES) await project.createLabel(name);
    const save = (id: number) => project.annotate({ id, annotation: { label: NAMES[texts[id - 1].label], spans: null }, skipped: false });
    const alone = await timedSaves(save, 1, 40);

    const began = performance.now();
    const embedding = until(learner, ({ embedded }) => embedded.done === 10_000);
    await until(learner, ({ embedded }) => embedded.done > 0);
    const beside = await timedSaves(save, 41, 99);
    const left = performance.now();
    await embedding;
    tell('10,000 texts run through the base model', seconds(performance.now() - began));
    tell('a label saved, nothing beside it (longest of 40)', `${alone.toFixed(1)} ms`);
    tell('a label saved while texts are run (longest of 59)', `${beside.toFixed(1)} ms`);
    if (performance.now() <= left) throw new Error('the texts were run through too early to measure beside');

    for (const count of [100, 1000, 5000]) await speedAt(project, learner, save, count, tell);
    const { now, peak } = await memoryOf(childrenOf(process.pid)[0]);
    tell('memory of the process, then and at most', `${now.toFixed(0)} MB, ${peak.toFixed(0)} MB`);
  } finally {
    await learner.close();
    await project.close();
    await fs.rm(folder, { recursive: true, force: true });
  }
  console.log(`${os.cpus()[0].model}, ${os.availableParallelism()} threads\n\n${aligned(rows)}\n`);
}

/** ms of the longest save, one after another. */
async function timedSaves(save: (id: number) => Promise<unknown>, from: number, to: number): Promise<number> {
  let longest = 0;
  for (let id = from; id <= to; id++) {
    const began = performance.now();
    await save(id);
    longest = Math.max(longest, performance.now() - began);
  }
  return longest;
}

async function speedAt(
  project: Project,
  learner: Learner,
  save: (id: number) => Promise<unknown>,
  count: number,
  tell: (...row: string[]) => void,
): Promise<void> {
  const { labeled } = await project.summary();
  for (let id = labeled + 1; id <= count; id++) await save(id);
  await until(learner, ({ labels }) => labels === count);
  // The penalty is chosen anew meanwhile: once it is, one label more.
  const took: number[] = [];
  const fits: number[] = [];
  for (let id = count + 1; id <= count + 5; id++) {
    await save(id);
    const began = performance.now();
    const { fitMs } = await until(learner, ({ labels }) => labels === id);
    took.push(performance.now() - began);
    fits.push(fitMs!);
  }
  const label = count.toLocaleString('en');
  tell(
    `${label} labels: from one more to the head that knows it (longest of 5; its fit)`,
    `${Math.max(...took).toFixed(0)} ms, ${Math.max(...fits).toFixed(0)} ms`,
  );
  for (const queue of ['uncertain', 'entropy', 'diverse', 'random'] as const) {
    const began = performance.now();
    await queueOf(learner, queueRequestSchema.parse({ queue, limit: 20 }));
    tell(`${label} labels: the others in the order of ${queue}, first 20`, `${(performance.now() - began).toFixed(0)} ms`);
  }
}

const COUNTS = [50, 100, 200, 400];

/** What the head is worth on the test set after each count of labels that a simulated person gives. */
async function simulate(session: LearningSession, task: Task, strategy: Strategy, seed: number): Promise<number[]> {
  const values: number[] = [];
  for await (const labeled of labelings(session, task, strategy, seed, COUNTS)) {
    const found = [...labeled].filter((id) => task.train[id].label === 1).length;
    // On a test set of as many texts of each label it is about the accuracy.
    values.push(task.measure === 'found' ? found : 100 * (await figuresOf(session, task)).macroF1!);
  }
  return values;
}

async function worth(): Promise<void> {
  const cache = await fs.mkdtemp(path.join(os.tmpdir(), 'thaw-learning-'));
  try {
    for (const task of await tasks(values.data!)) await worthOf(task, cache);
  } finally {
    await fs.rm(cache, { recursive: true, force: true });
  }
}
async function worthOf(task: Task, cache: string): Promise<void> {
  const seeds = Array.from({ length: Number(values.seeds) }, (_, at) => at + 1);
  const strategies = STRATEGIES.filter((strategy) => strategy !== 'entropy' || task.classes > 2);
  const results = new Map<Strategy, number[][]>(strategies.map((strategy) => [strategy, []]));
  for (const strategy of strategies)
    for (const seed of seeds) {
      // A session for each: what it chose before must not help.
      const session = await openTask(task, cache);
      const scores = await simulate(session, task, strategy, seed);
      await session.close();
      console.error(task.name, strategy, seed, scores.map((score) => score.toFixed(1)).join('  '));
      results.get(strategy)!.push(scores);
    }
  const cells = (all: number[][]) => COUNTS.map((_, at) => summary(all, at, results.get('random')!));
  const lines = [...results].map(([strategy, all]) => [strategy, ...cells(all)]);
  const what = task.measure === 'found' ? 'positive texts among the labeled ones' : 'macro F1 of the head on the test set in percent';
  console.log(`${task.name}: ${what} by number of labels, mean ± standard deviation over ${seeds.length} seeds;`);
  console.log(`in brackets the difference from random with the same seed\n\n${aligned([['labels', ...COUNTS.map(String)], ...lines])}\n`);
}
async function foreseen(): Promise<void> {
  const cache = await fs.mkdtemp(path.join(os.tmpdir(), 'thaw-learning-'));
  try {
    for (const task of await tasks(values.data!))
      if (task.test.length > 0) await curves(task, cache, ['random', 'uncertain'], Number(values.seeds));
  } finally {
    await fs.rm(cache, { recursive: true, force: true });
  }
}

/** Texts whose labels are looked through, and the share of those that are turned over. */
const [LOOKED_THROUGH, TURNED] = [5000, 0.05];

/** Of the labels that look the most wrong, how many are: labels of SST-2 that were turned over on purpose. Its own errors count as right. */
async function suspects(): Promise<void> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'thaw-suspects-'));
  const train = await readSst2(values.data!, 'train');
  const rows: string[][] = [['seed', 'in the worst 3 %', 'suspects', 'turned over among them', 'of all turned over', 'seconds']];
  try {
    for (let seed = 1; seed <= Number(values.seeds); seed++)
      rows.push([`${seed}`, ...(await suspectsAmong(train, seed, path.join(folder, `${seed}`)))]);
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
  console.log(
    `SST-2, ${LOOKED_THROUGH.toLocaleString('en')} texts, ${100 * TURNED} % of the labels turned over: how many of those that look wrong were\n\n${aligned(rows)}\n`,
  );
}

async function suspectsAmong(train: Labeled[], seed: number, folder: string): Promise<string[]> {
  const random = mulberry32(seed);
  const texts = shuffle([...train], random).slice(0, LOOKED_THROUGH);
  const turned = new Set(shuffle([...texts.keys()], random).slice(0, TURNED * texts.length));
  const file = `${folder}.jsonl`;
  const line = ({ text, label }: Labeled, at: number) => JSON.stringify({ text, label: NAMES[turned.has(at) ? 1 - label : label] });
  await fs.writeFile(file, texts.map(line).join('\n'));
  const project = await openProject(folder, { create: { task: 'classification', name: 'SST-2' } });
  const learner = new Learner(project);
  try {
    await project.importFile({ file, split: 'train' });
    await until(learner, ({ phase, embedded }) => phase === 'ready' && embedded.done === embedded.total);
    const began = performance.now();
    const found = await everySuspect(project, learner);
    const took = performance.now() - began;
    const wrong = (ids: number[]) => ids.filter((id) => turned.has(id - 1)).length;
    const worst = found.slice(0, Math.round(0.03 * texts.length));
    const share = (part: number, all: number) => `${((100 * part) / all).toFixed(1)} %`;
    return [
      share(wrong(worst), worst.length),
      `${found.length}`,
      share(wrong(found), found.length),
      share(wrong(found), turned.size),
      seconds(took),
    ];
  } finally {
    await learner.close();
    await project.close();
  }
}
async function everySuspect(project: Project, learner: Learner): Promise<number[]> {
  const { rows } = await suspectsOf(project, learner, { offset: 0, limit: LOOKED_THROUGH });
  return rows.map(({ id }) => id);
}

const wanted = values.only?.split(',') ?? ['speed', 'worth', 'suspects', 'curve', 'entities'];
if (wanted.includes('speed')) await speed();
if (wanted.includes('worth')) await worth();
if (wanted.includes('suspects')) await suspects();
if (wanted.includes('curve')) await foreseen();
if (wanted.includes('entities')) {
  await entitiesSpeed(values.data);
  await entitiesWorth(values.data, Number(values.seeds));
  await entitiesSuspects(values.data, Number(values.seeds));
}
