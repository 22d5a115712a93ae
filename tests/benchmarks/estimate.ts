/**
 * What `thaw estimate` says of memory and time against what the same runs take, on the built-in samples and base.
 * Usage: npm run bench:estimate [-- --only NAME,…] [--quick]; quick: eight steps each, memory alone is judged
 */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { writeSafetensors } from '../../src/engine/index.ts';
import { architectureOf } from '../../src/engine/models/base.ts';
import { baseParameters } from '../../src/engine/models/parameters.ts';
import { product } from '../../src/engine/graph/index.ts';
import { mulberry32 } from '../../src/engine/text/index.ts';
import type { Estimate, RunFigures } from '../../src/shared/domain.ts';
import { base, thaw } from './contestants.ts';
import { aligned } from './table.ts';

interface Configuration {
  data: 'sentiment' | 'entities' | 'long';
  options: string[];
}
/** A whole run is as long as its data; these are cut short by steps. */
const CONFIGURATIONS: Record<string, Configuration> = {
  'all layers, 16 texts': { data: 'sentiment', options: ['--epochs', '1'] },
  '64 texts, length 64': { data: 'sentiment', options: ['--epochs', '1', '--batch-size', '64', '--max-length', '64'] },
  'embeddings and 0-3 frozen': { data: 'sentiment', options: ['--epochs', '3', '--freeze', 'embeddings,0-3'] },
  '4 batches of 8 a step': { data: 'sentiment', options: ['--epochs', '1', '--batch-size', '8', '--accumulate', '4', '--max-steps', '40'] },
  'long texts, 512 tokens': { data: 'long', options: ['--epochs', '1', '--batch-size', '8', '--max-length', '512', '--max-steps', '24'] },
  'named entities': { data: 'entities', options: ['--epochs', '1'] },
  ModernBERT: { data: 'sentiment', options: ['--epochs', '1', '--base', 'modernbert', '--max-steps', '100'] },
  'head alone': { data: 'sentiment', options: ['--head-only'] },
};
const LIMITS = { memory: 0.2, time: 0.25 };

const { values } = parseArgs({ options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } } });
const wanted = values.only?.split(',') ?? Object.keys(CONFIGURATIONS);

/** Sentences joined by sixteens: texts of some 400 tokens. */
async function longTexts(folder: string): Promise<string> {
  const [head, ...rows] = (await fs.readFile(sample('sentiment.csv'), 'utf8')).trim().split(/\r?\n/);
  const label = (row: string) => row.split(',').at(-2);
  const text = (row: string) => row.split(',').slice(0, -2).join().replaceAll('"', '');
  const joined = Array.from({ length: Math.floor(rows.length / 16) }, (_, at) => rows.slice(16 * at, 16 * at + 16));
  const file = path.join(folder, 'long.csv');
  await fs.writeFile(file, [head, ...joined.map((group) => `"${group.map(text).join(' ')}",${label(group[0])},joined`)].join('\n'));
  return file;
}
const sample = (name: string) => path.resolve(import.meta.dirname, '../../resources/samples', name);

/** A model of another family, with weights drawn anew and the embedded base's tokenizer. */
async function modernBert(folder: string): Promise<string> {
  await fs.mkdir(folder);
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) await fs.copyFile(path.join(base, name), path.join(folder, name));
  const config = {
    model_type: 'modernbert', vocab_size: 30_522, hidden_size: 384, intermediate_size: 576, num_hidden_layers: 6, num_attention_heads: 6,
    max_position_embeddings: 512, pad_token_id: 0, local_attention: 128, global_attn_every_n_layers: 3,
  }; // prettier-ignore
  await fs.writeFile(path.join(folder, 'config.json'), JSON.stringify(config));
  const architecture = architectureOf(folder);
  const random = mulberry32(1);
  const draw = (count: number) => Float32Array.from({ length: count }, () => (random() - 0.5) * 0.07);
  const tensors = baseParameters(architecture.family, architecture.config).map(({ name, shape, fresh }) => [name, { shape, data: fresh.mean ? new Float32Array(product(shape)).fill(fresh.mean) : draw(product(shape)) }] as const); // prettier-ignore
  await writeSafetensors(path.join(folder, 'model.safetensors'), new Map(tensors));
  return folder;
}

const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'thaw-estimate-'));
try {
  process.env.THAW_HOME ??= path.join(folder, 'home');
  const modern = await modernBert(path.join(folder, 'modernbert'));
  const lines = [['run', 'memory', 'measured', 'off by', 'training', 'measured', 'off by', '']];
  let missed = 0;
  for (const name of wanted) {
    const { data, options } = CONFIGURATIONS[name];
    const project = path.join(folder, name.replaceAll(' ', '-'));
    const file = data === 'long' ? await longTexts(folder) : sample(data === 'entities' ? 'entities.conll' : `${data}.csv`);
    await thaw('import', file, '--project', project);
    const all = options.map((option) => (option === 'modernbert' ? modern : option));
    if (values.quick && !all.includes('--head-only')) all.push('--max-steps', '8');
    const told = (await thaw('estimate', '--project', project, ...all)) as unknown as Estimate;
    const taken = (await thaw('train', '--project', project, ...all)) as unknown as RunFigures;
    const off = (predicted: number, measured: number) => predicted / measured - 1;
    const [memory, time] = [off(told.memoryMB ?? NaN, taken.peakMemoryMB), off(told.seconds ?? NaN, taken.trainSeconds)];
    const met = Math.abs(memory) <= LIMITS.memory && (values.quick || Math.abs(time) <= LIMITS.time);
    if (!met) missed += 1;
    const show = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(0)} %`;
    const row = [
      name,
      `${told.memoryMB?.toFixed(0)} MB`,
      `${taken.peakMemoryMB.toFixed(0)} MB`,
      show(memory),
      `${told.seconds?.toFixed(1)} s`,
      `${taken.trainSeconds.toFixed(1)} s`,
      show(time),
      met ? 'met' : 'MISSED',
    ];
    console.error(row.join('  '));
    lines.push(row);
  }
  console.log(`${os.cpus()[0].model}; targets: memory ± ${100 * LIMITS.memory} %, time ± ${100 * LIMITS.time} %\n\n${aligned(lines)}`);
  process.exitCode = missed ? 1 : 0;
} finally {
  await fs.rm(folder, { recursive: true, force: true });
}
