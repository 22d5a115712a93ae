/**
 * Fine-tuning on few texts of the built-in sentiment sample: whether runs collapse, and what freezing does.
 * Usage: npm run bench:small [-- --only collapse,freezing] [--seeds N] [--lr X] [--epochs N]
 */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse/sync';
import { mulberry32, shuffle } from '../../src/engine/text/index.ts';
import { openProject } from '../../src/main/database/index.ts';
import { resourcesFolder } from '../../src/main/entries.ts';
import { openRuns } from '../../src/main/services/runs.ts';
import { runConfigurationSchema, type RunConfiguration } from '../../src/shared/domain.ts';
import { proposedFor } from '../../src/shared/proposals.ts';
import { deviation, mean } from './statistics.ts';
import { aligned } from './table.ts';

const GROUPS = ['collapse', 'freezing'];
/** Draws of the training texts that each way of freezing is tried on. */
const DRAWS = 5;
const [VALIDATION, TEST] = [100, 1000];

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: GROUPS.join() },
    seeds: { type: 'string', default: '25' },
    lr: { type: 'string' },
    epochs: { type: 'string' },
  },
});
const chosen = {
  ...(values.lr !== undefined && { learningRate: Number(values.lr) }),
  ...(values.epochs !== undefined && { epochs: Number(values.epochs) }),
};

type Row = [text: string, label: string];

async function sample(): Promise<Row[]> {
  const rows = parse(await fs.readFile(path.join(resourcesFolder(), 'samples', 'sentiment.csv'), 'utf8'), { from_line: 2 }) as string[][];
  return rows.map(([text, label]) => [text, label]);
}

interface Splits {
  train: Row[];
  validation: Row[];
  test: Row[];
}

/** `perClass` texts of each label to train on; the held-out ones are the same in every draw. */
function drawn(rows: Row[], perClass: number, seed: number): Splits {
  const [validation, test, pool] = [rows.slice(0, VALIDATION), rows.slice(VALIDATION, VALIDATION + TEST), rows.slice(VALIDATION + TEST)];
  const mixed = shuffle([...pool], mulberry32(seed));
  const train = [...new Set(rows.map(([, label]) => label))].flatMap((label) => mixed.filter((row) => row[1] === label).slice(0, perClass));
  return { train, validation, test };
}

/** Test accuracy of each configuration, trained on those splits one after another. */
async function accuracies(splits: Splits, configurations: RunConfiguration[]): Promise<number[]> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'thaw-small-'));
  const project = await openProject(path.join(folder, 'project'), { create: { task: 'classification', name: 'Few texts' } });
  const runs = openRuns(project);
  try {
    for (const [split, rows] of Object.entries(splits) as [string, Row[]][]) {
      const file = path.join(folder, `${split}.jsonl`);
      await fs.writeFile(file, rows.map(([text, label]) => JSON.stringify({ text, label })).join('\n'));
      await project.importFile({ file, split });
    }
    const found: number[] = [];
    for (const configuration of configurations) {
      const { run } = await runs.start({ name: 'Few texts', configuration });
      const { status, error, test } = await runs.finished(run);
      if (status !== 'finished') throw new Error(`A run ${status}: ${error}`);
      found.push(test?.accuracy ?? NaN);
      console.error(`  ${(100 * found[found.length - 1]).toFixed(1)} %`);
    }
    return found;
  } finally {
    await runs.close();
    await project.close();
    await fs.rm(folder, { recursive: true, force: true });
  }
}

const configured = (examples: number, more: Partial<RunConfiguration>): RunConfiguration =>
  runConfigurationSchema.parse({ ...proposedFor(examples), ...chosen, ...more });
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** A run has collapsed where it does no better than always saying the more frequent label (Mosbach et al. 2021), by two standard errors. */
async function collapse(rows: Row[], seeds: number): Promise<void> {
  const splits = drawn(rows, 100, 1);
  const counts = [...Map.groupBy(splits.test, ([, label]) => label).values()].map((members) => members.length / TEST);
  const majority = Math.max(...counts);
  const found = await accuracies(
    splits,
    Array.from({ length: seeds }, (_, index) => configured(splits.train.length, { seed: index + 1 })),
  );
  const sorted = [...found].sort((a, b) => a - b);
  const bound = majority + 2 * Math.sqrt((majority * (1 - majority)) / TEST);
  const { epochs, learningRate, warmup } = configured(splits.train.length, {});
  console.log(`${splits.train.length} training texts, ${epochs} epochs, learning rate ${learningRate}, warm-up ${percent(warmup)}:`);
  console.log(
    `${seeds} seeds: ${percent(sorted[0])} to ${percent(sorted.at(-1)!)}, median ${percent(sorted[sorted.length >> 1])}, sd ${percent(deviation(found))}; ` +
      `majority class ${percent(majority)}; collapsed: ${found.filter((accuracy) => accuracy <= bound).length}`,
  );
}

const WAYS: Record<string, Partial<RunConfiguration>> = {
  'nothing frozen': {},
  'embeddings frozen': { freeze: ['embeddings'] },
  'embeddings and 0–3 frozen': { freeze: ['embeddings', '0', '1', '2', '3'] },
  'adapters of rank 8': { lora: 8, learningRate: 5e-4 },
  'head alone': { headOnly: true },
};

async function freezing(rows: Row[]): Promise<void> {
  const sizes = [16, 32, 64];
  const table = new Map(Object.keys(WAYS).map((way) => [way, [] as string[]]));
  for (const perClass of sizes) {
    const byWay = Object.keys(WAYS).map((): number[] => []);
    for (let draw = 1; draw <= DRAWS; draw++) {
      const configurations = Object.values(WAYS).map((way) => configured(2 * perClass, { seed: draw, ...way }));
      (await accuracies(drawn(rows, perClass, draw), configurations)).forEach((accuracy, way) => byWay[way].push(accuracy));
    }
    Object.keys(WAYS).forEach((way, index) => table.get(way)!.push(`${percent(mean(byWay[index]))} ± ${percent(deviation(byWay[index]))}`));
  }
  console.log(`\ntest accuracy, mean ± sd of ${DRAWS} draws of the training texts`);
  console.log(aligned([['', ...sizes.map((size) => `${size} a class`)], ...[...table].map(([way, cells]) => [way, ...cells])]));
}

const rows = await sample();
if (values.only.split(',').includes('collapse')) await collapse(rows, Number(values.seeds));
if (values.only.split(',').includes('freezing')) await freezing(rows);
