/** The two sides of a benchmark, each in a process of its own: Thaw by its command line, PyTorch by the scripts beside this file. */
import { spawn } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { allocator } from '../../src/main/services/allocator.ts';

const here = import.meta.dirname;
const root = path.resolve(here, '../..');
export const base = path.join(root, 'resources/models/all-MiniLM-L6-v2');
const THREADS = 2;

export interface Dataset {
  name: 'SST-2' | 'AG News' | 'WikiANN-en';
  task: 'classification' | 'ner';
  train: string;
  validation: string;
  test: string;
  epochs: number;
  learningRate: number;
}

/** `score`: test accuracy, or entity F1. */
export interface Training {
  seconds: number;
  examplesPerSecond: number;
  memoryMB: number;
  score: number;
}
/** What only Thaw's own runs tell. */
export interface ThawTraining extends Training {
  paddingFraction: number;
  prepareSeconds: number;
}
/**
 * How one training differs from the data set's own: `freeze` holds the embeddings and the lowest four layers, `headOnly` all but the head (Thaw's side
 * alone), `padded` pads to 128 tokens and `bf16` multiplies in bfloat16 (the Trainer's side alone).
 */
export interface Variant {
  maxSteps: number;
  epochs?: number;
  freeze?: boolean;
  headOnly?: boolean;
  padded?: boolean;
  bf16?: boolean;
}

export interface Step {
  milliseconds: number;
  memoryMB: number;
}

/** The last line a command prints, as JSON; its messages pass through only when it fails. */
async function lastLine(command: string, args: string[], environment: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  const messages: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => messages.push(text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${String(code)}:\n${messages.join('').slice(-3000)}`);
  return JSON.parse(output.join('').trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

export const thaw = (...args: string[]) => lastLine(process.execPath, [path.join(root, 'src/cli/index.ts'), ...args, '--json']);

export async function importForThaw(data: Dataset, project: string): Promise<void> {
  for (const split of ['train', 'validation', 'test'] as const)
    await thaw('import', data[split], '--project', project, '--task', data.task, '--no-header', '--split', split);
}

const chosen = (data: Dataset, seed: number, { epochs = data.epochs, maxSteps }: Variant) => [
  '--epochs',
  String(epochs),
  '--lr',
  String(data.learningRate),
  '--seed',
  String(seed),
  ...(maxSteps ? ['--max-steps', String(maxSteps)] : []),
];

export async function trainWithThaw(data: Dataset, project: string, seed: number, variant: Variant): Promise<ThawTraining> {
  const fixed = ['--base', base, '--batch-size', '16', '--max-length', '128', '--order', 'grouped', '--threads', String(THREADS)];
  const frozen = [...(variant.freeze ? ['--freeze', 'embeddings,0-3'] : []), ...(variant.headOnly ? ['--head-only'] : [])];
  const found = (await thaw('train', '--project', project, ...fixed, ...frozen, ...chosen(data, seed, variant))) as {
    trainSeconds: number;
    prepareSeconds: number;
    examplesPerSecond: number;
    paddingFraction: number;
    peakMemoryMB: number;
    test: { accuracy?: number; f1?: number };
  };
  const { trainSeconds: seconds, prepareSeconds, examplesPerSecond, paddingFraction, peakMemoryMB: memoryMB, test } = found;
  return { seconds, prepareSeconds, examplesPerSecond, paddingFraction, memoryMB, score: test.accuracy ?? test.f1 ?? NaN };
}

export async function trainWithTrainer(python: string, data: Dataset, seed: number, variant: Variant): Promise<Training> {
  const files = ['--train', data.train, '--dev', data.validation, '--test', data.test];
  const task = data.task === 'ner' ? 'ner' : 'classify';
  const varied = [
    ...(variant.freeze ? ['--freeze', '4'] : []),
    ...(variant.padded ? ['--pad-max'] : []),
    ...(variant.bf16 ? ['--bf16'] : []),
  ];
  const found = (await lastLine(
    python,
    [path.join(here, 'hf_finetune.py'), '--task', task, '--base', base, ...files, ...varied, ...chosen(data, seed, variant)],
    offline,
  )) as {
    train_s: number;
    examples_per_s: number;
    rss_mb: number;
    test: { eval_accuracy?: number; eval_f1?: number };
  };
  return {
    seconds: found.train_s,
    examplesPerSecond: found.examples_per_s,
    memoryMB: found.rss_mb,
    score: found.test.eval_accuracy ?? found.test.eval_f1 ?? NaN,
  };
}

/** Wall time from the command to the end of its first step: starting the processes, snapshot, tokenizing, tracing, opening. */
export async function secondsToFirstStep(project: string): Promise<number> {
  const log = path.join(project, 'first-step.jsonl');
  const started = performance.now();
  const training = thaw('train', '--project', project, '--base', base, '--max-steps', '1', '--threads', String(THREADS), '--log', log);
  let seconds: number | null = null;
  const ended = training.then(() => (seconds ??= NaN));
  while (seconds === null) {
    const written = await stat(log).catch(() => null);
    if (written && written.size > 0) seconds = (performance.now() - started) / 1000;
    else await Promise.race([setTimeout(5), ended]);
  }
  await ended;
  await rm(log);
  return seconds;
}

const offline = { HF_HUB_OFFLINE: '1', OMP_NUM_THREADS: String(THREADS) };

const stepOf = (found: Record<string, unknown>): Step => ({ milliseconds: found.min_ms as number, memoryMB: found.rss_mb as number });

export async function stepOfThaw(steps: number): Promise<Step> {
  return stepOf(await lastLine(process.execPath, [path.join(here, 'step.ts'), '16', '128', String(steps), String(THREADS)], allocator));
}

export async function stepOfPyTorch(python: string, steps: number): Promise<Step> {
  return stepOf(await lastLine(python, [path.join(here, 'hf_steps.py'), '16', '128', String(steps)], offline));
}

/** Predicting every text of a file: examples a second. */
export interface Predicting {
  examplesPerSecond: number;
  memoryMB: number;
}
const predictingOf = (found: Record<string, unknown>): Predicting => ({
  examplesPerSecond: found.examples_per_s as number,
  memoryMB: found.rss_mb as number,
});

export async function predictWithThaw(file: string): Promise<Predicting> {
  return predictingOf(await lastLine(process.execPath, [path.join(here, 'predict.ts'), file, '2', String(THREADS)], allocator));
}

export async function predictWithTrainer(python: string, file: string): Promise<Predicting> {
  return predictingOf(await lastLine(python, [path.join(here, 'hf_predict.py'), base, file, '64', '2'], offline));
}

/** GFLOP/s of a step's matrix products: x·Wᵀ, dy·W and dyᵀ·x. */
export interface Products {
  forward: number;
  inputs: number;
  weights: number;
}
export async function productsOfThaw(): Promise<Products> {
  return (await lastLine(process.execPath, [path.join(here, 'products.ts'), '12', String(THREADS)])) as unknown as Products;
}
export async function productsOfPyTorch(python: string): Promise<Products> {
  return (await lastLine(python, [path.join(here, 'hf_products.py')], offline)) as unknown as Products;
}
